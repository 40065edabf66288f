// Mail to the ticket's contact: as a reply on the ticket's thread, or as a transactional email of HubSpot.
import type { Message } from '../../crm.ts';
import { BatonError } from '../../errors.ts';
import type { SendStatus } from '../../hubspot/gateway.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import { toHtml } from '../../rules/templates.ts';
import { hashText, isPosting, type Posting } from '../postings.ts';
import type { Correspondence } from './action-facts.ts';
import { type ActionEnd, type ActionResult, type ActionRun, endAction, holdAction } from './action-run.ts';
import { fillIn } from './action-values.ts';
import { findAutomaticAnswer, findRecipient, type Recipient } from './recipient.ts';
import { describeSendFailure } from './send-words.ts';

type SendNotification = Extract<StageAction, { kind: 'send-notification' }>;
type OnThread = Extract<SendNotification, { via: 'thread' }>;
type Transactional = Extract<SendNotification, { via: 'transactional' }>;

const emailChannelId = '1002';

/** Everything that keeps a notification from being sent, whichever way it goes out. */
async function prepare(
  run: ActionRun<SendNotification>,
): Promise<{ recipient: Recipient; correspondence: Correspondence; evidence: ActionEnd['evidence'] } | ActionEnd> {
  const { facts, entry } = run;
  if (!entry.ticket) return holdAction('ticket-gone', null);
  const contacts = await facts.contactsOf(entry.ticketId);
  const correspondence = await facts.correspondenceOf(entry.ticket);
  const { thread } = correspondence;
  if (thread?.spam) return holdAction('spam', null, [{ check: 'thread-state', passed: false, seen: 'spam' }]);
  const automatic = await findAutomaticAnswer(run, correspondence);
  const evidence = [automatic.evidence];
  if (automatic.reason) return holdAction(automatic.reason, null, evidence);
  const recipient = findRecipient(correspondence, contacts);
  if (recipient) return { recipient, correspondence, evidence };
  const words =
    contacts.length === 0
      ? 'This ticket has no contact to send to. Add one in HubSpot.'
      : 'No contact of this ticket has an email address. Add one in HubSpot.';
  return holdAction('held', words, evidence);
}

/** Looks for what an earlier try posted; undefined = it never reached HubSpot. */
export async function findPosted(run: ActionRun): Promise<ActionEnd | undefined> {
  const { batch, planned } = run;
  if (!planned?.threadId) return undefined;
  const { messages } = await batch.gateway.listMessages(planned.threadId);
  return findAmong(messages, run, planned);
}

async function findAmong(
  messages: Message[],
  { entry, facts }: ActionRun,
  plan: Posting,
): Promise<ActionEnd | undefined> {
  const made = await facts.madeFor(entry.ticketId);
  const posted = messages.find((message) => isPosting(message, plan) && !made.has(message.id));
  if (!posted) return undefined;
  made.add(posted.id);
  return endPosted(posted, []);
}

export async function replyOnThread(run: ActionRun<OnThread>): Promise<ActionEnd> {
  const { batch, action, subject, facts, entry } = run;
  const ready = await prepare(run);
  if ('outcome' in ready) return ready;
  const { recipient, correspondence, evidence } = ready;
  const { thread, messages } = correspondence;
  if (!thread) return holdAction('held', 'This ticket has no conversation to reply on.', evidence);
  const latest = messages.findLast((message) => message.type === 'MESSAGE');
  const channelId = latest?.channelId ?? thread.channelId;
  const channelAccountId = latest?.channelAccountId ?? thread.channelAccountId;
  evidence.push({ check: 'own-thread', passed: true, seen: thread.id });
  if (channelId !== emailChannelId) {
    evidence.push({ check: 'channel', passed: false, seen: channelId });
    return holdAction('channel-off', 'Baton replies on email conversations only.', evidence);
  }
  if (!channelAccountId) {
    return holdAction('held', 'HubSpot does not say from which address this conversation is answered.', evidence);
  }
  const filled = await fillIn(run, recipient.contact);
  if ('end' in filled) return { ...filled.end, evidence };
  const { text } = filled;
  if (batch.context.settings.shadow) return endAction('shadow', { evidence });
  const senderActorId = `A-${action.senderUserId}`;
  const plan = { subject, kind: action.kind, threadId: thread.id, senderActorId, textHash: hashText(text) };
  // A restored backup may have lost its plan with its record (docs/runbook/backup-and-restore.md); the messages are read anyway.
  const sent = await findAmong(messages, run, { ...plan, plannedAt: entry.enteredAt });
  if (sent) return sent;
  await batch.db.plannedActions.plan(batch.lease, [plan], batch.leaseMs);
  const posted = await batch.gateway.sendThreadMessage(thread.id, {
    senderActorId,
    channelId,
    channelAccountId,
    recipients: [{ actorId: recipient.actorId, address: recipient.address }],
    subject: latest?.subject ?? null,
    text,
    html: toHtml(text),
  });
  (await facts.madeFor(entry.ticketId)).add(posted.id);
  return endPosted(posted, evidence);
}

