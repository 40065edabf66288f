// Notifications by a transactional email of HubSpot: once for each entry, and followed to their end.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type NotifiedPortal, outOfOffice, startNotifiedPortal } from '../support/notified-portal.ts';

describe('a transactional notification', () => {
  let system: NotifiedPortal['system'];
  let acme: NotifiedPortal['acme'];
  let timeline: NotifiedPortal['timeline'];
  let portal: NotifiedPortal;

  before(async () => {
    portal = await startNotifiedPortal('58000002');
    ({ system, acme, timeline } = portal);
    acme.portal.addMarketingEmail({ id: '123456', name: 'We have your request' });
  });
  after(() => portal.stop());
  afterEach(() => {
    system.emulator.faults.clear();
    Object.assign(system.emulator.quirks, { singleSendLooks: 0, repeatedSendResult: 'IDEMPOTENT_IGNORE' });
  });

  const send = (id: string, more: object = {}) => ({
    id,
    kind: 'send-notification',
    via: 'transactional',
    emailId: 123456,
    ...more,
  });
  const noted = { id: 'note', kind: 'add-note', body: 'noted' };
  const isSingleSend = { method: 'POST', path: /single-email\/send$/ };

  const sentTo = (address: string) => acme.portal.sentEmails().filter(({ to }) => to === address);

  it('goes to the customer once, with what its template may name', async () => {
    await portal.saveActions({ '1': [send('welcome')] });
    const { ticketId, from } = portal.openTicket();
    await system.settled();
    const sent = sentTo(from);
    assert.equal(sent.length, 1);
    assert.deepEqual(sent[0]?.customProperties, {
      ticket_id: ticketId,
      ticket_subject: 'Printer & fax',
      stage: 'New',
      pipeline: 'Support Pipeline',
    });
    assert.deepEqual(await portal.endsOf(ticketId), [['welcome', 'done', null]]);
    assert.equal(acme.portal.stage(ticketId), '1');
  });

  it('is the same mail when its answer was lost, whatever HubSpot says to a repeated sendId', async () => {
    await portal.saveActions({ '1': [send('welcome')] });
    for (const repeatedSendResult of ['IDEMPOTENT_IGNORE', 'IDEMPOTENT_FAIL'] as const) {
      system.emulator.quirks.repeatedSendResult = repeatedSendResult;
      system.emulator.faults.add({ ...isSingleSend, kind: 'apply-then-drop', times: 1 });
      const { ticketId, from } = portal.openTicket();
      await system.settled();
      assert.equal(sentTo(from).length, 1);
      assert.deepEqual(await portal.endsOf(ticketId), [['welcome', 'done', null]]);
    }
  });

  it('is followed to its end while the other actions run', async () => {
    system.emulator.quirks.singleSendLooks = 2;
    await portal.saveActions({ '1': [send('welcome'), noted] });
    const { ticketId, from } = portal.openTicket();
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['note', 'done', null],
      ['welcome', 'done', null],
    ]);
    assert.equal(sentTo(from).length, 1);
    const { rows } = await system.sql.query('select subject from planned_actions');
    assert.deepEqual(rows, []);
  });

  it('that failed in the end says whose fault it is, and the next notification is sent in its place', async () => {
    system.emulator.quirks.singleSendLooks = 1;
    await portal.saveActions({ '1': [send('welcome'), portal.reply('instead')] });
    acme.portal.nextSendResult('PREVIOUSLY_BOUNCED');
    const { threadId, ticketId, from } = portal.openTicket();
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['welcome', 'failed', 'refused-by-hubspot'],
      ['instead', 'done', null],
    ]);
    const [act] = await portal.actsOf(ticketId);
    assert.equal(act?.error, 'HubSpot says PREVIOUSLY_BOUNCED: emails to this contact have bounced before.');
    assert.equal(sentTo(from).length, 0);
    assert.equal((await timeline.sent(threadId)).length, 1);
  });

  it('that cannot be sent as it is set up says what to do', async () => {
    await portal.saveActions({ '1': [send('welcome', { emailId: 4711 })] });
    const { ticketId } = portal.openTicket();
    await system.settled();
    const [act] = await portal.actsOf(ticketId);
    assert.deepEqual([act?.outcome, act?.reason], ['failed', 'refused-by-hubspot']);
    const words = 'HubSpot says MISSING_CONTENT: the email 4711 does not exist or is not set up for single send.';
    assert.equal(act?.error, words);
  });

  it('that HubSpot puts off is sent a little later', async () => {
    await portal.saveActions({ '1': [send('welcome')] });
    acme.portal.nextSendResult('THROTTLED');
    const { ticketId, from } = portal.openTicket();
    await system.settled();
    assert.equal(sentTo(from).length, 1);
    assert.deepEqual(await portal.endsOf(ticketId), [['welcome', 'done', null]]);
  });

  it('answers no machine, and needs a contact with an address', async () => {
    await portal.saveActions({ '1': [send('welcome')] });
    const { ticketId, from } = portal.openTicket({
      ...outOfOffice,
    });
    const alone = acme.portal.createTicket({ pipelineId: '0', stageId: '1', userId: acme.userId }).ticketId;
    await system.settled();
    assert.deepEqual(await portal.endsOf(ticketId), [['welcome', 'skipped', 'automatic-reply']]);
    assert.deepEqual(await portal.endsOf(alone), [['welcome', 'skipped', 'held']]);
    assert.equal(sentTo(from).length, 0);
  });

  it('goes to the contact of a ticket that has no conversation', async () => {
    await portal.saveActions({ '1': [send('welcome')] });
    const { contactId } = acme.portal.addContact({ email: 'form@example.org' });
    const made = { pipelineId: '0', stageId: '1', userId: acme.userId, contactIds: [contactId] };
    acme.portal.createTicket(made);
    await system.settled();
    assert.equal(sentTo('form@example.org').length, 1);
  });

  it('without the add-on is recorded as a missing permission, and the reply on the thread goes out', async () => {
    acme.portal.configure({ transactionalAddOn: false });
    await portal.saveActions({ '1': [send('welcome'), portal.reply('instead')] });
    const { threadId, ticketId } = portal.openTicket();
    await system.settled();
    acme.portal.configure({ transactionalAddOn: true });
    assert.deepEqual(await portal.endsOf(ticketId), [
      ['welcome', 'failed', 'scope-missing'],
      ['instead', 'done', null],
    ]);
    assert.equal((await timeline.sent(threadId)).length, 1);
  });
});
