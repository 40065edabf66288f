// What became of a portal in the emulator and in Baton's own tables, held against what the model expects.
import type pg from 'pg';
import { type ExpectedTicket, expectPortal } from './model.ts';
import type { ChaosPortal, EffectKind } from './portals.ts';
import { stages } from './portals.ts';
import type { Deed, Story } from './story.ts';

export type Difference = { kind: 'lost' | 'doubled' | 'wrong'; portalId: string; what: string; story?: string[] };
export type Outcome = {
  differences: Difference[];
  tickets: number;
  /** Tickets for which PRODUCT.md leaves exactly one end. */
  sharp: number;
  effects: number;
  messages: number;
  /** Moves that HubSpot refused in words of its own: not repeated, but shown to a person in the record. */
  refused: number;
  /** A person's moves that Baton's own write, on its way already, took back: HubSpot has no conditional write. */
  raced: number;
};

type Delivered = ReadonlyMap<string, Set<string>>;

/** Effects of one kind on a ticket, as HubSpot and the customer's own server saw them. */
function countEffects({ id, portal }: ChaosPortal, ticketId: string, kind: EffectKind, delivered: Delivered): number {
  const ticket = portal.ticket(ticketId);
  switch (kind) {
    case 'note':
      return ticket.notes.length;
    case 'task':
      return ticket.tasks.length;
    case 'webhook':
      return delivered.get(`${id} ${ticketId}`)?.size ?? 0;
    case 'reply':
      return ticket.threadIds.flatMap((threadId) => portal.sentMail(threadId)).filter(({ byApp }) => byApp).length;
    case 'mail':
      return portal.sentEmails().filter(({ sendId }) => String(sendId).includes(ticketId)).length;
  }
}

/** Once an entry, at most; an entry the ticket has left again may have run none, the one it stands in must have run. */
function checkEffects(
  given: ChaosPortal,
  ticketId: string,
  { answeredByMachine }: ExpectedTicket,
  delivered: Delivered,
  add: (kind: Difference['kind'], what: string) => void,
): number {
  const history = given.portal.ticket(ticketId).stageHistory;
  const standsIn = history[0]?.value;
  let effects = 0;
  for (const [stage, kind] of Object.entries(given.effects) as [string, EffectKind][]) {
    const entries = history.filter(({ value }, index) => value === stage && history[index + 1]?.value !== stage).length;
    const seen = countEffects(given, ticketId, kind, delivered);
    effects += seen;
    if (seen > entries) add('doubled', `ticket ${ticketId}: ${seen} of ${kind} for ${entries} entries into ${stage}`);
    const mayBeSilent = answeredByMachine && (kind === 'reply' || kind === 'mail');
    if (seen === 0 && standsIn === stage && !mayBeSilent)
      add('lost', `ticket ${ticketId} stands in ${stage} without its ${kind}`);
  }
  return effects;
}

/** A reading is at most a second old when Baton writes (worker/ticket-facts.ts), and a slow call takes a second. */
const raceMs = 2_000;

function isRaced(history: { value: string; sourceType: string; timestamp: number }[], stageIds: string[]): boolean {
  const [ours, theirs] = history;
  if (ours?.sourceType !== 'INTEGRATION' || theirs?.sourceType !== 'CRM_UI' || !stageIds.includes(theirs.value))
    return false;
  return ours.timestamp - theirs.timestamp <= raceMs;
}

function checkTickets(
  given: ChaosPortal,
  story: Story,
  outcome: Outcome,
  add: (kind: Difference['kind'], what: string) => void,
  delivered: Delivered,
) {
  const { portal, madeByBaton } = given;
  const rules = { madeByBaton, fresh: stages.fresh, onOutgoing: stages.contact, onIncoming: stages.us };
  const expected = expectPortal(story.deeds, rules, story.ticketOf);
  const merged = story.deeds.flatMap((deed) => (deed.kind === 'merged' ? [deed.ticketId] : []));
  for (const ticket of expected.tickets) {
    const { threadIds, stageIds } = ticket;
    if (threadIds.length === 0) continue;
    outcome.tickets += 1;
    const ids = [...new Set(threadIds.map((threadId) => portal.thread(threadId).ticketId))];
    if (ids.length !== 1 || !ids[0]) {
      add(
        ids.some((id) => id) ? 'wrong' : 'lost',
        `threads ${threadIds.join(', ')} have the tickets ${ids.join(', ')}`,
      );
      continue;
    }
    const [ticketId] = ids as [string];
    if (stageIds.length === 1) outcome.sharp += 1;
    const stage = portal.stage(ticketId);
    if (!stageIds.includes(stage) && isRaced(portal.ticket(ticketId).stageHistory, stageIds)) outcome.raced += 1;
    else if (!stageIds.includes(stage)) {
      const path = portal
        .ticket(ticketId)
        .stageHistory.map(({ value, sourceType }) => `${value} ${sourceType}`)
        .reverse();
      add('wrong', `ticket ${ticketId} stands in ${stage}, not in ${stageIds.join(' or ')}: ${path.join(', ')}`);
    }
    if (!merged.includes(ticketId)) outcome.effects += checkEffects(given, ticketId, ticket, delivered, add);
  }
  for (const threadId of expected.threadsWithout) {
    const { ticketId } = portal.thread(threadId);
    if (ticketId) add('wrong', `thread ${threadId} of an account nobody claimed has ticket ${ticketId}`);
  }
  const gone = story.deeds.filter(({ kind }) => kind === 'merged').length;
  const all = portal.listTickets().length;
  const living = expected.tickets.filter(({ threadIds }) => threadIds.length > 0).length;
  if (all > living) add('doubled', `${all} tickets where ${living} were expected (${gone} merges)`);
  return expected.decided;
}