function endPosted(posted: Message, evidence: ActionEnd['evidence']): ActionEnd {
  if (posted.status !== 'FAILED') return endAction('done', { posted, evidence });
  const error = 'HubSpot took the mail and could not send it. Look at the conversation in HubSpot for why.';
  return endAction('failed', { reason: 'refused-by-hubspot', error, posted, evidence });
}

export async function sendTransactional(run: ActionRun<Transactional>): Promise<ActionResult> {
  const { batch, action, subject, entry, facts, plan } = run;
  const ready = await prepare(run);
  if ('outcome' in ready) return ready;
  const { recipient, evidence } = ready;
  const { subject: title } = await facts.ticketProperties(entry.ticketId);
  if (batch.context.settings.shadow) return endAction('shadow', { evidence });
  await batch.db.plannedActions.plan(batch.lease, [{ subject, kind: action.kind }], batch.leaseMs);
  const status = await batch.gateway.sendTransactional({
    emailId: action.emailId,
    address: recipient.address,
    // The same at every try: HubSpot sends one email per sendId and portal (DATA.md 5).
    sendId: `${batch.portal.id}:${subject}`,
    customProperties: {
      ticket_id: entry.ticketId,
      ticket_subject: title ?? '',
      stage: plan.stage?.label ?? '',
      pipeline: plan.pipeline?.label ?? '',
    },
  });
  return readStatus(run, status, batch.now(), evidence);
}

/** Asks how a send that HubSpot has taken went on. */
export async function followSend(run: ActionRun): Promise<ActionResult | undefined> {
  const { batch, planned } = run;
  if (!planned?.statusId) return undefined;
  try {
    return await readStatus(run, await batch.gateway.readSendStatus(planned.statusId), planned.plannedAt, []);
  } catch (error) {
    if (!(error instanceof BatonError) || error.code !== 'hubspot-not-found') throw error;
    return endAction('failed', { error: 'HubSpot took the email and no longer knows what became of it.' });
  }
}

/** Ages of a send at which to ask for its end: most are through within seconds; after a day nobody waits any more. */
const askAgesMs = [1, 5, 15, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400].map((seconds) => seconds * 1_000);

async function readStatus(
  { batch, subject, action }: ActionRun,
  status: SendStatus,
  plannedAt: Date,
  evidence: ActionEnd['evidence'],
): Promise<ActionResult> {
  const { plannedActions } = batch.db;
  if (status.state === 'sent') return endAction('done', { evidence });
  if (status.state === 'pending') {
    await plannedActions.noteStatus(batch.lease, subject, status.statusId);
    const ageMs = batch.now().getTime() - plannedAt.getTime();
    const nextMs = askAgesMs.find((age) => ageMs < age);
    if (nextMs !== undefined) return { waitMs: nextMs - Math.max(0, ageMs) };
    return endAction('failed', { error: 'HubSpot took the email and did not say within a day that it was sent.' });
  }
  if (status.fault === 'later') {
    await plannedActions.noteStatus(batch.lease, subject, null);
    throw new BatonError('hubspot-transient', { detail: `HubSpot says ${status.code}.` });
  }
  const emailId = action.kind === 'send-notification' && action.via === 'transactional' ? action.emailId : 0;
  const error = describeSendFailure(status.code, status.fault, emailId);
  return endAction('failed', { reason: 'refused-by-hubspot', error, evidence });
}
