// HubSpot's workflows ask Baton to mail a ticket's contact, or to look at a ticket again: once for each call, however often it comes.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { answerTo, type NotifiedPortal, outOfOffice, startNotifiedPortal } from '../support/notified-portal.ts';
import { callAction, type Signing, workflowCall } from '../support/workflow-call.ts';

describe('a workflow action', () => {
  let system: NotifiedPortal['system'];
  let acme: NotifiedPortal['acme'];
  let timeline: NotifiedPortal['timeline'];
  let portal: NotifiedPortal;
  let calls = 0;

  before(async () => {
    portal = await startNotifiedPortal('58000010');
    ({ system, acme, timeline } = portal);
    acme.portal.addMarketingEmail({ id: '123456', name: 'We have your request' });
  });
  after(() => portal.stop());
  afterEach(async () => {
    system.emulator.faults.clear();
    system.emulator.webhooks.settings.lossRate = 0;
    system.emulator.quirks.singleSendLooks = 0;
    await portal.saveActions({});
  });

  type Call = ReturnType<typeof workflowCall>;
  function makeCall(ticketId: string, inputFields: object = {}): Call {
    calls += 1;
    return workflowCall({ callbackId: `ap-${acme.id}-${calls}-7-0`, portalId: acme.id, ticketId, inputFields });
  }
  const post = (name: string, call: Call, signing?: Signing) => callAction(system, name, call, signing);
  const reply = (more: object = {}) => ({ via: 'thread', senderUserId: acme.userId, body: answerTo, ...more });
  const template = { via: 'transactional', emailId: '123456' };
  /** As if the days had passed in which a call's key is known. */
  const forgetKeys = () => system.sql.query('truncate seen');

  async function openTicket(more: Parameters<NotifiedPortal['openTicket']>[0] = {}) {
    const opened = portal.openTicket(more);
    await system.settled();
    return opened;
  }

  it('mails the contact once, whichever way it was signed and however often it comes, also days later', async () => {
    for (const [signing, again] of [
      ['v2', 'v3'],
      ['v3', 'v2'],
      ['both', 'both'],
    ] as const) {
      const { threadId, ticketId, from } = await openTicket();
      const call = makeCall(ticketId, reply());
      const answers = [await post('send-notification', call, signing), await post('send-notification', call, again)];
      await system.settled();
      await forgetKeys();
      answers.push(await post('send-notification', call, again));
      await system.settled();
      assert.deepEqual(answers, ['SUCCESS', 'SUCCESS', 'SUCCESS']);
      const sent = await timeline.sent(threadId);
      assert.deepEqual(
        sent.map(({ text, recipients }) => [text, recipients[0]?.address]),
        [['Hello Casey, we have your request <Printer & fax>.', from]],
      );
      assert.equal(acme.portal.stage(ticketId), '1', 'its echo is no answer of the team');
    }
  });

  it('is recorded as an act that no status asked for, and told so on the pages', async () => {
    const { threadId, ticketId } = await openTicket();
    await post('send-notification', makeCall(ticketId, reply()));
    await system.settled();
    const [act, ...rest] = await portal.actsOf(ticketId);
    assert.equal(rest.length, 0);
    const { action, decision, outcome, reason, trigger, verdict, toStageId } = act ?? assert.fail();
    assert.deepEqual(
      { action, decision, outcome, reason, trigger, verdict, toStageId },
      {
        action: { id: 'workflow', kind: 'send-notification' },
        decision: 'act',
        outcome: 'done',
        reason: null,
        trigger: 'stage-entry',
        verdict: null,
        toStageId: null,
      },
    );
    assert.equal(act?.threadId, threadId);
    const { text } = await acme.agent.get(`/tickets/${ticketId}`).expect(200);
    assert.match(text, /A workflow asked for it: the contact was emailed\./);
    assert.doesNotMatch(text, /A ticket received a status/);
  });

  it('called twice by one workflow mails twice: a ticket enrolled again is another call', async () => {
    const { threadId, ticketId } = await openTicket();
    const answers = [makeCall(ticketId, reply()), makeCall(ticketId, reply())].map((call) =>
      post('send-notification', call),
    );
    await Promise.all(answers);
    await system.settled();
    assert.equal((await timeline.sent(threadId)).length, 2);
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['workflow', 'done', null],
      ['workflow', 'done', null],
    ]);
  });

  it('sends a transactional email, and follows it to its end', async () => {
    system.emulator.quirks.singleSendLooks = 1;
    const { ticketId, from } = await openTicket();
    await post('send-notification', makeCall(ticketId, template), 'v2');
    await system.settled();
    const sent = acme.portal.sentEmails().filter(({ to }) => to === from);
    assert.equal(sent.length, 1);
    assert.deepEqual(sent[0]?.customProperties, {
      ticket_id: ticketId,
      ticket_subject: 'Printer & fax',
      stage: 'New',
      pipeline: 'Support Pipeline',
    });
    assert.deepEqual(await portal.endsOf(ticketId), [['workflow', 'done', null]]);
  });

  it('whose mail went out and whose answer was lost is found again', async () => {
    for (const kind of ['apply-then-drop', 'drop'] as const) {
      const { threadId, ticketId } = await openTicket();
      system.emulator.faults.add({ method: 'POST', path: /threads\/\d+\/messages$/, kind, times: 1 });
      await post('send-notification', makeCall(ticketId, reply()));
      await system.settled();
      assert.equal((await timeline.sent(threadId)).length, 1, kind);
      assert.deepEqual(await portal.endsOf(ticketId), [['workflow', 'done', null]]);
      const { rows } = await system.sql.query('select subject from planned_actions');
      assert.deepEqual(rows, []);
    }
  });

  it('answers no machine, and is not sent while Baton is paused or only looks on', async () => {
    const machine = await openTicket(outOfOffice);
    await post('send-notification', makeCall(machine.ticketId, reply()));
    await system.settled();
    assert.deepEqual(await portal.endsOf(machine.ticketId), [['workflow', 'skipped', 'automatic-reply']]);
    const { threadId, ticketId } = await openTicket();
    for (const mode of [{ paused: true }, { shadow: true }]) {
      await portal.saveActions({}, mode);
      await post('send-notification', makeCall(ticketId, reply()));
      await system.settled();
    }
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['workflow', 'skipped', 'paused'],
      ['workflow', 'shadow', null],
    ]);
    for (const id of [machine.threadId, threadId]) assert.deepEqual(await timeline.sent(id), []);
  });

  it('is held where a value is missing, fails in HubSpot’s words, and ends where the ticket is gone', async () => {
    const { threadId, ticketId } = await openTicket();
    await post('send-notification', makeCall(ticketId, reply({ body: 'Dear {{contact.no_such_property}}' })));
    await system.settled();
    await post('send-notification', makeCall(ticketId, reply({ senderUserId: '999999' })));
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['workflow', 'skipped', 'held'],
      ['workflow', 'failed', 'refused-by-hubspot'],
    ]);
    await post('send-notification', makeCall('99999999', reply()));
    await system.settled();
    assert.deepEqual(await portal.endsOf('99999999'), [['workflow', 'skipped', 'ticket-gone']]);
    assert.deepEqual(await timeline.sent(threadId), []);
  });

  it('runs beside the actions of a status, which keep to one notification of their own', async () => {
    await portal.saveActions({ '1': [portal.reply('welcome', { body: 'Welcome' })] });
    const { threadId, ticketId } = portal.openTicket();
    await post('send-notification', makeCall(ticketId, reply({ body: 'By workflow' })));
    await system.settled();
    const texts = (await timeline.sent(threadId)).map(({ text }) => text);
    assert.deepEqual(texts.sort(), ['By workflow', 'Welcome']);
  });

  it('that failed at every try is recorded as dead, and goes out when it is tried again', async () => {
    const { threadId, ticketId } = await openTicket();
    const heal = system.emulator.faults.add({ path: /tickets\/batch\/read$/, kind: 'status', status: 500 });
    await post('send-notification', makeCall(ticketId, reply()));
    const giveUpAt = Date.now() + 15_000;
    while ((await portal.actsOf(ticketId)).length === 0) {
      assert.ok(Date.now() < giveUpAt, 'nothing died');
      await system.sql.query('update inbox set attempts = 14, run_at = now() where attempts > 0');
      await system.sql.query('update lanes set due_at = now()');
      await wait(50);
    }
    await system.settled();
    const [dead] = await portal.actsOf(ticketId);
    assert.deepEqual([dead?.outcome, dead?.decision], ['dead', 'act']);
    heal();
    assert.deepEqual(await system.db.deadEvents.findRetryable(acme.id, [dead?.id as string]), new Set([dead?.id]));
    assert.equal(await system.db.deadEvents.retryRecord(acme.id, dead?.id as string), 1);
    await system.settled();
    assert.deepEqual((await portal.endsOf(ticketId)).slice(1), [['workflow', 'done', null]]);
    assert.equal((await timeline.sent(threadId)).length, 1);
  });

  it('looks at a ticket again: messages that no webhook told of are decided, once', async () => {
    const { threadId, ticketId, from } = await openTicket();
    system.emulator.webhooks.settings.lossRate = 1;
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Is it plugged in?' });
    await wait(1_100); // HubSpot's incoming messages are stamped to the second
    const { messageId } = acme.portal.receiveMessage({ from, threadId, text: 'It is.' });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '1');
    const call = makeCall(ticketId);
    assert.equal(await post('decide-ticket', call, 'v2'), 'SUCCESS');
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '3');
    const record = await acme.recordOf(messageId);
    assert.deepEqual(
      [record.decision, record.trigger, record.verdict],
      ['move', 'sweep', 'reply-on-originating-thread'],
    );
    const before = (await acme.records(ticketId)).length;
    await forgetKeys();
    await post('decide-ticket', call);
    await post('decide-ticket', makeCall(ticketId));
    await system.settled();
    assert.equal((await acme.records(ticketId)).length, before);
    assert.deepEqual(acme.ownMoves(ticketId), ['3']);
  });

  it('looks at many tickets in turns, at one without a conversation, at one that is gone, and again when HubSpot is down', async () => {
    const opened: Awaited<ReturnType<typeof openTicket>>[] = [];
    for (let count = 0; count < 30; count += 1) opened.push(portal.openTicket());
    await system.settled();
    system.emulator.webhooks.settings.lossRate = 1;
    for (const { threadId } of opened) {
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Is it plugged in?' });
    }
    const byHand = acme.portal.createTicket({ pipelineId: '0', stageId: '1', userId: acme.userId }).ticketId;
    system.emulator.faults.add({ path: /\/threads$/, kind: 'status', status: 500, times: 6 });
    const ticketIds = [...opened.map(({ ticketId }) => ticketId), byHand, '99999998'];
    await Promise.all(ticketIds.map((ticketId) => post('decide-ticket', makeCall(ticketId))));
    await system.settled(30_000);
    for (const { ticketId } of opened) assert.deepEqual(acme.ownMoves(ticketId), ['2'], ticketId);
    assert.equal(acme.portal.stage(byHand), '1');
    const { rows } = await system.sql.query('select id from dead_events');
    assert.deepEqual(rows, []);
  });

  it('of one portal reaches no other: the portal is the one HubSpot signs for', async () => {
    const other = await system.install({ portalId: '58000011', ticketsForNewConversations: true });
    const { threadId, ticketId } = await openTicket();
    const call = makeCall(ticketId, reply());
    await post('send-notification', { ...call, origin: { ...call.origin, portalId: Number(other.id) } });
    await system.settled();
    assert.deepEqual(await timeline.sent(threadId), []);
    assert.deepEqual(await portal.endsOf(ticketId), []);
    const records = (await other.records()).map(({ reason }) => reason);
    assert.deepEqual(records, ['ticket-gone']);
  });

  it('leaves its text nowhere once it is done', async () => {
    const { ticketId } = await openTicket();
    await post('send-notification', makeCall(ticketId, reply({ body: 'Greetings from Zanzibar' })));
    await system.settled();
    const { rows: tables } = await system.sql.query(`select tablename from pg_tables where schemaname = 'public'`);
    for (const { tablename } of tables) {
      const { rows } = await system.sql.query(`select t::text from ${tablename} t where t::text ilike '%zanzibar%'`);
      assert.deepEqual(rows, [], tablename);
    }
  });
});
