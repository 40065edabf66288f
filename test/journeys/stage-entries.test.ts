// Entries of tickets into a status: each counts once, whatever HubSpot tells of it and in whichever order.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { BatonRecord } from '../../src/db/db.ts';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';
import { openTimeline, type Timeline } from '../support/timeline.ts';

const note = (id: string, body = `note ${id}`) => ({ id, kind: 'add-note', body });
const priority = (id: string, value = 'HIGH') => ({
  id,
  kind: 'set-property',
  property: 'hs_ticket_priority',
  value,
});

describe('the actions of an entry into a status', () => {
  let system: System;
  let acme: InstalledPortal;
  let timeline: Timeline;

  before(async () => {
    system = await startSystem({ limits: { leaseMs: 1_500 }, emulator: { limits: roomyLimits } });
    acme = await system.install({ portalId: '57000002', ticketsForNewConversations: true });
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

  it('run again when the ticket comes back to the status', async () => {
    await saveActions({ '2': [note('again')] });
    const ticketId = createTicket();
    for (const stageId of ['2', '3', '2']) {
      acme.portal.moveTicket({ ticketId, stageId, userId: acme.userId });
      await system.settled();
    }
    assert.deepEqual(await timeline.notes(ticketId), ['note again', 'note again']);
    assert.equal((await actsOf(ticketId)).length, 2);
  });

  it('run for a move that Baton itself made', async () => {
    await acme.saveSettings({
      pipelines: { '0': { outgoing: { enabled: true, stageId: '2' }, stageActions: { '2': [note('ours')] } } },
    });
    const { threadId, ticketId } = acme.portal.receiveMessage({ from: 'own@customer.example', text: 'Help.' });
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'With what?' });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId as string), '2');
    assert.deepEqual(await timeline.notes(ticketId as string), ['note ours']);
  });

  it('are not run again by repeated events, nor for a status without actions', async () => {
    await saveActions({ '1': [note('once')] });
    const ticketId = createTicket();
    await system.settled();
    const event = (subscriptionType: string, more: object, eventId: number) => ({
      eventId,
      subscriptionId: 77,
      portalId: Number(acme.id),
      appId: 2000001,
      occurredAt: acme.portal.ticket(ticketId).stageHistory[0]?.timestamp,
      subscriptionType,
      attemptNumber: 0,
      objectId: Number(ticketId),
      objectTypeId: '0-5',
      changeSource: 'CRM_UI',
      ...more,
    });
    const change = { propertyName: 'hs_pipeline_stage', propertyValue: '1' };
    const occurredAt = new Date(acme.portal.ticket(ticketId).stageHistory[0]?.timestamp as string | number).getTime();
    const body = [
      event('object.creation', { occurredAt, changeFlag: 'CREATED' }, 1),
      event('object.creation', { occurredAt: occurredAt + 400, changeFlag: 'CREATED' }, 2),
      event('object.propertyChange', { occurredAt, ...change }, 3),
      event('object.propertyChange', { occurredAt: occurredAt + 300, ...change }, 4),
    ];
    assert.equal(await system.deliver(JSON.stringify(body)), 204);
    acme.portal.moveTicket({ ticketId, stageId: '3', userId: acme.userId });
    await system.settled();
    assert.deepEqual(await timeline.notes(ticketId), ['note once']);
    assert.equal((await actsOf(ticketId)).length, 1);
  });

  it('an entry the ticket has left again runs nothing, and each of its actions says so', async () => {
    await saveActions({ '2': [note('a'), priority('b')] });
    const ticketId = createTicket();
    await system.settled();
    acme.portal.moveTicket({ ticketId, stageId: '2', userId: acme.userId });
    acme.portal.moveTicket({ ticketId, stageId: '3', userId: acme.userId });
    await system.settled();
    assert.deepEqual(await endsOf(ticketId), [
      ['a', 'stay', 'skipped', 'superseded'],
      ['b', 'stay', 'skipped', 'superseded'],
    ]);
    assert.deepEqual(await timeline.notes(ticketId), []);
  });

  it('of a ticket that was deleted, each action says that it is gone', async () => {
    await saveActions({ '2': [note('a')] });
    const ticketId = createTicket();
    await system.settled();
    acme.portal.deleteTicket(ticketId);
    await system.settled();
    // Older than what HubSpot is waited for: it will not know the ticket again.
    const occurredAt = Date.now() - 120_000;
    const fields = { eventId: 9, subscriptionId: 78, portalId: Number(acme.id), appId: 2000001, attemptNumber: 0 };
    const change = { propertyName: 'hs_pipeline_stage', propertyValue: '2', objectId: Number(ticketId) };
    const event = { ...fields, ...change, occurredAt, subscriptionType: 'object.propertyChange', objectTypeId: '0-5' };
    await system.sql.query(`update portals set installed_at = installed_at - interval '1 hour'`);
    assert.equal(await system.deliver(JSON.stringify([event])), 204);
    await system.settled();
    await system.sql.query(`update portals set installed_at = installed_at + interval '1 hour'`);
    assert.deepEqual(await endsOf(ticketId), [['a', 'stay', 'skipped', 'ticket-gone']]);
  });

  it('of a ticket that was merged away run nothing for it on the one that remains', async () => {
    await saveActions({ '2': [note('a')] });
    const [primaryId, mergedId] = [createTicket(), createTicket()];
    await system.settled();
    acme.portal.moveTicket({ ticketId: mergedId, stageId: '2', userId: acme.userId });
    acme.portal.mergeTickets({ primaryId, mergedId, userId: acme.userId });
    await system.settled();
    assert.deepEqual(await timeline.notes(primaryId), []);
    assert.deepEqual(await endsOf(primaryId), [['a', 'stay', 'skipped', 'superseded']]);
  });

  it('run nothing for an entry from before the installation', async () => {
    await saveActions({ '1': [note('a')] });
    const at = Date.now() - 7_200_000;
    const { ticketId } = acme.portal.createTicket({ pipelineId: '0', stageId: '1', userId: acme.userId, at });
    await system.settled();
    assert.deepEqual(await actsOf(ticketId), []);
    assert.deepEqual(await timeline.notes(ticketId), []);
  });

  it('cost no call where no status has any', async () => {
    await acme.saveSettings({});
    system.emulator.clearRequests();
    const ticketId = createTicket();
    acme.portal.moveTicket({ ticketId, stageId: '2', userId: acme.userId });
    await system.settled();
    const asked = system.emulator.requests.filter(({ path }) => /notes|tasks|contacts|threads/.test(path));
    assert.deepEqual(asked, []);
    assert.deepEqual(await actsOf(ticketId), []);
  });
  it('is one entry when HubSpot also sends a property change for a ticket made in the status', async () => {
    await saveActions({ '1': [note('first')] });
    system.emulator.quirks.announcesFirstStage = true;
    const ticketId = createTicket();
    await system.settled();
    system.emulator.quirks.announcesFirstStage = false;
    assert.deepEqual(await timeline.notes(ticketId), ['note first']);
    assert.equal((await actsOf(ticketId)).length, 1);
  });

  it('that could not be read at any try is recorded as dead for each action, and runs when it is tried again', async () => {
    await saveActions({ '2': [note('a'), note('b')] });
    const ticketId = createTicket();
    await system.settled();
    const stop = system.emulator.faults.add({
      path: /objects\/[\d-]+\/tickets\/batch\/read$/,
      kind: 'status',
      status: 500,
    });
    acme.portal.moveTicket({ ticketId, stageId: '2', userId: acme.userId });
    await system.emulator.webhooks.idle();
    for (let dead = 0; dead === 0; ) {
      // The last of its tries: each of the others would only take its time.
      await system.sql.query(`update inbox set attempts = 14 where event ->> 'kind' = 'ticket-stage'`);
      dead = (await actsOf(ticketId)).length;
    }
    await system.settled();
    assert.deepEqual(await endsOf(ticketId), [
      ['a', 'act', 'dead', null],
      ['b', 'act', 'dead', null],
    ]);
    stop();
    assert.equal(await system.db.deadEvents.retryRecord(acme.id, (await actsOf(ticketId))[0]?.id as string), 1);
    await system.settled();
    assert.deepEqual((await endsOf(ticketId)).slice(2), [
      ['a', 'act', 'done', null],
      ['b', 'act', 'done', null],
    ]);
    assert.deepEqual(await timeline.notes(ticketId), ['note a', 'note b']);
  });
});
