// Mail from personal mailboxes in portals of every kind: what is sent from the ticket moves it where the portal has proven how to
// tell, and what is sent from the contact record never does.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { AddMailHistory } from '../../src/emulator/mail-history.ts';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { bothRulesOn, type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';

const minuteMs = 60_000;

describe('mailbox mail', () => {
  let system: System;
  let count = 0;

  before(async () => {
    system = await startSystem({ emulator: { limits: roomyLimits } });
  });
  after(() => system.stop());

  /** A portal with a past that no webhook told of, and Baton installed after it. */
  async function install(options: Partial<PortalOptions>, history: AddMailHistory[] = []) {
    count += 1;
    const portalId = String(66_000_000 + count);
    const acme = await system.install({ portalId, ...options }, null);
    for (const past of history) acme.portal.addMailHistory(past);
    await acme.saveSettings(bothRulesOn);
    return acme;
  }

  /** A customer with so many open tickets, made an hour ago. */
  function addCustomer({ portal, userId }: InstalledPortal, tickets = 1) {
    count += 1;
    const to = `c${count}@customer.example`;
    const hourAgo = Date.now() - 60 * minuteMs;
    const { contactId } = portal.addContact({ email: to, at: hourAgo });
    const make = () => portal.createTicket({ userId, contactIds: [contactId], stageId: '3', at: hourAgo }).ticketId;
    const ticketIds = Array.from({ length: tickets }, make);
    const mail = { userId, contactId, to, subject: 'Your matter', text: 'See below.' };
    return { ticketIds, ticketId: ticketIds[0] as string, mail };
  }

  type When = { at?: number; associateAfterMs?: number };

  async function sendFromTicket(acme: InstalledPortal, when: When = {}) {
    const { ticketId, mail } = addCustomer(acme);
    const { emailId } = acme.portal.sendMailboxEmail({ ...mail, from: 'ticket', ticketId, ...when });
    await system.settled();
    return { record: await acme.recordOf(emailId), stage: acme.portal.stage(ticketId) };
  }

  /** Sends from the contact record, to customers with so many open tickets, and holds that none of them moves. */
  async function sendFromContacts(acme: InstalledPortal, openTickets: number[], when: When = {}) {
    const sent = openTickets.map((tickets) => {
      const { ticketIds, mail } = addCustomer(acme, tickets);
      return { ticketIds, ...acme.portal.sendMailboxEmail({ ...mail, from: 'contact', ...when }) };
    });
    await system.settled();
    for (const { ticketIds, emailId } of sent) {
      for (const ticketId of ticketIds) assert.deepEqual(acme.ownMoves(ticketId), [], `${ticketId} was moved`);
      assert.notEqual((await acme.recordOf(emailId)).verdict, 'sent-from-ticket');
    }
    return sent;
  }

  function seen(record: Awaited<ReturnType<InstalledPortal['recordOf']>>): string {
    return record.evidence.find(({ check }) => check === 'mailbox-evidence')?.seen ?? 'not asked';
  }

  const long = () => Date.now() - 3 * minuteMs;

  it('with a history moves the ticket from the first mail on, and never from the contact record', async () => {
    const acme = await install({}, [{ mails: 4 }, { mails: 5, from: 'ticket' }]);
    const first = await sendFromTicket(acme);
    assert.equal(first.stage, '2', JSON.stringify(first.record));
    assert.equal(seen(first.record), 'auto: proven by 4 mails');
    await sendFromContacts(acme, [1, 1, 2]);
    assert.equal((await sendFromTicket(acme, { associateAfterMs: 300 })).stage, '2');
  });

  it('was learned once: later mail costs no search and no look at the history', async () => {
    const acme = await install({}, [{ mails: 4 }]);
    let searches = 0;
    system.emulator.onRequest(async ({ path }, phase) => {
      if (phase === 'applied' && path.endsWith('/emails/search')) searches += 1;
    });
    await sendFromTicket(acme);
    assert.equal(searches, 1);
    await sendFromTicket(acme);
    await sendFromContacts(acme, [1, 2]);
    assert.equal(searches, 1);
  });

  it('without a history moves nothing until three mails have proven it, and says what is missing', async () => {
    const acme = await install({});
    const none = await sendFromTicket(acme);
    assert.deepEqual([none.stage, none.record.reason], ['3', 'sent-elsewhere']);
    assert.equal(seen(none.record), 'auto: 0 of 3 mails seen that prove it');
    await sendFromContacts(acme, [1, 1], { at: long() });
    assert.equal(seen((await sendFromTicket(acme)).record), 'auto: 2 of 3 mails seen that prove it');
    // To somebody with several open tickets, and to somebody with none: these prove nothing.
    await sendFromContacts(acme, [2, 0], { at: long() });
    assert.equal((await sendFromTicket(acme)).stage, '3');
    await sendFromContacts(acme, [1], { at: long() });
    const proven = await sendFromTicket(acme);
    assert.deepEqual([proven.stage, seen(proven.record)], ['2', 'auto: proven by 3 mails']);
  });

  it('sent less than a minute ago proves nothing: its ticket may still come', async () => {
    const acme = await install({});
    await sendFromContacts(acme, [1, 1, 1, 1]);
    assert.equal(seen((await sendFromTicket(acme)).record), 'auto: 0 of 3 mails seen that prove it');
  });

  for (const quirk of ['sender', 'hubspot'] as const) {
    it(`never moves a ticket where HubSpot puts contact mail on tickets, as ${quirk}`, async () => {
      system.emulator.quirks.automaticAssociationSource = quirk;
      const acme = await install({ automaticAssociation: true }, [
        { mails: 6 },
        { mails: 6, from: 'ticket' },
        { mails: 4, openTickets: 0 },
      ]);
      await sendFromContacts(acme, [1, 1, 1, 2, 3]);
      await sendFromContacts(acme, [1, 1, 1], { associateAfterMs: 200 });
      await sendFromContacts(acme, [1, 2], { at: long() });
      const { record, stage } = await sendFromTicket(acme);
      assert.deepEqual([stage, record.reason], ['3', 'sent-elsewhere']);
    });

    it(`never moves a ticket where HubSpot does so only for contacts with one open ticket, as ${quirk}`, async () => {
      system.emulator.quirks.automaticAssociationSource = quirk;
      const acme = await install({ automaticAssociation: 'some' }, [{ mails: 6 }, { mails: 6, openTickets: 2 }]);
      await sendFromContacts(acme, [1, 1, 2, 2]);
      await sendFromContacts(acme, [2, 2, 2, 2], { at: long() });
      await sendFromContacts(acme, [1, 1]);
      assert.equal((await sendFromTicket(acme)).stage, '3');
    });
  }

  it('takes the proof back with the first mail that HubSpot puts on a ticket after it was switched on', async () => {
    system.emulator.quirks.automaticAssociationSource = 'hubspot';
    const acme = await install({}, [{ mails: 5 }]);
    assert.equal((await sendFromTicket(acme)).stage, '2');
    acme.portal.configure({ automaticAssociation: true });
    await sendFromContacts(acme, [1, 1, 2]);
    const { record, stage } = await sendFromTicket(acme);
    assert.equal(stage, '3');
    assert.match(seen(record), /^auto: 0 of 3 mails seen that prove it, since (something|a mail)/);
    acme.portal.configure({ automaticAssociation: false });
    system.emulator.quirks.automaticAssociationSource = 'sender';
  });

  it('takes the proof back with the first mail on several tickets, and believes it again after three newer mails', async () => {
    system.emulator.quirks.automaticAssociationSource = 'sender';
    const acme = await install({}, [{ mails: 5 }]);
    assert.equal((await sendFromTicket(acme)).stage, '2');
    acme.portal.configure({ automaticAssociation: true });
    await sendFromContacts(acme, [2], { at: Date.now() - 5 * minuteMs });
    await sendFromContacts(acme, [1, 1, 1]);
    const back = await sendFromTicket(acme);
    assert.equal(back.stage, '3');
    assert.match(seen(back.record), /since a mail was put on several tickets at once$/);
    acme.portal.configure({ automaticAssociation: false });
    await sendFromContacts(acme, [1, 1, 1], { at: long() });
    assert.equal((await sendFromTicket(acme)).stage, '2');
  });

  it('with an old history that newer mail contradicts moves nothing', async () => {
    const acme = await install({}, [
      { mails: 9, fromDaysAgo: 28, toDaysAgo: 20 },
      { mails: 2, openTickets: 2, associated: true, fromDaysAgo: 10, toDaysAgo: 8 },
      { mails: 2, fromDaysAgo: 5, toDaysAgo: 2 },
    ]);
    const { record, stage } = await sendFromTicket(acme);
    assert.equal(stage, '3');
    assert.match(seen(record), /^auto: 2 of 3 mails seen that prove it, since a mail was put on several tickets/);
  });

  it('reads who had an open ticket then from the ticket itself: closed since counts, not made yet does not', async () => {
    const closed = await install({}, [{ mails: 3, closedSince: true }]);
    assert.equal((await sendFromTicket(closed)).stage, '2');
    const acme = await install({});
    for (let mail = 0; mail < 4; mail += 1) {
      const { mail: one } = addCustomer(acme);
      acme.portal.sendMailboxEmail({ ...one, from: 'contact', at: Date.now() - 24 * 60 * minuteMs });
    }
    await system.settled();
    assert.match(seen((await sendFromTicket(acme)).record), /^auto: 0 of 3/);
  });

  it('that an app logged, or that came in, teaches nothing', async () => {
    const acme = await install({});
    for (let index = 0; index < 5; index += 1) {
      const { mail } = addCustomer(acme);
      const properties = {
        hs_timestamp: new Date(long()).toISOString(),
        hs_email_direction: 'EMAIL',
        hs_email_status: 'SENT',
        hs_email_headers: JSON.stringify({ from: { email: 'rep@agency.example' }, to: [{ email: mail.to }] }),
        hubspot_owner_id: acme.portal.look().users[0]?.ownerId as string,
      };
      const source = { type: 'INTEGRATION', id: '77' };
      acme.portal.addEmail({ properties, contactIds: [mail.contactId], at: long(), source });
      const inbound = { from: { email: mail.to }, to: [{ email: 'rep@agency.example' }] };
      const headers = { hs_email_headers: JSON.stringify(inbound) };
      acme.portal.addEmail({ properties: { ...properties, ...headers }, contactIds: [mail.contactId], at: long() });
    }
    await system.settled();
    assert.match(seen((await sendFromTicket(acme)).record), /^auto: 0 of 3/);
  });

  it('whose history cannot be read waits, and no message waits with it', async () => {
    const acme = await install({ ticketsForNewConversations: true }, [{ mails: 4 }]);
    const { threadId, ticketId } = acme.portal.receiveMessage({ from: 'm@customer.example', text: 'Hello?' });
    await system.settled();
    const fault = { portalId: acme.id, path: /\/emails\/search$/, kind: 'status' as const };
    // A read is tried three times at once.
    system.emulator.faults.add({ ...fault, status: 503, times: 3 });
    const { ticketId: other, mail } = addCustomer(acme);
    acme.portal.sendMailboxEmail({ ...mail, from: 'ticket', ticketId: other });
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId as string), '2');
    assert.equal(acme.portal.stage(other), '2');
  });

  it('whose history HubSpot refuses is judged by what is known, and learned from with the next', async () => {
    const acme = await install({}, [{ mails: 4 }]);
    system.emulator.faults.add({ portalId: acme.id, path: /\/emails\/search$/, kind: 'status', status: 400, times: 1 });
    assert.match(seen((await sendFromTicket(acme)).record), /^auto: 0 of 3/);
    assert.equal((await sendFromTicket(acme)).stage, '2');
  });

  it('is not judged before it is known who put it on the ticket, which may be told after the email itself', async () => {
    system.emulator.quirks.automaticAssociationSource = 'hubspot';
    const acme = await install({ automaticAssociation: true }, [{ mails: 4, associated: false }]);
    const { ticketId, mail } = addCustomer(acme);
    const { webhooks } = system.emulator;
    webhooks.settings.lossRate = 1;
    const { emailId } = acme.portal.sendMailboxEmail({ ...mail, from: 'contact' });
    await webhooks.idle();
    webhooks.settings.lossRate = 0;
    const tell = (element: object) =>
      system.deliver(JSON.stringify([{ portalId: Number(acme.id), occurredAt: Date.now(), eventId: 1, ...element }]));
    const created = { subscriptionType: 'object.creation', objectTypeId: '0-49', objectId: Number(emailId) };
    const sides = { fromObjectTypeId: '0-49', toObjectTypeId: '0-5', associationRemoved: false };
    const ids = { fromObjectId: Number(emailId), toObjectId: Number(ticketId) };
    const tied = {
      subscriptionType: 'object.associationChange',
      changeSource: 'AUTOMATION_PLATFORM',
      ...sides,
      ...ids,
    };
    assert.equal(await tell(created), 204);
    assert.equal(await tell(created), 204);
    await wait(700);
    assert.equal((await acme.records()).length, 0, 'it waits');
    assert.equal(await tell(tied), 204);
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), []);
    const record = await acme.recordOf(emailId);
    assert.equal(record.reason, 'sent-elsewhere');
    assert.match(seen(record), /something other than the sender put a mail on a ticket$/);
    system.emulator.quirks.automaticAssociationSource = 'sender';
  });

  it('is learned at the first sweep, so that a portal knows before its first mail', async () => {
    const acme = await install({}, [{ mails: 3 }]);
    const found = async () =>
      (await system.sql.query('select 1 from mailbox_mails where portal_id = $1', [acme.id])).rowCount;
    assert.equal(await found(), 0);
    await system.db.sweeps.startSweep('messages', new Date());
    await system.settled();
    assert.equal(await found(), 3);
  });

  it('keeps no address and no text: ids, times and kinds', async () => {
    const { rows } = await system.sql.query('select * from mailbox_mails');
    assert.ok(rows.length > 20);
    for (const row of rows) assert.match(`${row.email_id} ${row.kind} ${row.ticket_id}`, /^\d+ [a-z]+ (\d+|null)$/);
  });
});
