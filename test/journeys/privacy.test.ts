// What is kept of people: nothing of a text, a subject, a name or an address, and after an erasure in HubSpot no number either.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

const address = 'ottoline.q@customer.example';
const words = ['Ottoline', 'Quillfeather', address, 'ottoline.q', 'kaleidoscope', 'zephyrine', 'marzipan'];

describe('privacy', () => {
  let system: System;
  let acme: InstalledPortal;
  let sql: pg.Pool;

  before(async () => {
    system = await startSystem();
    sql = new pg.Pool({ connectionString: system.databaseUrl, max: 1 });
    acme = await system.install(
      { portalId: '58000001' },
      {
        pipelines: {
          '0': {
            newConversation: { enabled: true, stageId: '1', graceSeconds: 0 },
            outgoing: { enabled: true, stageId: '2' },
            incoming: { enabled: true, stageId: '3', anySender: false },
            stageActions: {
              '1': [
                { id: 'a1', kind: 'add-note', body: 'From {{contact.email}}: {{ticket.subject}}' },
                { id: 'a2', kind: 'create-task', subject: 'Call {{contact.email}}', dueInHours: 1 },
              ],
            },
          },
        },
      },
    );
  });
  after(async () => {
    await sql.end();
    await system.stop();
  });

  /** Every row of every table as text; encrypted columns are unreadable anyway. */
  async function dump(): Promise<string> {
    const { rows } = await sql.query<{ table_name: string }>(
      `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    const parts: string[] = [];
    for (const { table_name: table } of rows) {
      const answer = await sql.query<{ row: string }>(`select t::text as row from "${table}" t`);
      parts.push(...answer.rows.map(({ row }) => `${table}: ${row}`));
    }
    return parts.join('\n');
  }

  it('no text, subject, name or address is in any table after all of Baton’s work', async () => {
    const from = { address, name: 'Ottoline Quillfeather' };
    const first = acme.portal.receiveMessage({
      from: address,
      name: from.name,
      subject: 'The kaleidoscope broke',
      text: 'It is zephyrine now.',
    });
    await system.settled();
    const ticketId = acme.portal.listTickets()[0]?.id as string;
    assert.equal(acme.portal.stage(ticketId), '1');
    acme.portal.sendMessage({ threadId: first.threadId, userId: acme.userId, text: 'Have some marzipan.' });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '2');
    acme.portal.receiveMessage({ threadId: first.threadId, from: address, text: 'marzipan is no answer' });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '3');
    const actions = (await acme.records(ticketId)).filter(({ decision }) => decision === 'act');
    assert.deepEqual(actions.map(({ action, outcome }) => [action?.kind, outcome]).sort(), [
      ['add-note', 'done'],
      ['create-task', 'done'],
    ]);
    const everything = await dump();
    for (const word of words) assert.equal(everything.toLowerCase().includes(word.toLowerCase()), false, word);
  });

  it('a contact that is erased in HubSpot has left no number behind', async () => {
    const contactId = acme.portal.contactId(address) as string;
    acme.portal.eraseContact(contactId);
    await system.settled();
    assert.doesNotMatch(await dump(), new RegExp(contactId));
  });

  it('a conversation that is erased in HubSpot takes its records and every number of it along', async () => {
    const threadId = acme.portal.look().threads[0]?.id as string;
    assert.match(await dump(), new RegExp(threadId));
    acme.portal.eraseThread(threadId);
    await system.settled();
    assert.doesNotMatch(await dump(), new RegExp(threadId));
  });
});
