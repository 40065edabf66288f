// Changing conversations through the API: messages, comments, thread status and archive (DATA.md 3.2).
import { type Answer, invalid } from './answers.ts';
import type { Call } from './call.ts';
import { findThread, printThread } from './conversations.ts';
import { dashedId } from './item-ids.ts';
import { commentItem, isMailAddress, outgoingMessage, threadSubject } from './messages.ts';
import type { Item, Thread } from './state.ts';
import { appendItem, setThreadArchived, setThreadStatus, systemItem } from './threads.ts';

type SendBody = Record<string, unknown>;

const messageFields =
  'type text richText attachments senderActorId channelId channelAccountId subject recipients'.split(' ');
const recipientFields = 'actorId name recipientField deliveryIdentifier deliveryIdentifiers'.split(' ');

function refuseOthers(fields: object, known: string[]): void {
  const unknown = Object.keys(fields).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw invalid(`Invalid input JSON: unknown fields: [${unknown.join(', ')}]`);
}

function readText(body: SendBody): { text: string; html: string | undefined } {
  if (typeof body.text !== 'string' || body.text === '') throw invalid('text is required');
  if (body.richText !== undefined && typeof body.richText !== 'string') throw invalid('richText must be a string');
  if (body.attachments !== undefined && !Array.isArray(body.attachments)) throw invalid('attachments must be a list');
  return { text: body.text, html: typeof body.richText === 'string' ? body.richText : undefined };
}

function readRecipients(body: SendBody): unknown[] {
  const recipients = body.recipients;
  if (!Array.isArray(recipients) || recipients.length === 0) throw invalid('recipients is required');
  const read = recipients.map(readRecipient);
  if (!read.some(({ recipientField }) => recipientField === 'TO')) throw invalid('a recipient of TO is required');
  return read;
}

function readRecipient(recipient: Record<string, unknown> | null) {
  refuseOthers(recipient ?? {}, recipientFields);
  // The documented field is a list, a recorded send used the single one (DATA.md 3.1): both are taken.
  const { actorId, name, recipientField = 'TO', deliveryIdentifier, deliveryIdentifiers } = recipient ?? {};
  const identifier = (deliveryIdentifier ??
    (Array.isArray(deliveryIdentifiers) ? deliveryIdentifiers[0] : undefined)) as
    | { type?: unknown; value?: unknown }
    | undefined;
  const { type, value } = identifier ?? {};
  if (type !== 'HS_EMAIL_ADDRESS' || typeof value !== 'string' || !isMailAddress(value))
    throw invalid(
      'every recipient needs deliveryIdentifiers with type HS_EMAIL_ADDRESS and an e-mail address as value',
    );
  if (!['TO', 'CC', 'BCC'].includes(String(recipientField))) throw invalid('recipientField must be TO, CC or BCC');
  return {
    ...(typeof actorId === 'string' ? { actorId } : {}),
    ...(typeof name === 'string' ? { name } : {}),
    recipientField: String(recipientField),
    deliveryIdentifier: { type, value },
  };
}

function sendMessage(call: Call, thread: Thread, body: SendBody): Answer {
  const { world, portal } = call;
  const { text, html } = readText(body);
  const user = portal.users.find((candidate) => `A-${candidate.userId}` === body.senderActorId);
  if (!user) throw invalid('senderActorId must be an agent of this portal, e.g. A-123');
  const account = portal.channelAccounts.find((candidate) => candidate.id === body.channelAccountId);
  if (!account || account.channelId !== body.channelId)
    throw invalid('channelId and channelAccountId must name a channel account of this portal');
  const recipients = readRecipients(body);
  const status = portal.nextMessageStatuses.shift() ?? 'SENT';
  const isIntegration = world.quirks.apiMessageClientType === 'INTEGRATION';
  const item = outgoingMessage(thread, account, {
    id: dashedId(world),
    user,
    recipients,
    subject: typeof body.subject === 'string' ? body.subject : threadSubject(thread),
    text,
    html,
    status,
    client: isIntegration
      ? { clientType: 'INTEGRATION', integrationAppId: Number(world.app.appId) }
      : { clientType: 'HUBSPOT' },
    at: world.now(),
  });
  if (world.quirks.apiMessageSender === 'app') Object.assign(item, sentByApp(item, world.app.appId));
  thread.appMessageIds.push(item.id);
  appendItem(world, portal, thread, item);
  return { status: 201, body: item };
}

