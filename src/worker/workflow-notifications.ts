// What workflows ask to be sent for a ticket: it runs as the notification of a stage does, once for each call of a workflow.
import type { Ticket, WorkflowNotification } from '../crm.ts';
import type { InboxEvent } from '../db/lanes.ts';
import type { Batch } from './batch.ts';
import { readTickets, type TicketEntry } from './stage-entry-facts.ts';

/** The key is made of the call's callbackId, so a call that HubSpot repeats days later finds its record all the same. */
function notificationSubject({ ticketId, key }: InboxEvent): string {
  return `w:${ticketId}:${key}`;
}

/** Throws what the gateway throws; nothing was settled then. */
export async function readAskedEntries(batch: Batch, events: InboxEvent[]): Promise<TicketEntry[]> {
  const readAt = batch.now();
  const tickets = await readTickets(batch.gateway, [...new Set(events.map(({ ticketId }) => ticketId as string))]);
  const entries = new Map<string, TicketEntry>();
  for (const event of events) {
    const known = entries.get(notificationSubject(event));
    if (known) known.events.push(event);
    else entries.set(notificationSubject(event), askedEntry(event, tickets.get(event.ticketId as string), readAt));
  }
  return [...entries.values()];
}

/** `ticket` undefined = HubSpot does not know it, or it was not read. */
export function askedEntry(event: InboxEvent, ticket: Ticket | undefined, readAt: Date): TicketEntry {
  const askedId = event.ticketId as string;
  const notification = event.notification as WorkflowNotification;
  return {
    ticketId: ticket?.id ?? askedId,
    // What was done is found by the call, whatever the ticket is called by now.
    mergedId: null,
    ticket,
    stageId: ticket?.stageId ?? '',
    enteredAt: event.occurredAt,
    current: true,
    readAt,
    events: [event],
    asked: {
      subject: notificationSubject(event),
      action: { id: 'workflow', kind: 'send-notification', ...notification },
    },
  };
}
