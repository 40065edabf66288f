// Actions when tickets reach a status: once for each entry, in order, each with its record.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { BatonRecord } from '../../src/db/db.ts';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';
import { openTimeline, type Timeline } from '../support/timeline.ts';

const note = (id: string, body = `note ${id}`) => ({ id, kind: 'add-note', body });
const task = (id: string, more: object = {}) => ({
  id,
  kind: 'create-task',
  subject: `task ${id}`,
  dueInHours: 4,
  ...more,
});
const priority = (id: string, value = 'HIGH') => ({
  id,
  kind: 'set-property',
  property: 'hs_ticket_priority',
  value,
});

describe('stage actions', () => {
  let system: System;
  let acme: InstalledPortal;
  let timeline: Timeline;

  before(async () => {
    system = await startSystem({ limits: { leaseMs: 1_500 }, emulator: { limits: roomyLimits } });
    acme = await system.install({ portalId: '57000001', ticketsForNewConversations: true });
    timeline = openTimeline(system, acme.id);
  });
  after(async () => {
    await timeline.close();
    await system.stop();
  });
  beforeEach(() => system.emulator.faults.clear());

  const saveActions = (stageActions: Record<string, object[]>, more: object = {}) =>
    acme.saveSettings({ pipelines: { '0': { stageActions } }, ...more });

  function createTicket(stageId = '1', contactIds: string[] = []): string {
    return acme.portal.createTicket({ pipelineId: '0', stageId, userId: acme.userId, contactIds }).ticketId;
  }

  /** The ticket's records of actions, oldest first. */
  async function actsOf(ticketId: string): Promise<BatonRecord[]> {
    return (await acme.records(ticketId)).filter(({ action }) => action !== null).reverse();
  }

  async function endsOf(ticketId: string) {
    const acts = await actsOf(ticketId);
    return acts.map(({ action, decision, outcome, reason }) => [action?.id, decision, outcome, reason]);
  }

  it('run once each and in order when a ticket is made in the status, with a record each', async () => {
    const owner = acme.portal.look().users[0]?.ownerId as string;
    const actions = [task('a'), note('b'), priority('c'), { id: 'd', kind: 'assign-owner', ownerId: owner }];
    await saveActions({ '1': actions });
    const ticketId = createTicket();
    await system.settled();
    assert.deepEqual(await endsOf(ticketId), [
      ['a', 'act', 'done', null],
      ['b', 'act', 'done', null],
      ['c', 'act', 'done', null],
      ['d', 'act', 'done', null],
    ]);
    const [first] = await actsOf(ticketId);
    assert.equal(first?.trigger, 'stage-entry');
    assert.equal(first?.verdict, null);
    assert.equal(first?.toStageId, '1');
    assert.deepEqual(first?.action, { id: 'a', kind: 'create-task' });
    assert.ok(first?.latencyMs !== null && (first?.latencyMs ?? -1) >= 0);
    assert.deepEqual(await timeline.notes(ticketId), ['note b']);
    assert.deepEqual(
      (await timeline.tasks(ticketId)).map(({ hs_task_subject: subject }) => subject),
      ['task a'],
    );
    const { properties } = acme.portal.ticket(ticketId);
    assert.equal(properties.hs_ticket_priority, 'HIGH');
    assert.equal(properties.hubspot_owner_id, owner);
  });

  it('a failing action is recorded with the words of HubSpot and does not stop the next', async () => {
    await saveActions({ '1': [priority('a', 'NO_SUCH_VALUE'), note('b')] });
    const ticketId = createTicket();
    await system.settled();
    assert.deepEqual(await endsOf(ticketId), [
      ['a', 'act', 'failed', 'refused-by-hubspot'],
      ['b', 'act', 'done', null],
    ]);
    assert.match((await actsOf(ticketId))[0]?.error ?? '', /NO_SUCH_VALUE|hs_ticket_priority/);
  });

  it('a text is filled in from ticket, contact, owner, status and pipeline, and shown as it was typed', async () => {
    const { contactId } = acme.portal.addContact({ email: 'casey@customer.example', name: 'Casey <b>Jones</b>' });
    const body = '{{contact.firstname}} & {{contact.lastname}} / {{stage.label}} / {{pipeline.label}} / {{ticket.id}}';
    await saveActions({ '1': [note('a', body), task('b', { subject: 'Call {{contact.lastname}}\nnow' })] });
    const ticketId = createTicket('1', [contactId]);
    await system.settled();
    assert.deepEqual(await timeline.notes(ticketId), [
      `Casey &amp; &lt;b&gt;Jones&lt;/b&gt; / New / Support Pipeline / ${ticketId}`,
    ]);
    assert.equal((await timeline.tasks(ticketId))[0]?.hs_task_subject, 'Call <b>Jones</b> now');
  });

  it('a missing value holds that action alone, and the record names it', async () => {
    await saveActions({
      '1': [note('a', 'For {{contact.firstname}}'), note('b', '{{ticket.nothing | default: "x"}}')],
    });
    const ticketId = createTicket();
    await system.settled();
    assert.deepEqual(await endsOf(ticketId), [
      ['a', 'stay', 'skipped', 'held'],
      ['b', 'act', 'done', null],
    ]);
    assert.match((await actsOf(ticketId))[0]?.error ?? '', /\{\{contact\.firstname\}\} has no value/);
  });

  it('paused, nothing runs and nothing is made up for; in shadow it is only recorded', async () => {
    await saveActions({ '1': [note('a'), task('b'), priority('c')] }, { paused: true });
    const paused = createTicket();
    await system.settled();
    await saveActions({ '1': [note('a'), task('b'), priority('c')] }, { shadow: true });
    const shadow = createTicket();
    await system.settled();
    await saveActions({ '1': [note('a')] });
    await system.settled();
    for (const [ticketId, ends] of [
      [paused, ['stay', 'skipped', 'paused']],
      [shadow, ['act', 'shadow', null]],
    ] as const) {
      assert.deepEqual(
        (await endsOf(ticketId)).map((end) => end.slice(1)),
        [ends, ends, ends],
      );
      assert.deepEqual(await timeline.notes(ticketId), []);
      assert.deepEqual(await timeline.tasks(ticketId), []);
      assert.notEqual(acme.portal.ticket(ticketId).properties.hs_ticket_priority, 'HIGH');
    }
  });

  it('an answer lost after the change makes no second note and no second task', async () => {
    const { add } = system.emulator.faults;
    add({ method: 'POST', path: /objects\/[\d-]+\/notes$/, kind: 'apply-then-drop', times: 1 });
    add({ method: 'POST', path: /objects\/[\d-]+\/tasks$/, kind: 'apply-then-drop', times: 1 });
    await saveActions({ '1': [note('a', 'same'), note('b', 'same'), task('c')] });
    const ticketId = createTicket();
    await system.settled();
    assert.deepEqual(await timeline.notes(ticketId), ['same', 'same']);
    assert.equal((await timeline.tasks(ticketId)).length, 1);
    const ends = (await endsOf(ticketId)).sort();
    assert.deepEqual(ends, [
      ['a', 'act', 'done', null],
      ['b', 'act', 'done', null],
      ['c', 'act', 'done', null],
    ]);
  });

  it('a request lost before the change is sent again, and only that action waits for it', async () => {
    const { add } = system.emulator.faults;
    add({ method: 'POST', path: /objects\/[\d-]+\/notes$/, kind: 'drop', times: 1 });
    add({ method: 'PATCH', path: /objects\/[\d-]+\/tickets\/\d+$/, kind: 'status', status: 423, times: 1 });
    await saveActions({ '1': [note('a'), priority('b'), task('c')] });
    const ticketId = createTicket();
    await system.settled();
    assert.deepEqual(
      (await actsOf(ticketId)).map(({ action }) => action?.id),
      ['c', 'a', 'b'],
    );
    assert.deepEqual(await timeline.notes(ticketId), ['note a']);
    assert.equal((await timeline.tasks(ticketId)).length, 1);
  });

  it('a missing permission is named in the record of its action', async () => {
    const body = {
      status: 'error',
      category: 'MISSING_SCOPES',
      message: 'This app has no access.',
      correlationId: 'x',
    };
    system.emulator.faults.add({ method: 'POST', path: /\/notes$/, kind: 'status', status: 403, body });
    await saveActions({ '1': [note('a'), task('b')] });
    const ticketId = createTicket();
    await system.settled();
    assert.deepEqual(await endsOf(ticketId), [
      ['a', 'act', 'failed', 'scope-missing'],
      ['b', 'act', 'done', null],
    ]);
  });
});
