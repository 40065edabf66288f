// Replies on the ticket's thread: once for each entry, never to a machine, and never mistaken for an agent's answer.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type NotifiedPortal, outOfOffice, startNotifiedPortal } from '../support/notified-portal.ts';

describe('a notification on the thread', () => {
  let system: NotifiedPortal['system'];
  let acme: NotifiedPortal['acme'];
  let timeline: NotifiedPortal['timeline'];
  let portal: NotifiedPortal;

  before(async () => {
    portal = await startNotifiedPortal('58000001');
    ({ system, acme, timeline } = portal);
  });
  after(() => portal.stop());
  afterEach(() => {
    system.emulator.faults.clear();
    Object.assign(system.emulator.quirks, { apiMessageClientType: 'HUBSPOT' });
  });

  it('goes to the customer once, in the name that was chosen, and its echo is no answer of the team', async () => {
    for (const clientType of ['HUBSPOT', 'INTEGRATION'] as const) {
      system.emulator.quirks.apiMessageClientType = clientType;
      await portal.saveActions({ '1': [portal.reply('welcome')] });
      const { threadId, ticketId, from } = portal.openTicket();
      await system.settled();
      const sent = await timeline.sent(threadId);
      assert.equal(sent.length, 1);
      assert.equal(sent[0]?.text, 'Hello Casey, we have your request <Printer & fax>.');
      assert.match(sent[0]?.html ?? '', /request &lt;Printer &amp; fax&gt;\./);
      assert.deepEqual(
        sent[0]?.recipients.map(({ address }) => address),
        [from],
      );
      assert.deepEqual(
        sent[0]?.senders.map(({ actorId }) => actorId),
        [`A-${acme.userId}`],
      );
      assert.deepEqual(await portal.endsOf(ticketId), [['welcome', 'done', null]]);
      const [act] = await portal.actsOf(ticketId);
      assert.deepEqual([act?.threadId, act?.messageId], [threadId, sent[0]?.id]);
      const echo = (await acme.records(ticketId)).filter(
        ({ messageId, action }) => messageId === sent[0]?.id && !action,
      );
      assert.deepEqual(
        echo.map(({ reason, outcome }) => [reason, outcome]),
        [['own-message', 'skipped']],
      );
      assert.equal(acme.portal.stage(ticketId), '1', clientType);
      assert.deepEqual(acme.ownMoves(ticketId), []);
    }
  });

  it('whose answer was lost is found again, whether its echo comes before or after, and moves nothing', async () => {
    for (const clientType of ['HUBSPOT', 'INTEGRATION'] as const) {
      system.emulator.quirks.apiMessageClientType = clientType;
      for (const kind of ['apply-then-drop', 'drop'] as const) {
        await portal.saveActions({ '1': [portal.reply('welcome')] });
        system.emulator.faults.add({ method: 'POST', path: /threads\/\d+\/messages$/, kind, times: 1 });
        const { threadId, ticketId } = portal.openTicket();
        await system.settled();
        assert.equal((await timeline.sent(threadId)).length, 1, `${clientType} ${kind}`);
        assert.deepEqual(await portal.endsOf(ticketId), [['welcome', 'done', null]]);
        assert.equal(acme.portal.stage(ticketId), '1');
        const { rows } = await system.sql.query('select subject from planned_actions');
        assert.deepEqual(rows, []);
      }
    }
  });

  it('that a restored backup knows nothing of is found on the thread, and not sent a second time', async () => {
    await portal.saveActions({ '1': [portal.reply('welcome')] });
    const { threadId, ticketId } = portal.openTicket();
    await system.settled();
    // As a dump made before the reply has it: no record, no plan, and the ticket's creation still to be worked on.
    for (const table of ['records', 'planned_actions', 'seen']) await system.sql.query(`delete from ${table}`);
    const told = { eventId: 1, subscriptionId: 1, portalId: Number(acme.id), appId: 2_000_001, attemptNumber: 0 };
    const creation = { subscriptionType: 'object.creation', objectTypeId: '0-5', objectId: Number(ticketId) };
    assert.equal(await system.deliver(JSON.stringify([{ ...told, ...creation, occurredAt: Date.now() }])), 204);
    await system.settled();
    assert.equal((await timeline.sent(threadId)).length, 1);
    assert.deepEqual(await portal.endsOf(ticketId), [['welcome', 'done', null]]);
  });

  it('is sent once per entry: the next one of the entry is for the case that it was not', async () => {
    const held = portal.reply('held', { body: 'Dear {{contact.no_such_property}}' });
    await portal.saveActions({ '1': [held, portal.reply('fallback'), portal.reply('third')] });
    const { threadId, ticketId } = portal.openTicket();
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['held', 'skipped', 'held'],
      ['fallback', 'done', null],
      ['third', 'skipped', 'superseded'],
    ]);
    assert.equal((await timeline.sent(threadId)).length, 1);
  });

  it('answers no machine: not an auto-reply, not a bounce, whatever the guards are set to', async () => {
    await portal.saveActions({ '1': [portal.reply('welcome')] }, { guards: { automaticReplies: false } });
    const absent = portal.openTicket({
      ...outOfOffice,
    });
    const bounce = portal.openTicket({
      from: 'mailer-daemon@example.org',
      subject: 'Undelivered Mail Returned to Sender',
      text: 'This is the mail system. Your message could not be delivered to one or more recipients.',
    });
    await system.settled();
    assert.deepEqual(await portal.endsOf(absent.ticketId), [['welcome', 'skipped', 'automatic-reply']]);
    assert.deepEqual(await portal.endsOf(bounce.ticketId), [['welcome', 'skipped', 'bounce']]);
    for (const { threadId } of [absent, bounce]) assert.deepEqual(await timeline.sent(threadId), []);
  });

  it('answers no machine that wrote last, though a person opened the thread', async () => {
    await portal.saveActions({ '4': [portal.reply('closed')] });
    const { threadId, ticketId, from } = portal.openTicket();
    acme.portal.receiveMessage({
      from,
      threadId,
      ...outOfOffice,
    });
    acme.portal.moveTicket({ ticketId, stageId: '4', userId: acme.userId });
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [['closed', 'skipped', 'automatic-reply']]);
    assert.deepEqual(await timeline.sent(threadId), []);
  });

  it('goes to the contact of the ticket who wrote last', async () => {
    await portal.saveActions({ '4': [portal.reply('closed', { body: 'Done, {{contact.firstname}}.' })] });
    const { threadId, ticketId } = portal.openTicket();
    const second = { email: 'second@example.org', name: 'Sam Smith' };
    acme.portal.addContactToTicket({ ticketId, contactId: acme.portal.addContact(second).contactId });
    acme.portal.receiveMessage({ from: second.email, threadId, text: 'I am his colleague.' });
    acme.portal.receiveMessage({ from: 'stranger@example.org', threadId, text: 'And I am nobody here.' });
    await system.settled();
    acme.portal.moveTicket({ ticketId, stageId: '4', userId: acme.userId });
    await system.settled();
    const [sent] = await timeline.sent(threadId);
    assert.equal(sent?.text, 'Done, Sam.');
    assert.deepEqual(
      sent?.recipients.map(({ address }) => address),
      [second.email],
    );
  });

  it('is held with what to do where there is no conversation, no contact or no address', async () => {
    await portal.saveActions({ '1': [portal.reply('welcome')] });
    const { contactId } = acme.portal.addContact({ email: 'byhand@example.org' });
    const made = { pipelineId: '0', stageId: '1', userId: acme.userId };
    const noThread = acme.portal.createTicket({ ...made, contactIds: [contactId] }).ticketId;
    const noContact = acme.portal.createTicket(made).ticketId;
    await system.settled();
    for (const [ticketId, words] of [
      [noThread, 'This ticket has no conversation to reply on.'],
      [noContact, 'This ticket has no contact to send to. Add one in HubSpot.'],
    ] as const) {
      const [act] = await portal.actsOf(ticketId);
      assert.deepEqual([act?.outcome, act?.reason, act?.error], ['skipped', 'held', words]);
    }
  });

  it('goes out on the thread that was put on a ticket made by hand', async () => {
    await portal.saveActions({ '3': [portal.reply('later')] });
    const { contactId } = acme.portal.addContact({ email: 'composed@example.org' });
    const made = { pipelineId: '0', stageId: '1', userId: acme.userId, contactIds: [contactId] };
    const { ticketId } = acme.portal.createTicket(made);
    const mail = {
      ticketId,
      userId: acme.userId,
      to: 'composed@example.org',
      subject: 'Your call',
      text: 'As said.',
    };
    const { threadId } = acme.portal.startThread(mail);
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '2');
    acme.portal.moveTicket({ ticketId, stageId: '3', userId: acme.userId });
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [['later', 'done', null]]);
    assert.equal((await timeline.sent(threadId)).length, 2);
    assert.equal(acme.portal.stage(ticketId), '3');
  });

  it('that HubSpot refuses is recorded in its words, and the next actions run', async () => {
    const wrong = portal.reply('wrong', { senderUserId: '999999' });
    await portal.saveActions({ '1': [wrong, { id: 'note', kind: 'add-note', body: 'noted' }] });
    const { threadId, ticketId } = portal.openTicket();
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['wrong', 'failed', 'refused-by-hubspot'],
      ['note', 'done', null],
    ]);
    assert.match((await portal.actsOf(ticketId))[0]?.error ?? '', /senderActorId/);
    assert.deepEqual(await timeline.sent(threadId), []);
  });

  it('in shadow is decided in full and not sent', async () => {
    await portal.saveActions({ '1': [portal.reply('welcome'), portal.reply('second')] }, { shadow: true });
    const { threadId, ticketId } = portal.openTicket();
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['welcome', 'shadow', null],
      ['second', 'skipped', 'superseded'],
    ]);
    assert.deepEqual(await timeline.sent(threadId), []);
  });

  it('leaves no text and no address in the database', async () => {
    const secret = 'Zanzibar';
    await portal.saveActions({
      '1': [portal.reply('welcome'), { id: 'n', kind: 'add-note', body: '{{ticket.subject}}' }],
    });
    portal.openTicket({ from: 'zanzibar@example.org', subject: `About ${secret}`, text: secret });
    await system.settled();
    const { rows: tables } = await system.sql.query(`select tablename from pg_tables where schemaname = 'public'`);
    for (const { tablename } of tables) {
      const { rows } = await system.sql.query(
        `select t::text as row from ${tablename} t where t::text ilike '%zanzibar%'`,
      );
      assert.deepEqual(rows, [], tablename);
    }
  });
});
