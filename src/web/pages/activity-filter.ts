// What a person asks the activity page for: a ticket, a result, a reason, and which page of the list.
import { type Outcome, outcomes } from '../../db/db.ts';
import { type Reason, reasons } from '../../rules/decide.ts';

/** HubSpot's ids and ours are whole numbers; 18 digits always fit PostgreSQL's bigint. */
const idPattern = /^\d{1,18}$/;

export type ActivityFilter = {
  /** What was typed, to be shown again. */
  typed: string;
  ticketId: string | undefined;
  /** Why what was typed names no ticket of this portal. */
  fault: 'not-a-ticket' | 'another-portal' | undefined;
  outcome: Outcome | undefined;
  reason: Reason | undefined;
  after: string | undefined;
};

export function isId(value: unknown): value is string {
  return typeof value === 'string' && idPattern.test(value);
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/**
 * A ticket's number out of what people type or paste: `123`, `#123`, `Ticket 12 345`, or the address of its page in HubSpot
 * (`/contacts/<portal>/record/0-5/<ticket>`, PLATFORM.md 4.6, and the older `/ticket/<ticket>`) or here.
 */
export function readTicket(typed: string, portalId: string): Pick<ActivityFilter, 'ticketId' | 'fault'> {
  if (typed.includes('/')) {
    const portal = /\/(?:contacts|help-desk)\/(\d+)\//.exec(typed)?.[1];
    if (portal !== undefined && portal !== portalId) return { ticketId: undefined, fault: 'another-portal' };
    const ticketId = /\/(?:record\/0-5|tickets?)\/(\d+)(?!\d)/.exec(typed)?.[1];
    return isId(ticketId) ? { ticketId, fault: undefined } : { ticketId: undefined, fault: 'not-a-ticket' };
  }
  const number = typed.replace(/^ticket\b/i, '').replace(/[\s#]/g, '');
  if (typed === '' || isId(number)) return { ticketId: number || undefined, fault: undefined };
  return { ticketId: undefined, fault: 'not-a-ticket' };
}

/** Reads a query. What is no outcome, reason or cursor counts as none, as an old link may name one; a ticket that is none is a fault. */
export function readFilter(query: Record<string, unknown>, portalId: string): ActivityFilter {
  const typed = readText(query.ticketId);
  const after = readText(query.after);
  return {
    typed,
    ...readTicket(typed, portalId),
    outcome: outcomes.find((each) => each === query.outcome),
    reason: reasons.find((each) => each === query.reason),
    after: isId(after) ? after : undefined,
  };
}

/** A link with what is given of the query; what is empty is left out. */
export function linkTo(path: string, query: Record<string, string | undefined>): string {
  const kept = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return kept.length > 0 ? `${path}?${new URLSearchParams(kept)}` : path;
}
