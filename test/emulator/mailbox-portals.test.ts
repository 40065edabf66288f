// Portals of every kind for mailbox mail: association off, on, for some, switched over; fingerprints; a past to learn from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReceiver } from './receiver.ts';
import { createRig, type Rig } from './rig.ts';

const to = 'c@customer.example';
const dayMs = 86_400_000;

function addTickets({ portal, agentId }: Rig, address: string, count: number) {
  const { contactId } = portal.addContact({ email: address });
  const ticketIds = Array.from(
    { length: count },
    () => portal.createTicket({ userId: agentId, contactIds: [contactId] }).ticketId,
  );
  return { contactId, ticketIds };
}

test('`some` associates contact-record mail only where the contact has exactly one open ticket', async (t) => {
  const rig = await createRig(t);
  const { portal, agentId } = rig;
  const one = addTickets(rig, 'one@customer.example', 1);
  const two = addTickets(rig, 'two@customer.example', 2);
  const mailTo = (address: string, contactId: string) => {
    const mail = { from: 'contact', contactId, userId: agentId, to: address, subject: 'S', text: 'T' } as const;
    const { emailId } = portal.sendMailboxEmail(mail);
    return [...one.ticketIds, ...two.ticketIds].filter((id) => portal.ticket(id).emailIds.includes(emailId));
  };
  const both = () => [mailTo('one@customer.example', one.contactId), mailTo('two@customer.example', two.contactId)];
  assert.deepEqual(both(), [[], []]);
  portal.configure({ automaticAssociation: 'some' });
  assert.deepEqual(both(), [one.ticketIds, []]);
  portal.configure({ automaticAssociation: true });
  assert.deepEqual(both(), [one.ticketIds, two.ticketIds]);
  portal.configure({ automaticAssociation: false });
  assert.deepEqual(both(), [[], []]);
});

test('an automatic association names the sender or HubSpot itself as its source', async (t) => {
  const rig = await createRig(t);
  const { emulator, portal, agentId } = rig;
  const receiver = await createReceiver(t);
  emulator.setWebhookUrl(receiver.url);
  portal.configure({ automaticAssociation: true });
  const { contactId } = addTickets(rig, to, 1);
  const sources = async (automaticAssociationSource: 'sender' | 'hubspot') => {
    emulator.quirks.automaticAssociationSource = automaticAssociationSource;
    const mail = { from: 'contact', contactId, userId: agentId, to, subject: 'S', text: 'T' } as const;
    const { emailId } = portal.sendMailboxEmail(mail);
    await emulator.webhooks.idle();
    const isTie = (one: Record<string, unknown>) =>
      one.subscriptionType === 'object.associationChange' && String(one.fromObjectId) === emailId;
    const ties = receiver.events().filter(isTie);
    return ties.filter((one) => one.toObjectTypeId === '0-5').map((one) => one.changeSource);
  };
  assert.deepEqual(await sources('sender'), ['CRM_UI']);
  assert.deepEqual(await sources('hubspot'), ['AUTOMATION_PLATFORM']);
});

for (const [fingerprints, property] of [
  ['none', null],
  ['detail', 'hs_object_source_detail_1'],
  ['associations-request', 'hs_email_encoded_email_associations_request'],
] as const)
  test(`with fingerprints '${fingerprints}' ${property ?? 'nothing'} tells ticket mail from contact mail, twice the same way`, async (t) => {
    const rig = await createRig(t);
    const { portal, agentId } = rig;
    portal.configure({ fingerprints });
    const { contactId, ticketIds } = addTickets(rig, to, 1);
    const mail = { userId: agentId, to, subject: 'S', text: 'T', at: 1_800_000_000_000 };
    const send = (from: 'ticket' | 'contact') =>
      portal.email(portal.sendMailboxEmail({ ...mail, from, contactId, ticketId: ticketIds[0] }).emailId);
    const [ticket, again, contact, contactAgain] = [send('ticket'), send('ticket'), send('contact'), send('contact')];
    const differing = (a: Record<string, string>, b: Record<string, string>) =>
      [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
        (name) => a[name] !== b[name] && name !== 'hs_object_id' && name !== 'hs_lastmodifieddate',
      );
    assert.deepEqual(differing(ticket, contact), property ? [property] : []);
    assert.deepEqual([differing(ticket, again), differing(contact, contactAgain)], [[], []]);
  });