/** The agent's name and address stay, the actor is the app. */
function sentByApp({ senders }: Item, appId: string): Pick<Item, 'createdBy' | 'senders'> {
  const actorId = `I-${appId}`;
  return { createdBy: actorId, senders: (senders as object[]).map((sender) => ({ ...sender, actorId })) };
}

function postComment(call: Call, thread: Thread, body: SendBody): Answer {
  const { world, portal } = call;
  // Attributed to the app whatever senderActorId says (samples thread-send.comment.recorded-2026).
  const client = { clientType: 'INTEGRATION', integrationAppId: Number(world.app.appId) };
  const actorId = `I-${world.app.appId}`;
  const item = commentItem(thread, { id: dashedId(world), actorId, client, ...readText(body), at: world.now() });
  appendItem(world, portal, thread, item);
  return { status: 201, body: item };
}

/** `POST .../threads/{id}/messages`: no idempotency key exists, a repeated call writes twice (DATA.md 3.2). */
export function postMessage(call: Call): Answer {
  const thread = findThread(call);
  const body = (call.body ?? {}) as SendBody;
  refuseOthers(body, messageFields);
  if (body.type === 'MESSAGE') return sendMessage(call, thread, body);
  if (body.type === 'COMMENT') return postComment(call, thread, body);
  throw invalid('type must be MESSAGE or COMMENT');
}

/** `PATCH .../threads/{id}`: status or archived only. */
export function patchThread(call: Call): Answer {
  const thread = findThread(call);
  const { status, archived, ...rest } = (call.body ?? {}) as Record<string, unknown>;
  if (Object.keys(rest).length > 0) throw invalid(`These fields cannot be changed: ${Object.keys(rest).join(', ')}`);
  if (status !== undefined && status !== 'OPEN' && status !== 'CLOSED') throw invalid('status must be OPEN or CLOSED');
  if (archived !== undefined && typeof archived !== 'boolean') throw invalid('archived must be true or false');
  if (status !== undefined) setThreadStatus(call.world, call.portal, thread, status, call.world.now());
  if (archived !== undefined) setThreadArchived(call.world, call.portal, thread, archived);
  return { status: 200, body: printThread(thread, false) };
}

/** `DELETE .../threads/{id}` archives; purging after 30 days is not played. */
export function deleteThread(call: Call): Answer {
  setThreadArchived(call.world, call.portal, findThread(call), true);
  return { status: 204 };
}

/** Tells of it with an ASSIGNMENT item, as in the recordings; the event is a property change of `assignedTo`. */
function assign(call: Call, thread: Thread, actorId: string | null): void {
  const { world, portal } = call;
  if (thread.assignedTo === actorId) return;
  const fields: Record<string, string> = actorId === null ? {} : { assignedTo: actorId };
  appendItem(
    world,
    portal,
    thread,
    systemItem(world, thread, 'ASSIGNMENT', `I-${world.app.appId}`, world.now(), fields),
  );
  const change = { name: 'assignedTo', value: actorId ?? '' };
  world.emit(portal, { kind: 'propertyChange', type: 'conversations', id: thread.id, ...change });
}

/** `PUT .../threads/{id}/assignee`: an agent of the portal. */
export function putAssignee(call: Call): Answer {
  const thread = findThread(call);
  const { actorId } = (call.body ?? {}) as { actorId?: unknown };
  if (!call.portal.users.some((user) => `A-${user.userId}` === actorId))
    throw invalid('actorId must be an agent of this portal, e.g. A-123');
  assign(call, thread, String(actorId));
  return { status: 200, body: printThread(thread, false) };
}

/** `DELETE .../threads/{id}/assignee` */
export function deleteAssignee(call: Call): Answer {
  assign(call, findThread(call), null);
  return { status: 204 };
}
