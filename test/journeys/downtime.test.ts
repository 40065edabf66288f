// Hours without a single webhook: after the sweeps everything is as in a twin portal that was told of all of it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';
import { openTimeline, type Timeline } from '../support/timeline.ts';

const hourMs = 3_600_000;

/** Who wrote before the outage. */
type Past = { answered: string; asked: string; quiet: string; byHand: string; atWork: string };

describe('a portal whose webhooks were all lost for hours', () => {
  let system: System;
  const timelines: Timeline[] = [];
  before(async () => {
    system = await startSystem({ emulator: { limits: roomyLimits } });
    // Hours later the search knows everything.
    system.emulator.quirks.searchLagMs = 0;
  });
  after(async () => {
    for (const timeline of timelines) await timeline.close();
    await system.stop();
  });

  function settingsOf(userId: string) {
    const body = 'Hello {{contact.firstname | default: "there"}}, we have it.';
    const reply = { id: 'reply', kind: 'send-notification', via: 'thread', senderUserId: userId, body };
    const note = (id: string) => ({ id, kind: 'add-note', body: `note ${id}` });
    const rules = {
      newConversation: { enabled: true, stageId: '1', graceSeconds: 0 },
      outgoing: { enabled: true, stageId: '2' },
      incoming: { enabled: true, stageId: '3' },
      stageActions: { '1': [reply, note('new')], '4': [note('closed')] },
    };
    return { pipelines: { '0': rules }, mailbox: { evidence: 'associated' } };
  }

  async function install(portalId: string): Promise<{ acme: InstalledPortal; timeline: Timeline; past: Past }> {
    const acme = await system.install({ portalId }, null);
    await acme.saveSettings(settingsOf(acme.userId));
    // Installed and set up yesterday: what happened in the hours before now is no history.
    await system.sql.query(`update portals set installed_at = now() - interval '1 day' where portal_id = $1`, [
      portalId,
    ]);
    await system.sql.query(`update settings_versions set saved_at = now() - interval '1 day' where portal_id = $1`, [
      portalId,
    ]);
    const timeline = openTimeline(system, portalId);
    timelines.push(timeline);
    const open = (from: string) => acme.portal.receiveMessage({ from, subject: 'Before', text: 'Hello?' }).threadId;
    const past = {
      answered: open('answered@customer.example'),
      asked: open('asked@customer.example'),
      quiet: open('quiet@customer.example'),
      byHand: acme.portal.createTicket({ userId: acme.userId, stageId: '1' }).ticketId,
      atWork: '',
    };
    const { contactId } = acme.portal.addContact({ email: 'mailbox@customer.example', at: Date.now() - 9 * hourMs });
    const made = { userId: acme.userId, stageId: '3', contactIds: [contactId], at: Date.now() - 8 * hourMs };
    past.atWork = acme.portal.createTicket(made).ticketId;
    await system.settled();
    return { acme, timeline, past };
  }

  /** All that happens during the outage; `agoMs` = how long ago the mailbox mail was sent. */
  function live({ portal, userId }: InstalledPortal, past: Past, agoMs: number) {
    portal.sendMessage({ threadId: past.answered, userId, text: 'Yes?' });
    portal.sendMessage({ threadId: past.asked, userId, text: 'Which one?' });
    portal.receiveMessage({ from: 'asked@customer.example', threadId: past.asked, text: 'The red one.' });
    portal.moveTicket({ ticketId: past.byHand, stageId: '4', userId });
    const mail = { userId, to: 'mailbox@customer.example', subject: 'Your matter', text: 'See below.' };
    const at = Date.now() - agoMs;
    const sent = portal.sendMailboxEmail({ ...mail, from: 'ticket', ticketId: past.atWork, at });
    const contactId = portal.contactId(mail.to) as string;
    portal.sendMailboxEmail({ ...mail, from: 'contact', contactId, subject: 'News', at: at + 1_000 });
    const fresh = portal.receiveMessage({ from: 'fresh@customer.example', subject: 'New', text: 'It burns.' });
    const made = portal.createTicket({ userId, stageId: '1' }).ticketId;
    return { fresh: fresh.threadId, made, emailId: sent.emailId };
  }

  type Lived = ReturnType<typeof live>;

  /** Not through the page: a session ends with its installation's date. */
  async function listRecords(portalId: string, ticketId: string) {
    return (await system.db.records.listRecords(portalId, { ticketId, limit: 100 })).records;
  }

  async function look({ acme, timeline, past }: Awaited<ReturnType<typeof install>>, lived: Lived) {
    const { portal } = acme;
    const threads = { answered: past.answered, asked: past.asked, quiet: past.quiet, fresh: lived.fresh };
    const tickets: Record<string, string> = { byHand: past.byHand, atWork: past.atWork, made: lived.made };
    const sent: Record<string, string[]> = {};
    for (const [name, threadId] of Object.entries(threads)) {
      tickets[name] = portal.thread(threadId).ticketId ?? assert.fail(`the thread of ${name} has no ticket`);
      sent[name] = (await timeline.sent(threadId)).map(({ text }) => text ?? '').sort();
    }
    const stages: Record<string, unknown> = {};
    for (const [name, ticketId] of Object.entries(tickets)) {
      const acts = (await listRecords(acme.id, ticketId)).filter(({ action }) => action !== null);
      const ends = acts.map(({ action, outcome, reason }) => `${action?.id} ${outcome} ${reason}`).sort();
      stages[name] = { stage: portal.stage(ticketId), ends, notes: (await timeline.notes(ticketId)).sort() };
    }
    return { tickets: portal.listTickets().length, stages, sent };
  }

  /** A sweep some hours after the last one. */
  async function sweep(): Promise<void> {
    await system.sql.query(`update watermarks set reached_at = reached_at - interval '5 hours'`);
    await system.db.sweeps.startSweep('messages', new Date());
    const giveUpAt = Date.now() + 20_000;
    for (;;) {
      const { rows } = await system.sql.query(
        `select (select count(*) from inbox) + (select count(*) from lanes where lease_until is not null) as open`,
      );
      if (rows[0].open === '0') return;
      assert.ok(Date.now() < giveUpAt, `${rows[0].open} still open`);
      await wait(20);
    }
  }

  it('ends as its twin that was told, and stays so when all of it is told at last', async () => {
    const told = await install('67000001');
    const down = await install('67000002');
    const toldLived = live(told.acme, told.past, 0);
    await system.settled();
    const expected = await look(told, toldLived);
    assert.deepEqual(
      Object.entries(expected.stages).map(([name, each]) => [name, (each as { stage: string }).stage]),
      [
        ['byHand', '4'],
        ['atWork', '2'],
        ['made', '1'],
        ['answered', '2'],
        ['asked', '3'],
        ['quiet', '1'],
        ['fresh', '1'],
      ],
    );
    assert.equal(expected.sent.fresh?.length, 1);

    system.emulator.webhooks.hold();
    // A sweep tells by the second whether a thread has something new.
    await wait(1_100);
    const downLived = live(down.acme, down.past, 3 * hourMs);
    assert.equal(down.acme.portal.stage(down.past.atWork), '3');
    await sweep();
    // The ticket that Baton made meanwhile entered its status: no webhook tells of that either.
    await sweep();
    assert.deepEqual(await look(down, downLived), expected);
    const ofMail = (await listRecords(down.acme.id, down.past.atWork)).find(
      ({ emailId }) => emailId === downLived.emailId,
    );
    assert.deepEqual([ofMail?.trigger, ofMail?.verdict, ofMail?.toStageId], ['sweep', 'sent-from-ticket', '2']);

    const records = await countRecords();
    await sweep();
    assert.equal(await countRecords(), records, 'a further sweep finds nothing');
    system.emulator.webhooks.release();
    await system.settled();
    assert.deepEqual(await look(down, downLived), expected);
    assert.deepEqual(await look(told, toldLived), expected);
  });

  async function countRecords(): Promise<number> {
    const { rows } = await system.sql.query('select count(*)::int as count from records');
    return rows[0].count;
  }
});
