// Runs one action of one stage entry: what an earlier try did is looked for first, then what speaks against it, then it is done.
import { BatonError } from '../../errors.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import { type ActionEnd, type ActionResult, type ActionRun, endAction, holdAction } from './action-run.ts';
import { addNote, createTask, findMadeObject } from './notes-and-tasks.ts';
import { findPosted, followSend, replyOnThread, sendTransactional } from './notifications.ts';
import { postWebhook, type WebhookBudget } from './webhook-post.ts';

export type RunParts = {
  webhooks: WebhookBudget;
  /** A notification of the same entry went out already: this one was for the case that it did not. */
  notified: boolean;
};

/**
 * How the action ended, or when to ask again. Throws BatonError when a later try may end better (and `lease-lost`,
 * `database-unavailable`); what HubSpot refuses for good is an end.
 */
export async function runAction(run: ActionRun, parts: RunParts): Promise<ActionResult> {
  try {
    return (await findEarlierTry(run)) ?? findObstacle(run, parts) ?? (await perform(run, parts));
  } catch (error) {
    const end = error instanceof BatonError ? endRefused(error, run.action) : undefined;
    if (!end) throw error;
    return end;
  }
}

async function findEarlierTry(run: ActionRun): Promise<ActionResult | undefined> {
  const { kind } = run.action;
  if (!run.planned) return undefined;
  if (kind === 'add-note' || kind === 'create-task') return findMadeObject(run);
  if (kind !== 'send-notification') return undefined;
  // By what was planned, not by what the settings say now: an admin may have changed the way it goes out.
  return (await findPosted(run)) ?? (await followSend(run));
}

function findObstacle({ batch, entry, action }: ActionRun, { notified }: RunParts): ActionEnd | undefined {
  const moved = [{ check: 'stage-history' as const, passed: false, seen: 'the ticket has left this status' }];
  if (!entry.ticket) return holdAction('ticket-gone', null);
  if (batch.context.settings.paused) return holdAction('paused', null);
  if (!entry.current) return holdAction('superseded', null, moved);
  if (action.kind === 'send-notification' && notified) {
    return holdAction('superseded', 'Another notification of this entry went out.');
  }
  return undefined;
}

function perform(run: ActionRun, { webhooks }: RunParts): Promise<ActionResult> {
  const { action } = run;
  switch (action.kind) {
    case 'send-notification':
      return action.via === 'thread' ? replyOnThread({ ...run, action }) : sendTransactional({ ...run, action });
    case 'create-task':
      return createTask({ ...run, action });
    case 'add-note':
      return addNote({ ...run, action });
    case 'set-property':
      return setProperties(run, { [action.property]: action.value });
    case 'assign-owner':
      return setProperties(run, { hubspot_owner_id: action.ownerId });
    case 'post-webhook':
      return postWebhook({ ...run, action }, webhooks);
  }
}

/** Setting a property twice is the same as once, so nothing is planned. */
async function setProperties({ batch, entry }: ActionRun, properties: Record<string, string>): Promise<ActionEnd> {
  if (batch.context.settings.shadow) return endAction('shadow');
  await batch.gateway.updateTicket(entry.ticketId, properties);
  return endAction('done');
}

/** What no further try would change; undefined for the rest. */
function endRefused(error: BatonError, { kind }: StageAction): ActionEnd | undefined {
  if (error.code === 'hubspot-scope-missing') {
    return endAction('failed', { reason: 'scope-missing', error: error.detail ?? error.message });
  }
  if (error.code === 'hubspot-refused') {
    return endAction('failed', { reason: 'refused-by-hubspot', error: error.detail ?? error.message });
  }
  if (error.code !== 'hubspot-not-found') return undefined;
  // A thread or an email may be what HubSpot does not know; the others name nothing but the ticket.
  if (kind !== 'send-notification') return holdAction('ticket-gone', null);
  return endAction('failed', { reason: 'refused-by-hubspot', error: error.message });
}
