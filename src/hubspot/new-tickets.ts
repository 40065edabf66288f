// Making a ticket (DATA.md 1.1, 7d): one ticket whatever HubSpot makes of its thread, and nothing sent twice on a guess.
import { BatonError } from '../errors.ts';
import { findThread } from './conversations.ts';
import { type ErrorBody, isRecord } from './failures.ts';
import type { NewTicket } from './gateway.ts';
import { batchAnswer, describeNewObject, readCreated } from './objects.ts';
import { paths, type ThreadName } from './paths.ts';
import type { PortalClient, PortalRequest } from './portal-client.ts';

/** Association type ids from a ticket (associations guide, DATA.md 3.4). */
const toContact = 16;
const toTicket = 452;
/** "Ticket to thread", then "Ticket to conversation": 32 is documented, and the one a team found to work (DATA.md 0.4). */
const toThread = [32, 278];
/** The name that team used comes first. */
const threadNames: ThreadName[] = ['conversation', 'conversations'];
/** What a text property holds (CRM properties guide). */
const maxTextLength = 65_536;

type Made = { ticketId: string; createdAt: Date };

/**
 * See PortalGateway.createTicket. A refusal (400, 404, 409) means that nothing was made, so the thread's other type id and
 * then no thread are tried after it; any other failure is thrown at once. `withThread` = HubSpot took it.
 * Throws `hubspot-refused` when the thread has a ticket by now, `hubspot-not-found` when the thread is gone.
 */
export async function createTicket(
  client: PortalClient,
  ticket: NewTicket,
  now: () => Date,
): Promise<Made & { withThread: boolean }> {
  const { threadId } = ticket;
  if (threadId === null) return { ...(await createPlain(client, ticket, now)), withThread: false };
  for (const typeId of toThread) {
    const outcome = await client.tryWrite(describe(ticket, [{ id: threadId, typeId }]));
    if (outcome.ok) return checkThread(client, readMade(outcome.body, now), threadId);
    if (namesProperties(outcome.body)) throw outcome.error;
  }
  await requireFreeThread(client, threadId);
  const made = await createPlain(client, ticket, now);
  return { ...made, withThread: await associateThread(client, made.ticketId, threadId) };
}

async function createPlain(client: PortalClient, ticket: NewTicket, now: () => Date): Promise<Made> {
  return readMade(await client.write(describe(ticket, [])), now);
}

function describe(ticket: NewTicket, thread: { id: string; typeId: number }[]): PortalRequest {
  const { pipelineId, stageId, subject, content, contactId, followsTicketId } = ticket;
  const properties: Record<string, string> = { hs_pipeline: pipelineId, hs_pipeline_stage: stageId, subject };
  if (content !== null) properties.content = content.slice(0, maxTextLength).toWellFormed();
  const associations = [
    ...(contactId === null ? [] : [{ id: contactId, typeId: toContact }]),
    ...thread,
    ...(followsTicketId === null ? [] : [{ id: followsTicketId, typeId: toTicket }]),
  ];
  return {
    method: 'POST',
    path: paths.objects('tickets'),
    body: describeNewObject(properties, associations),
    personal: [subject, content ?? ''],
  };
}

function readMade(answer: unknown, now: () => Date): Made {
  const { id, createdAt } = readCreated(answer);
  return { ticketId: id, createdAt: createdAt ?? now() };
}

/** Whether a refusal is about a property: then it has nothing to do with the thread (error body, PLATFORM.md 5.3). */
function namesProperties(body: ErrorBody): boolean {
  const details = Array.isArray(body.errors) ? body.errors : [];
  const named = details.some((each) => isRecord(each) && isRecord(each.context) && 'propertyName' in each.context);
  return named || (typeof body.message === 'string' && body.message.startsWith('Property values were not valid'));
}

/** A thread may be refused because HubSpot made its ticket just now: then a second one would be one too many. */
async function requireFreeThread(client: PortalClient, threadId: string): Promise<void> {
  const thread = await findThread(client, threadId);
  if (!thread) throw new BatonError('hubspot-not-found', { detail: 'The conversation is gone; no ticket was made.' });
  if (thread.ticketId === null) return;
  throw new BatonError('hubspot-refused', { detail: 'The conversation has a ticket by now; no other was made.' });
}

/**
 * Whether HubSpot refuses a second ticket of a thread or makes it without the thread is unknown (DATA.md 3.1): one that was made beside
 * another goes to the recycle bin at once, before anybody was told of it. What cannot be read or deleted leaves the ticket as it is made.
 */
async function checkThread(
  client: PortalClient,
  made: Made,
  threadId: string,
): Promise<Made & { withThread: boolean }> {
  try {
    const thread = await findThread(client, threadId);
    if (!thread?.ticketId || thread.ticketId === made.ticketId) return { ...made, withThread: true };
    await client.write({ method: 'DELETE', path: paths.object('tickets', made.ticketId) });
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    return { ...made, withThread: true };
  }
  throw new BatonError('hubspot-refused', { detail: 'The conversation has a ticket by now; no other was kept.' });
}

/** Ties a thread to a ticket that exists. Doing so twice is the same as once; it never throws what HubSpot answers. */
async function associateThread(client: PortalClient, ticketId: string, threadId: string): Promise<boolean> {
  try {
    for (const name of threadNames) {
      for (const associationTypeId of toThread) {
        const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }];
        const body = { inputs: [{ from: { id: ticketId }, to: { id: threadId }, types }] };
        const outcome = await client.tryWrite({
          method: 'POST',
          path: paths.associationsCreate('tickets', name),
          body,
        });
        if (outcome.ok && isWhole(outcome.body)) return true;
      }
    }
  } catch (error) {
    // The ticket is made: whatever stands in the way of the thread, that must not look as if there were none.
    if (!(error instanceof BatonError)) throw error;
  }
  return false;
}

/** A batch answers 207 with `errors` when an input was refused (DATA.md 4). */
function isWhole(answer: unknown): boolean {
  const { data } = batchAnswer.safeParse(answer);
  return data !== undefined && (data.errors ?? []).length === 0 && (data.results ?? []).length > 0;
}
