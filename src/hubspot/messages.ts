// The items of a conversation thread (DATA.md 3.1): messages, comments and system items, in the thread's own order.
import { z } from 'zod';
import type { Message, Party } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { id, optionalId, optionalText, page, readAddress, readAs, readEach, time } from './answers.ts';
import type { NewThreadMessage } from './gateway.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const identifier = z.object({ type: z.string().nullish(), value: z.string().nullish() });
// `deliveryIdentifier` in answers, `deliveryIdentifiers` in what is sent (DATA.md 3.1): read either.
const party = z.object({
  actorId: optionalText,
  name: optionalText,
  senderField: optionalText,
  recipientField: optionalText,
  deliveryIdentifier: identifier.nullish(),
  deliveryIdentifiers: z.array(identifier).nullish(),
});

const messageShape = z.object({
  id,
  type: z.string(),
  createdAt: time,
  createdBy: optionalText,
  direction: optionalText,
  client: z.object({ clientType: optionalText, integrationAppId: optionalId }).nullish(),
  status: z.object({ statusType: optionalText }).nullish(),
  channelId: optionalId,
  channelAccountId: optionalId,
  senders: z.array(party).nullish(),
  recipients: z.array(party).nullish(),
  subject: optionalText,
  text: optionalText,
  richText: optionalText,
  archived: z.boolean().nullish(),
});

/** A page may hold fewer rows than asked for and still have a next one (DATA.md 3.2): rows are counted, not pages. */
const rowsPerPage = 100;
const maxCallsPerPage = 10;

export async function listMessages(
  client: PortalClient,
  threadId: string,
  options: { maxPages?: number } = {},
): Promise<{ messages: Message[]; complete: boolean }> {
  const path = paths.messages(threadId);
  const { maxPages = 1 } = options;
  const rows: unknown[] = [];
  let after: string | null = null;
  let callsLeft = maxPages * maxCallsPerPage;
  do {
    const query = { sort: '-createdAt', limit: String(rowsPerPage), ...(after === null ? {} : { after }) };
    const answer: z.infer<typeof page> = readAs(page, await client.read({ method: 'GET', path, query }));
    rows.push(...answer.results);
    after = answer.paging;
    callsLeft -= 1;
  } while (after !== null && rows.length < maxPages * rowsPerPage && callsLeft > 0);
  const { read, unreadable } = readEach(messageShape, rows);
  client.warnUnreadable(path, unreadable);
  const messages = sortOldestFirst(read).map((message) => toMessage(message, threadId));
  // An item left out might be the first: then nobody can say that the list reaches back to the beginning.
  return { messages, complete: after === null && unreadable === 0 };
}

export async function findMessage(
  client: PortalClient,
  threadId: string,
  messageId: string,
): Promise<Message | undefined> {
  try {
    const answer = await client.read({ method: 'GET', path: paths.message(threadId, messageId) });
    return toMessage(readAs(messageShape, answer), threadId);
  } catch (error) {
    if (error instanceof BatonError && error.code === 'hubspot-not-found') return undefined;
    throw error;
  }
}

/**
 * See PortalGateway.sendThreadMessage. HubSpot answers 201 when it accepted the mail; whether it could send it is in
 * `status` (conversations guide, DATA.md 3.2), so FAILED is answered and not thrown.
 */
export async function sendThreadMessage(
  client: PortalClient,
  threadId: string,
  mail: NewThreadMessage,
): Promise<Message> {
  const { senderActorId, channelId, channelAccountId, recipients, subject, text, html } = mail;
  const body = {
    type: 'MESSAGE',
    text,
    richText: html,
    senderActorId,
    channelId,
    channelAccountId,
    recipients: recipients.map(describeRecipient),
    attachments: [], // required by the schema (PublicConversationsMessageEgg, 2026-09)
    ...(subject === null ? {} : { subject }),
  };
  const personal = [text, html, subject ?? '', ...recipients.map(({ address }) => address)];
  const answer = messageShape.safeParse(
    await client.write({ method: 'POST', path: paths.messages(threadId), body, personal }),
  );
  if (answer.success) return toMessage(answer.data, threadId);
  throw new BatonError('hubspot-unknown-outcome', { detail: 'HubSpot did not say which message it made.' });
}

/** The schema has both and requires the list (PublicRecipientEgg, 2026-09); a recorded send had only the single one (DATA.md 3.1). */
function describeRecipient({ actorId, address }: { actorId: string | null; address: string }) {
  const deliveryIdentifier = { type: 'HS_EMAIL_ADDRESS', value: address };
  return {
    ...(actorId === null ? {} : { actorId }),
    recipientField: 'TO',
    deliveryIdentifier,
    deliveryIdentifiers: [deliveryIdentifier],
  };
}

/**
 * Incoming times are stamped to the second, outgoing to the millisecond (PRODUCT.md 2), so within one second the list's
 * own order holds. The sort asked for is descending; the one recorded list is ascending (DATA.md 3.2): be right under both.
 */
function sortOldestFirst<T extends { createdAt: Date }>(rows: T[]): T[] {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return rows;
  // In a list of one second nothing tells the direction but what was asked for.
  const oldestFirst = toSecond(first.createdAt) < toSecond(last.createdAt) ? rows : rows.toReversed();
  return oldestFirst.toSorted((a, b) => toSecond(a.createdAt) - toSecond(b.createdAt));
}

function toSecond(at: Date): number {
  return Math.floor(at.getTime() / 1_000);
}

function toMessage(message: z.infer<typeof messageShape>, threadId: string): Message {
  const { direction } = message;
  return {
    id: message.id,
    threadId,
    type: message.type,
    createdAt: message.createdAt,
    createdBy: message.createdBy,
    direction: direction === 'INCOMING' || direction === 'OUTGOING' ? direction : null,
    clientType: message.client?.clientType ?? null,
    integrationAppId: message.client?.integrationAppId ?? null,
    status: message.status?.statusType ?? null,
    channelId: message.channelId,
    channelAccountId: message.channelAccountId,
    senders: (message.senders ?? []).map((sender) => toParty(sender)),
    recipients: (message.recipients ?? []).map((recipient) => toParty(recipient)),
    subject: message.subject,
    text: message.text,
    html: message.richText,
    archived: message.archived === true,
  };
}

const fields = ['FROM', 'TO', 'CC', 'BCC'] as const;

function toParty(each: z.infer<typeof party>): Party {
  const identifiers = [each.deliveryIdentifier, ...(each.deliveryIdentifiers ?? [])];
  const mail = identifiers.find((one) => one?.type === 'HS_EMAIL_ADDRESS');
  const said = each.senderField ?? each.recipientField;
  return {
    actorId: each.actorId,
    address: readAddress(mail?.value),
    field: fields.find((field) => field === said) ?? null,
    ...(each.name ? { name: each.name } : {}),
  };
}
