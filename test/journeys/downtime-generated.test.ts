// Generated hours of a team, lived twice at the same moments: once with Baton told of everything, once with Baton offline.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { act, type Cast, openPast, type Step, script } from '../support/downtime-scripts.ts';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';
import { openTimeline, type Timeline } from '../support/timeline.ts';

const hourMs = 3_600_000;
/** Scripts lived side by side: they share the seconds that lie between their steps. */
const scriptsAtOnce = 3;

/** Each was a difference once. */
const remembered: Step[][] = [
  // The second message took the ticket out of its first status before its actions had run.
  [
    { kind: 'asks', who: 3 },
    { kind: 'asks', who: 3 },
    { kind: 'asks', who: 2 },
    { kind: 'is-answered', who: 2 },
  ],
  // A machine wrote last.
  [
    { kind: 'asks', who: 3 },
    { kind: 'answers-automatically', who: 3 },
    { kind: 'is-answered', who: 3 },
  ],
];

type Life = { acme: InstalledPortal; timeline: Timeline; cast: Cast };
type Pair = { steps: Step[]; told: Life; down: Life };

describe('hours offline with every webhook lost', () => {
  let system: System;
  const timelines: Timeline[] = [];
  let portals = 0;
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
      stageActions: { '1': [reply, note('new')], '3': [note('ours')], '4': [note('closed')] },
    };
    return { pipelines: { '0': rules }, mailbox: { evidence: 'associated' }, guards: { movesPerTicketPerHour: 1_000 } };
  }

  async function install(): Promise<Life> {
    portals += 1;
    const portalId = String(69_000_000 + portals);
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
    return { acme, timeline, cast: openPast(acme, Date.now() - 8 * hourMs) };
  }

  /** What anybody can see in the end. `acts` = each action that ran or says why not, once an entry. */
  async function look({ acme, timeline, cast }: Life) {
    const { portal } = acme;
    const tickets = new Map(cast.tickets);
    const sent: Record<string, string[]> = {};
    for (const [name, threadId] of cast.threads) {
      tickets.set(name, portal.thread(threadId).ticketId ?? assert.fail(`${name} has no ticket`));
      sent[name] = (await timeline.sent(threadId)).map(({ text }) => text ?? '').sort();
    }
    const stages: Record<string, string> = {};
    const notes: Record<string, string[]> = {};
    for (const [name, ticketId] of tickets) {
      stages[name] = portal.stage(ticketId);
      notes[name] = (await timeline.notes(ticketId)).sort();
    }
    return { tickets: portal.listTickets().length, stages, sent, notes };
  }

  /**
   * What entries by a person's or Baton's hand into a status with actions the ticket has left again: Baton offline never saw them, or
   * decided several messages at once (docs/downtime.md). The birth of a conversation's own ticket is not among them.
   */
  function leftAgain({ acme, cast }: Life, name: string): number {
    const threadId = cast.threads.get(name);
    const ticketId = threadId ? (acme.portal.thread(threadId).ticketId as string) : (cast.tickets.get(name) as string);
    const { stageHistory } = acme.portal.ticket(ticketId);
    const passed = stageHistory.slice(1, threadId ? -1 : undefined);
    return passed.filter(({ value }) => ['1', '3', '4'].includes(value)).length;
  }

  function compare(pair: Pair, told: Awaited<ReturnType<typeof look>>, down: Awaited<ReturnType<typeof look>>): void {
    assert.deepEqual(down.stages, told.stages, 'statuses');
    assert.equal(down.tickets, told.tickets, 'tickets made');
    for (const [name, sent] of Object.entries(told.sent)) {
      // No mail answers a machine: where one wrote last, the customer who wrote before it hears nothing.
      const silent = endsWithMachine(pair, name) && down.sent[name]?.every((text) => sent.includes(text));
      if (!silent) assert.deepEqual(down.sent[name], sent, `mails sent in ${name}`);
    }
    for (const [name, notes] of Object.entries(told.notes)) {
      const missing = [...notes];
      for (const note of down.notes[name] ?? []) {
        const index = missing.indexOf(note);
        assert.notEqual(index, -1, `${name} has ${note} only when offline`);
        missing.splice(index, 1);
      }
      assert.ok(missing.length <= leftAgain(pair.told, name), `${name} lacks ${missing.join(', ')}`);
    }
  }

  /** Whether the last that came in on a conversation was an automatic answer. */
  function endsWithMachine({ steps }: Pair, name: string): boolean {
    const index = Number(name.split(' ').at(-1));
    const written = steps.filter((step) => 'who' in step && step.who === index);
    return (
      written.findLast(({ kind }) => kind === 'asks' || kind === 'answers-automatically')?.kind ===
      'answers-automatically'
    );
  }

  async function sweep(): Promise<void> {
    await system.sql.query(`update watermarks set reached_at = reached_at - interval '5 hours'`);
    await system.db.sweeps.startSweep('messages', new Date());
    await system.settled();
  }

  /** Every second of its own: HubSpot stamps incoming messages to the second (PRODUCT.md 2). */
  async function live(pairs: Pair[], number: number): Promise<void> {
    await wait(1_000 - (Date.now() % 1_000) + 20);
    const at = Date.now();
    for (const { steps, told, down } of pairs) {
      const step = steps[number];
      if (!step) continue;
      act(told.acme, told.cast, step, number, at);
      system.emulator.webhooks.settings.lossRate = 1;
      act(down.acme, down.cast, step, number, at);
      system.emulator.webhooks.settings.lossRate = 0;
    }
    await system.settled();
  }

  async function compareLives(scripts: Step[][], origin: string): Promise<void> {
    const pairs: Pair[] = [];
    for (const steps of scripts) pairs.push({ steps, told: await install(), down: await install() });
    await system.settled();
    const longest = Math.max(...scripts.map(({ length }) => length));
    for (let number = 0; number < longest; number += 1) await live(pairs, number);
    const told = await Promise.all(pairs.map((pair) => look(pair.told)));
    await sweep();
    await sweep();
    for (const [index, pair] of pairs.entries()) {
      const before = told[index] ?? assert.fail();
      try {
        compare(pair, before, await look(pair.down));
        assert.deepEqual(await look(pair.told), before, 'a sweep changes nothing where all was told');
      } catch (error) {
        const story = pair.steps.map((step) => JSON.stringify(step)).join('\n');
        throw new Error(`${origin}, script ${index}:\n${story}`, { cause: error });
      }
    }
  }

  it('end as with Baton told of everything', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    await compareLives([...fc.sample(script, { seed, numRuns: scriptsAtOnce }), ...remembered], `seed ${seed}`);
  });
});
