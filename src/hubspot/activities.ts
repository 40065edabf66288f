// Notes (0-46) and tasks (0-27) on a ticket's timeline (DATA.md 6).
import { BatonError } from '../errors.ts';
import { describeNewObject, readCreated } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

/** Association type ids towards a ticket (associations guide, DATA.md 3.4). */
const noteToTicket = 228;
const taskToTicket = 230;
/** "hs_note_body ... up to 65,536 characters" (notes guide). */
const maxNoteLength = 65_536;

/** See PortalGateway.createNote. A longer note is refused unsent: cut html could end inside a tag. */
export async function createNote(
  client: PortalClient,
  note: { ticketId: string; html: string; at: Date },
): Promise<string> {
  const { ticketId, html, at } = note;
  if (html.length > maxNoteLength) {
    throw new BatonError('hubspot-refused', {
      detail: `The note has ${html.length} characters, HubSpot takes ${maxNoteLength}. Shorten it.`,
    });
  }
  const properties = { hs_timestamp: at.toISOString(), hs_note_body: html };
  const body = describeNewObject(properties, [{ id: ticketId, typeId: noteToTicket }]);
  return readCreated(await client.write({ method: 'POST', path: paths.objects('notes'), body, personal: [html] })).id;
}

/** See PortalGateway.createTask. `hs_timestamp` is when it is due (tasks guide). */
export async function createTask(
  client: PortalClient,
  task: { ticketId: string; subject: string; dueAt: Date; ownerId: string | null },
): Promise<string> {
  const { ticketId, subject, dueAt, ownerId } = task;
  const properties = {
    hs_timestamp: dueAt.toISOString(),
    hs_task_subject: subject,
    hs_task_status: 'NOT_STARTED',
    hs_task_type: 'TODO',
    ...(ownerId === null ? {} : { hubspot_owner_id: ownerId }),
  };
  const body = describeNewObject(properties, [{ id: ticketId, typeId: taskToTicket }]);
  return readCreated(await client.write({ method: 'POST', path: paths.objects('tasks'), body, personal: [subject] }))
    .id;
}
