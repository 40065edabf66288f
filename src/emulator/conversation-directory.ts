// Who and what conversations run through: channels, channel accounts, inboxes, actors (DATA.md 3.1, 3.2).
import { type Answer, invalid, isoTime, notFound } from './answers.ts';
import type { Call } from './call.ts';
import { readLimit } from './objects.ts';
import { findRecord } from './records.ts';
import type { ChannelAccount, Inbox, PortalState } from './state.ts';

const epoch = isoTime(0);

function printAccount(account: ChannelAccount) {
  return {
    id: account.id,
    channelId: account.channelId,
    inboxId: account.inboxId,
    name: account.name,
    active: true,
    authorized: true,
    archived: false,
    createdAt: epoch,
    deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: account.address },
  };
}

/** None of a portal's inboxes and channel accounts is archived. */
function asksArchived(query: URLSearchParams): boolean {
  return query.get('archived') === 'true';
}

export function listChannelAccounts({ portal, query }: Call): Answer {
  const limit = readLimit(query, 100, 500);
  const accounts = portal.channelAccounts.filter(
    (account) =>
      !asksArchived(query) &&
      (!query.has('channelId') || query.getAll('channelId').includes(account.channelId)) &&
      (!query.has('inboxId') || query.getAll('inboxId').includes(account.inboxId)),
  );
  return printPage(accounts, query, limit, printAccount);
}

export function getChannelAccount({ portal, params, query }: Call): Answer {
  const account = portal.channelAccounts.find((candidate) => candidate.id === params.id);
  if (!account || asksArchived(query)) throw notFound();
  return { status: 200, body: printAccount(account) };
}

function printInbox(inbox: Inbox) {
  return { ...inbox, createdAt: epoch, updatedAt: epoch, archived: false };
}

export function listInboxes({ portal, query }: Call): Answer {
  const limit = readLimit(query, 100, 500);
  return printPage(asksArchived(query) ? [] : portal.inboxes, query, limit, printInbox);
}

export function getInbox({ portal, params, query }: Call): Answer {
  const inbox = portal.inboxes.find((candidate) => candidate.id === params.id);
  if (!inbox || asksArchived(query)) throw notFound();
  return { status: 200, body: printInbox(inbox) };
}

// HubSpot-wide constants (DATA.md 3.1).
const channels = [
  ['1000', 'LIVE_CHAT'],
  ['1001', 'FB_MESSENGER'],
  ['1002', 'EMAIL'],
  ['1003', 'FORMS'],
  ['1004', 'CUSTOMER_PORTAL_THREAD_VIEW'],
  ['1007', 'WHATSAPP'],
  ['1009', 'SMS'],
  ['1010', 'INSTAGRAM'],
].map(([id = '', name = '']) => ({ id, name }));

export function listChannels({ query }: Call): Answer {
  return printPage(channels, query, readLimit(query, 100, 500), (channel) => channel);
}

export function getChannel({ params }: Call): Answer {
  const channel = channels.find((candidate) => candidate.id === params.id);
  if (!channel) throw notFound();
  return { status: 200, body: channel };
}

function printPage<T extends { id: string }>(
  all: T[],
  query: URLSearchParams,
  limit: number,
  print: (one: T) => unknown,
): Answer {
  const after = Number(query.get('after') ?? 0);
  const rest = all.filter((one) => Number(one.id) > after).sort((a, b) => Number(a.id) - Number(b.id));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const paging = rest.length > limit && last ? { paging: { next: { after: last.id } } } : {};
  return { status: 200, body: { total: all.length, results: page.map(print), ...paging } };
}

function printActor(portal: PortalState, actorId: string) {
  const [kind, id = ''] = [actorId.slice(0, 1), actorId.slice(2)];
  if (actorId === 'S-hubspot') return { id: actorId, type: 'SYSTEM', name: 'HubSpot' };
  if (kind === 'I') return { id: actorId, type: 'INTEGRATION', name: `App ${id}` };
  if (kind === 'A') {
    const user = portal.users.find((candidate) => candidate.userId === id);
    return user && { id: actorId, type: 'AGENT', name: `${user.firstName} ${user.lastName}`, email: user.email };
  }
  if (kind !== 'V') return undefined;
  const contact = findRecord(portal, 'contacts', id, { followsMerge: true });
  if (!contact) return undefined;
  const { firstname = '', lastname = '', email } = contact.properties;
  return { id: actorId, type: 'VISITOR', name: `${firstname} ${lastname}`.trim(), ...(email ? { email } : {}) };
}

export function getActor({ portal, params }: Call): Answer {
  const actor = printActor(portal, params.id ?? '');
  if (!actor) throw notFound();
  return { status: 200, body: actor };
}

/** `POST .../actors/batch/read` */
export function readActors(call: Call): Answer {
  const inputs = (call.body as { inputs?: unknown } | undefined)?.inputs;
  if (!Array.isArray(inputs) || inputs.length > 100) throw invalid('inputs must be a list of at most 100 actor ids');
  const results = inputs.flatMap((actorId) => printActor(call.portal, String(actorId)) ?? []);
  const now = isoTime(call.world.now());
  return { status: 200, body: { status: 'COMPLETE', results, startedAt: now, completedAt: now } };
}
