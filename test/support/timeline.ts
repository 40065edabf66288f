// What stands on a ticket in HubSpot, read through Baton's own gateway: notes, tasks and the mail of its threads.
import type { Message } from '../../src/crm.ts';
import type { PortalGateway } from '../../src/hubspot/gateway.ts';
import { createPace } from '../../src/hubspot/pace.ts';
import type { System } from './system.ts';
import { buildWorker } from './worker-process.ts';

export type Timeline = {
  gateway: PortalGateway;
  /** Bodies, oldest first. */
  notes(ticketId: string): Promise<string[]>;
  tasks(ticketId: string): Promise<Record<string, string | null>[]>;
  /** What went out on a thread, oldest first. */
  sent(threadId: string): Promise<Message[]>;
  close(): Promise<void>;
};

/** Outside of any fault that a test orders: what is read here is what there is. */
export function openTimeline(system: System, portalId: string): Timeline {
  const { db, hubspot } = buildWorker(system.workerOptions);
  const gateway = hubspot.portal(portalId, createPace({ limits: { windowMs: 50 } }));
  async function read(type: 'notes' | 'tasks', ticketId: string, names: string[]) {
    const ids = (await gateway.readAssociations('tickets', type, [ticketId])).get(ticketId) ?? [];
    const found = await gateway.readProperties(type, ids, names);
    return [...found].sort(([left], [right]) => Number(left) - Number(right)).map(([, properties]) => properties);
  }
  return {
    gateway,
    notes: async (ticketId) => (await read('notes', ticketId, ['hs_note_body'])).map((one) => one.hs_note_body ?? ''),
    tasks: (ticketId) => read('tasks', ticketId, ['hs_task_subject', 'hs_timestamp', 'hubspot_owner_id']),
    async sent(threadId) {
      const { messages } = await gateway.listMessages(threadId);
      return messages.filter(({ type, direction }) => type === 'MESSAGE' && direction === 'OUTGOING');
    },
    close: () => db.close(),
  };
}
