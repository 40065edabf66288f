// Who wrote a message that opens a ticket: found in the fewest calls, made where nobody is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contact } from '../../src/crm.ts';
import { BatonError } from '../../src/errors.ts';
import type { PortalGateway } from '../../src/hubspot/gateway.ts';
import type { MessageFacts } from '../../src/rules/facts.ts';
import { ensureContacts, findSenders, type Sender, splitName } from '../../src/worker/senders.ts';
import { messageFacts, thread } from '../rules/sample-facts.ts';

/** A portal with these contacts; what is asked of it is written down. */
function portalWith(contacts: Contact[], refuses = false) {
  const asked: string[] = [];
  const gateway = {
    async readContacts(ids: string[]) {
      asked.push(`read ${ids.join(' ')}`);
      return new Map(contacts.filter(({ id }) => ids.includes(id)).map((contact) => [contact.id, contact]));
    },
    async findContactByAddress(address: string) {
      asked.push(`find ${address}`);
      return contacts.find(({ addresses }) => addresses.includes(address))?.id;
    },
    async createContact({ address, firstName, lastName }: Parameters<PortalGateway['createContact']>[0]) {
      asked.push(`create ${address} ${firstName} ${lastName}`);
      if (refuses) throw new BatonError('hubspot-refused');
      return '900';
    },
  };
  return { gateway: gateway as unknown as PortalGateway, asked };
}

type From = { id: string; actorId?: string | null; address?: string | null; name?: string; contactId?: string | null };

function opening({ id, actorId = null, address = null, name, contactId = null }: From): MessageFacts {
  const sender = { actorId, address, field: 'FROM' as const, ...(name === undefined ? {} : { name }) };
  return messageFacts('INCOMING', { thread: thread({ id, contactId }) }, { id: 'm', threadId: id, senders: [sender] });
}

const robin: Contact = { id: '7', addresses: ['robin@office.example', 'robin@home.example'] };

async function findIds(contacts: Contact[], messages: MessageFacts[]) {
  const { gateway, asked } = portalWith(contacts);
  const senders = await findSenders(gateway, messages);
  return { ids: messages.map(({ subject }) => (senders.get(subject) as Sender).contactId), asked };
}

test('a resolved visitor who is a contact is the sender, and all of them cost one call', async () => {
  const messages = ['1', '2'].map((id) => opening({ id, actorId: 'V-7', address: 'x@y.example', contactId: '7' }));
  assert.deepEqual(await findIds([robin], messages), { ids: ['7', '7'], asked: ['read 7'] });
});

test('a visitor who is no contact is looked for by address, each address once, whatever its case', async () => {
  const messages = [
    opening({ id: '1', actorId: 'V-99', address: 'Robin@Home.example', contactId: '99' }),
    opening({ id: '2', actorId: null, address: 'robin@home.example' }),
    opening({ id: '3', actorId: null, address: 'casey@customer.example' }),
  ];
  const { ids, asked } = await findIds([robin], messages);
  assert.deepEqual(ids, ['7', '7', null]);
  assert.deepEqual(asked, ['read 99', 'find robin@home.example', 'find casey@customer.example']);
});

test("the thread's contact stands for a sender without an address, but not for another address", async () => {
  const messages = [
    opening({ id: '1', contactId: '7' }),
    opening({ id: '2', contactId: '7', address: 'robin@office.example' }),
    opening({ id: '3', contactId: '7', address: 'casey@customer.example' }),
  ];
  assert.deepEqual((await findIds([robin], messages)).ids, ['7', '7', null]);
});

test('nothing is asked about nobody', async () => {
  assert.deepEqual(await findIds([], []), { ids: [], asked: [] });
  assert.deepEqual(await findIds([], [opening({ id: '1' })]), { ids: [null], asked: [] });
});

test('one contact is made of two messages of the same stranger, none of a sender without an address', async () => {
  const { gateway, asked } = portalWith([]);
  const casey = { address: 'casey@customer.example', name: 'Casey Jones', contactId: null };
  const senders: Sender[] = [{ ...casey }, { ...casey }, { address: null, name: 'Robin', contactId: null }];
  const told = await ensureContacts(gateway, senders);
  assert.deepEqual(asked, ['create casey@customer.example Casey Jones']);
  assert.deepEqual(
    senders.map(({ contactId }) => contactId),
    ['900', '900', null],
  );
  assert.deepEqual(
    senders.map((sender) => (told.get(sender) as { passed: boolean; seen: string }).seen),
    ['made from the sender', 'made from the sender', 'the sender has no address'],
  );
});

test('a contact that HubSpot refuses is done without', async () => {
  const { gateway } = portalWith([], true);
  const sender: Sender = { address: 'casey@customer.example', name: null, contactId: null };
  const told = await ensureContacts(gateway, [sender]);
  assert.equal(sender.contactId, null);
  assert.equal((told.get(sender) as { passed: boolean }).passed, false);
});

test('a name is split as people write it, and an address is no name', () => {
  const named = (name: string | null) => Object.values(splitName(name));
  assert.deepEqual(named('Casey Jones'), ['Casey', 'Jones']);
  assert.deepEqual(named('  Casey   van der Berg '), ['Casey', 'van der Berg']);
  assert.deepEqual(named('"Jones, Casey"'), ['Casey', 'Jones']);
  assert.deepEqual(named('Casey'), ['Casey', null]);
  assert.deepEqual(named('Jones,'), ['Jones,', null]);
  assert.deepEqual(named('casey@customer.example'), [null, null]);
  assert.deepEqual(named(''), [null, null]);
  assert.deepEqual(named(null), [null, null]);
});
