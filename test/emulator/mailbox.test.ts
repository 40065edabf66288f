// Mail through a person's own mailbox, and what the portal's settings make of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig } from './rig.ts';

const to = 'c@customer.example';

async function createOpenTickets(t: Parameters<typeof createRig>[0]) {
  const rig = await createRig(t);
  const { portal, agentId } = rig;
  const { contactId } = portal.addContact({ email: to, additionalEmails: ['c2@customer.example'] });
  const [open = '', second = '', closed = ''] = [1, 2, 3].map(
    () => portal.createTicket({ userId: agentId, contactIds: [contactId] }).ticketId,
  );
  portal.moveTicket({ ticketId: closed, stageId: '4', userId: agentId });
  return { ...rig, contactId, open, second, closed };
}

test('no property of a mail says on which record it was composed', async (t) => {
  const { portal, agentId, open, contactId } = await createOpenTickets(t);
  const mail = { userId: agentId, to, subject: 'S', text: 'T', at: 1_800_000_000_000 };
  const fromTicket = portal.email(portal.sendMailboxEmail({ ...mail, from: 'ticket', ticketId: open }).emailId);
  const fromContact = portal.email(portal.sendMailboxEmail({ ...mail, from: 'contact', contactId }).emailId);
  const rest = ({ hs_object_id, hs_lastmodifieddate, ...others }: Record<string, string>) => others;
  assert.deepEqual(rest(fromTicket), rest(fromContact));
  assert.equal(fromTicket.hs_email_direction, 'EMAIL');
  assert.equal(fromTicket.hs_email_status, 'SENT');
  assert.equal(fromTicket.hs_email_to_email, to);
  assert.equal(fromTicket.hs_object_source_id, `userId:${agentId}`);
});

test('contact-record mail reaches tickets only by automatic association or a tick', async (t) => {
  const { portal, agentId, open, second, closed, contactId } = await createOpenTickets(t);
  const mail = { from: 'contact', contactId, userId: agentId, to, subject: 'S', text: 'T' } as const;
  const ticketsOf = (emailId: string) =>
    [open, second, closed].filter((id) => portal.ticket(id).emailIds.includes(emailId));
  assert.deepEqual(ticketsOf(portal.sendMailboxEmail(mail).emailId), []);
  assert.deepEqual(ticketsOf(portal.sendMailboxEmail({ ...mail, tickTickets: [closed] }).emailId), [closed]);
  portal.configure({ automaticAssociation: true });
  const automatic = portal.sendMailboxEmail(mail).emailId;
  assert.deepEqual(ticketsOf(automatic), [open, second]);
  portal.associateEmail({ emailId: automatic, ticketIds: [second], userId: agentId, remove: true });
  assert.deepEqual(ticketsOf(automatic), [open]);
});

test('a synced incoming mail says EMAIL as its source, its thread and whether it is an out-of-office', async (t) => {
  const { portal, agentId, contactId } = await createOpenTickets(t);
  const { emailId } = portal.receiveMailboxEmail({
    from: 'c2@customer.example',
    userId: agentId,
    subject: 'Away',
    text: 'Back on Monday',
    emailThreadId: 'thread-1',
    outOfOffice: true,
  });
  const email = portal.email(emailId);
  assert.equal(email.hs_email_direction, 'INCOMING_EMAIL');
  assert.equal(email.hs_object_source, 'EMAIL');
  assert.equal(email.hs_email_thread_id, 'thread-1');
  assert.equal(email.hs_incoming_email_is_out_of_office, 'true');
  assert.equal(portal.contactId('C2@customer.example'), contactId, 'an additional address is the same contact');
});

test('team-address mail leaves a twin only in a portal that makes twins', async (t) => {
  const { portal, agentId } = await createRig(t);
  const before = portal.receiveMessage({ from: to, subject: 'S', text: 'T' });
  assert.equal(portal.look().emails.length, 0);
  portal.configure({ twins: true, ticketsForNewConversations: true });
  portal.sendMessage({ threadId: before.threadId, userId: agentId, text: 'Answer' });
  const away = portal.receiveMessage({ from: to, threadId: before.threadId, text: 'Away', outOfOffice: true });
  assert.equal(away.ticketId, undefined);
  const [answer, reply] = portal.look().emails;
  assert.equal(answer?.properties.hs_email_direction, 'EMAIL');
  assert.equal(answer?.properties.hs_email_to_email, to);
  assert.equal(reply?.properties.hs_email_direction, 'INCOMING_EMAIL');
  assert.equal(reply?.properties.hs_incoming_email_is_out_of_office, 'true');
  const opened = portal.receiveMessage({ from: to, subject: 'Another', text: 'T' });
  const ticket = portal.ticket(opened.ticketId ?? '');
  assert.deepEqual(ticket.emailIds, [ticket.properties.hs_originating_email_engagement_id]);
});

test('asking for what is not there is an error that names it', async (t) => {
  const { emulator, portal, agentId } = await createRig(t);
  assert.throws(() => emulator.portal('9').look(), /no portal 9; call addPortal/);
  assert.throws(() => emulator.addPortal({ portalId: '41000001' }), /exists already/);
  assert.throws(() => emulator.addPortal({ portalId: 'abc' }), /decimal number/);
  assert.throws(() => portal.stage('5'), /no ticket 5/);
  assert.throws(() => portal.sendMessage({ threadId: '7', userId: agentId, text: 'x' }), /no thread 7/);
  assert.throws(() => portal.createTicket({ userId: '8' }), /no user 8/);
  const { ticketId } = portal.createTicket({ userId: agentId });
  assert.throws(() => portal.moveTicket({ ticketId, stageId: '99', userId: agentId }), /INVALID|allowed options/);
});
