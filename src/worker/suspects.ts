// Which of a lease's events are worked together, so that one that breaks its batch each time takes no other with it.
import type { InboxEvent } from '../db/lanes.ts';

/** After its third failure an event may be what breaks its batch, and is a suspect. */
const suspectFromAttempt = 3;

function isSuspect(event: InboxEvent): boolean {
  return event.attempts >= suspectFromAttempt;
}

/**
 * The suspects at the head of the queue, `suspectsAtOnce` of them, else all that is no suspect. The others stay due: batches of one
 * portal follow one another, because what one has settled is what the next decides upon.
 */
export function chooseEvents(events: InboxEvent[], suspectsAtOnce: number): InboxEvent[] {
  if (events[0] && isSuspect(events[0])) return events.filter(isSuspect).slice(0, suspectsAtOnce);
  return events.filter((event) => !isSuspect(event));
}

/**
 * How many suspects of a portal are worked at once: one at first, twice as many after each batch that held, so that an outage, which
 * makes suspects of all, is not made up for one by one.
 */
export function createSuspectCounts() {
  const counts = new Map<string, number>();
  return {
    countFor: (portalId: string): number => counts.get(portalId) ?? 1,
    /** `worked` of `events` held together, or broke; forgets a portal that has no suspects any more. */
    learn(portalId: string, events: InboxEvent[], worked: InboxEvent[], held: boolean): void {
      if (!events.some(isSuspect) || (!held && worked.some(isSuspect))) counts.delete(portalId);
      else if (worked.some(isSuspect)) counts.set(portalId, 2 * (counts.get(portalId) ?? 1));
    },
  };
}
