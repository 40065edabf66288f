// The association batch endpoints, and what an association looks like from both sides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig, type Json } from './rig.ts';

function path(from: string, to: string, verb = 'read'): string {
  return `/crm/associations/2026-09/${from}/${to}/batch/${verb}`;
}

test('each direction has its own type id, and inputs without any come back in a 207', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { contactId } = portal.addContact({ email: 'c@customer.example' });
  const { ticketId } = portal.createTicket({ userId: agentId, contactIds: [contactId] });
  const { ticketId: lonely } = portal.createTicket({ userId: agentId });
  const there = await call('POST', path('tickets', 'contacts'), { inputs: [{ id: ticketId }, { id: lonely }] });
  assert.equal(there.status, 207);
  assert.deepEqual(there.body.results, [
    {
      from: { id: ticketId },
      to: [{ toObjectId: contactId, associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 16, label: null }] }],
    },
  ]);
  assert.equal(there.body.errors[0].subCategory, 'crm.associations.NO_ASSOCIATIONS_FOUND');
  assert.deepEqual(there.body.errors[0].context.fromObjectId, [lonely]);
  const back = await call('POST', path('0-1', 'ticket'), { inputs: [{ id: contactId }] });
  assert.equal(back.status, 200);
  assert.equal(back.body.results[0].to[0].associationTypes[0].typeId, 15);
});

test('emails sent from a ticket are tied to it by 224, from the contact record they are not', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { contactId } = portal.addContact({ email: 'c@customer.example' });
  const { ticketId } = portal.createTicket({ userId: agentId, contactIds: [contactId] });
  const mail = { userId: agentId, to: 'c@customer.example', subject: 'S', text: 'T' };
  const fromTicket = portal.sendMailboxEmail({ ...mail, from: 'ticket', ticketId }).emailId;
  const fromContact = portal.sendMailboxEmail({ ...mail, from: 'contact', contactId }).emailId;
  const inputs = [{ id: fromTicket }, { id: fromContact }];
  const { body } = await call('POST', path('emails', 'tickets'), { inputs });
  assert.deepEqual(
    body.results.map((one: Json) => [one.from.id, one.to[0].toObjectId, one.to[0].associationTypes[0].typeId]),
    [[fromTicket, ticketId, 224]],
  );
  const contacts = await call('POST', path('emails', 'contacts'), { inputs });
  assert.equal(contacts.body.results.length, 2);
});

test('ids are printed as numbers where the portal does so', async (t) => {
  const { portal, call, agentId } = await createRig(t, { quirks: { numericToObjectIds: true } });
  const { contactId } = portal.addContact({ email: 'c@customer.example' });
  const { ticketId } = portal.createTicket({ userId: agentId, contactIds: [contactId] });
  const { body } = await call('POST', path('tickets', 'contacts'), { inputs: [{ id: ticketId }] });
  assert.equal(body.results[0].to[0].toObjectId, Number(contactId));
});

test('more than 500 associations of one input come in pages', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  for (let index = 0; index < 501; index += 1)
    portal.addEmail({ properties: { hs_email_direction: 'EMAIL' }, ticketIds: [ticketId] });
  const first = await call('POST', path('tickets', 'emails'), { inputs: [{ id: ticketId }] });
  assert.equal(first.body.results[0].to.length, 500);
  const { after } = first.body.results[0].paging.next;
  const second = await call('POST', path('tickets', 'emails'), { inputs: [{ id: ticketId, after }] });
  assert.equal(second.body.results[0].to.length, 1);
  assert.equal(second.body.results[0].paging, undefined);
});

test('threads answer to one of their two names only', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', text: 'Hi' });
  const { ticketId } = portal.createTicket({ userId: agentId, fromThreadId: threadId });
  const status = async (name: string) => {
    const answered = await call('POST', path('tickets', name), { inputs: [{ id: ticketId }] });
    if (answered.status === 200) assert.equal(answered.body.results[0].to[0].toObjectId, threadId);
    return answered.status;
  };
  assert.deepEqual([await status('conversation'), await status('conversations')], [200, 400]);
  emulator.quirks.threadAssociationName = 'conversations';
  assert.deepEqual([await status('conversation'), await status('conversations')], [400, 200]);
});

test('batch create ties records, and is refused whole for a record that is not there', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { contactId } = portal.addContact({ email: 'c@customer.example' });
  const { ticketId } = portal.createTicket({ userId: agentId });
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 16 }];
  const input = (toId: string) => ({ from: { id: ticketId }, to: { id: toId }, types });
  const create = path('tickets', 'contacts', 'create');
  assert.equal((await call('POST', create, { inputs: [input(contactId), input('123456789')] })).status, 400);
  assert.deepEqual(portal.ticket(ticketId).contactIds, []);
  assert.equal((await call('POST', create, { inputs: [input(contactId)] })).status, 201);
  assert.deepEqual(portal.ticket(ticketId).contactIds, [contactId]);
  assert.equal(
    (await call('POST', path('tickets', 'contacts'), { inputs: Array(1001).fill({ id: '1' }) })).status,
    400,
  );
});