test('a history is found by search, dated in the past, and told by no webhook', async (t) => {
  const rig = await createRig(t);
  const { emulator, portal, call } = rig;
  const receiver = await createReceiver(t);
  emulator.setWebhookUrl(receiver.url);
  const loose = portal.addMailHistory({ mails: 4, fromDaysAgo: 20, toDaysAgo: 5 });
  const tied = portal.addMailHistory({ mails: 2, associated: true, openTickets: 2, closedSince: true });
  const sentFrom = portal.addMailHistory({ mails: 1, from: 'ticket' });
  await emulator.webhooks.idle();
  assert.deepEqual(receiver.events(), []);
  const now = Date.now();
  const filters = [
    { propertyName: 'hs_email_direction', operator: 'EQ', value: 'EMAIL' },
    { propertyName: 'hs_timestamp', operator: 'BETWEEN', value: String(now - 21 * dayMs), highValue: String(now) },
  ];
  const found = await call('POST', '/crm/objects/2026-09/emails/search', {
    filterGroups: [{ filters }],
    sorts: [{ propertyName: 'hs_timestamp', direction: 'ASCENDING' }],
    properties: ['hs_email_status'],
    limit: 200,
  });
  assert.equal(found.body.total, 7);
  const created = found.body.results.map((one: { createdAt: string }) => Date.parse(one.createdAt));
  assert.ok(created.every((at: number) => at < now - 1.9 * dayMs && at > now - 20.1 * dayMs));
  const tickets = (id: string) =>
    portal.look().tickets.filter((one) => portal.ticket(one.id).emailIds.includes(id)).length;
  assert.deepEqual(loose.emailIds.map(tickets), [0, 0, 0, 0]);
  assert.deepEqual(tied.emailIds.map(tickets), [2, 2]);
  assert.deepEqual(portal.ticket(sentFrom.ticketIds[0] ?? '').emailIds, sentFrom.emailIds);
  for (const [index, emailId] of tied.emailIds.entries()) {
    const at = Date.parse(portal.email(emailId).hs_timestamp ?? '');
    const [closed, opened] = portal.ticket(tied.ticketIds[index * 2] ?? '').stageHistory;
    assert.ok(opened && closed && opened.timestamp < at && at < closed.timestamp, 'open when the mail was sent');
    assert.equal(closed.value, '4');
  }
  assert.equal(new Set([...loose.contactIds, ...tied.contactIds, ...sentFrom.contactIds]).size, 7);
  assert.throws(() => portal.addMailHistory({ mails: 1, from: 'ticket', openTickets: 0 }), /openTickets of 1 or more/);
});

test("HubSpot's own automation moves the ticket after each message, as a workflow, where it is on", async (t) => {
  const rig = await createRig(t);
  const { emulator, portal, agentId } = rig;
  portal.configure({ ownStatusAutomation: { '0': { outgoing: '2', incoming: '3', delayMs: 10 } } });
  const { threadId } = portal.receiveMessage({ from: to, subject: 'S', text: 'T' });
  const { ticketId } = portal.createTicket({ userId: agentId, fromThreadId: threadId });
  const settled = async () => {
    await emulator.webhooks.idle();
    return portal.ticket(ticketId).stageHistory[0];
  };
  assert.equal((await settled())?.value, '1');
  portal.sendMessage({ threadId, userId: agentId, text: 'Which one?' });
  assert.equal(portal.stage(ticketId), '1', 'a moment later, not at once');
  const moved = await settled();
  assert.deepEqual([moved?.value, moved?.sourceType], ['2', 'AUTOMATION_PLATFORM']);
  portal.receiveMessage({ from: to, threadId, text: 'The long one' });
  assert.equal((await settled())?.value, '3');
  portal.sendMailboxEmail({ from: 'ticket', ticketId, userId: agentId, to, subject: 'S', text: 'T' });
  assert.equal((await settled())?.value, '2');
  portal.receiveMailboxEmail({ from: to, userId: agentId, subject: 'Re: S', text: 'T', ticketIds: [ticketId] });
  assert.equal((await settled())?.value, '3');
  portal.sendMailboxEmail({ from: 'contact', userId: agentId, to, subject: 'S', text: 'T' });
  assert.equal((await settled())?.value, '3');
  const wrong = { ownStatusAutomation: { '0': { outgoing: '99' } } };
  assert.throws(() => portal.configure(wrong), /pipeline 0 has no stage 99/);
  portal.configure({ ownStatusAutomation: {} });
  portal.sendMessage({ threadId, userId: agentId, text: 'Done' });
  assert.equal((await settled())?.value, '3');
});