/**
 * A ticket that stands where it stood because HubSpot refused the move of the last message that counts on it, and whose record says so.
 * After a merge the mail on the merged ticket's thread need not count (docs/reliability.md).
 */
function isRefused({ kind, story = [] }: Difference): boolean {
  const idOf = (line: string) => /"(?:messageId|emailId)":"([^"]+)"\}$/.exec(line)?.[1];
  const recordsOf = (line: string) => story.filter((other) => other.includes(`"item":"${idOf(line)}"`));
  const isMerged = story.some((line) => line.startsWith('{"kind":"merged"'));
  const counts = (line: string) =>
    /^\{"kind":"(customer-replied|agent-replied|mailed-from-ticket|moved|opened)"/.test(line) &&
    !(isMerged && recordsOf(line).some((record) => /"reason":"(reply|sent)-elsewhere"/.test(record)));
  const newest = story.findLast(counts);
  return (
    kind === 'wrong' &&
    newest !== undefined &&
    recordsOf(newest).some((record) => record.includes('"refused-by-hubspot"'))
  );
}

/** To each difference about a ticket: what people did on its threads, and what Baton recorded. */
async function explain(differences: Difference[], given: ChaosPortal, story: Story, sql: pg.Pool): Promise<void> {
  for (const difference of differences) {
    const ticketId = /^ticket (\d+)/.exec(difference.what)?.[1];
    if (!ticketId) continue;
    const { threadIds } = given.portal.ticket(ticketId);
    const isAbout = (deed: Deed) =>
      ('threadId' in deed && threadIds.includes(deed.threadId)) || ('ticketId' in deed && deed.ticketId === ticketId);
    const { rows } = await sql.query(
      `select trigger, coalesce(message_id, email_id) as item, decision, reason, outcome, error, latency_ms
       from records where portal_id = $1 and (ticket_id = $2 or thread_id = any($3)) order by id`,
      [given.id, ticketId, threadIds],
    );
    difference.story = [...story.deeds.filter(isAbout), ...rows].map((one) => JSON.stringify(one));
  }
}

function describeUnrecorded(id: string, { deeds }: Story): string {
  const isIt = (deed: Deed) =>
    ('messageId' in deed && deed.messageId === id) || ('emailId' in deed && deed.emailId === id);
  const deed = deeds.find(isIt);
  const secondsBeforeEnd = Math.round(((deeds.at(-1)?.at ?? 0) - (deed?.at ?? 0)) / 1_000);
  return `${JSON.stringify(deed)} has no record; it was ${secondsBeforeEnd} s before the last deed`;
}

/** Everything that Baton should have done in one portal and has not, or has done twice, or otherwise. */
export async function findDifferences(
  given: ChaosPortal,
  story: Story,
  sql: pg.Pool,
  delivered: Delivered,
): Promise<Outcome> {
  const outcome: Outcome = { differences: [], tickets: 0, sharp: 0, effects: 0, messages: 0, refused: 0, raced: 0 };
  const add = (kind: Difference['kind'], what: string) => outcome.differences.push({ kind, portalId: given.id, what });
  const decided = checkTickets(given, story, outcome, add, delivered);
  outcome.messages = decided.length;
  await explain(outcome.differences, given, story, sql);
  const refused = outcome.differences.filter(isRefused);
  outcome.refused = refused.length;
  outcome.differences = outcome.differences.filter((difference) => !refused.includes(difference));
  const { rows } = await sql.query<{ id: string }>(
    `select distinct coalesce(message_id, email_id) as id from records where portal_id = $1 and decision <> 'act'`,
    [given.id],
  );
  const recorded = new Set(rows.map(({ id }) => id));
  for (const id of decided.filter((one) => !recorded.has(one))) add('lost', describeUnrecorded(id, story));
  const addresses = given.portal.look().contacts.map(({ email }) => email);
  for (const address of new Set(addresses))
    if (addresses.filter((other) => other === address).length > 1) add('doubled', `a contact is there twice`);
  return outcome;
}
