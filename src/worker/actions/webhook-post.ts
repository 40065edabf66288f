// Tells a customer's own server that a ticket reached a stage: ids and times only, signed with the portal's secret.
import { BatonError } from '../../errors.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { Batch } from '../batch.ts';
import { type ActionResult, type ActionRun, endAction } from './action-run.ts';

type PostWebhook = Extract<StageAction, { kind: 'post-webhook' }>;

/** A portal's slow receivers may hold up its own batch for so long in all; what is left waits for the next one. */
const budgetMs = 10_000;

export type WebhookBudget = { spentMs: number; downHosts: Set<string> };

export function createWebhookBudget(): WebhookBudget {
  return { spentMs: 0, downHosts: new Set() };
}

/** At least once, with the same id each time. Throws `receiver-unavailable` when trying again may help. */
export async function postWebhook(run: ActionRun<PostWebhook>, budget: WebhookBudget): Promise<ActionResult> {
  const { batch, action, subject } = run;
  if (batch.context.settings.shadow) return endAction('shadow');
  const { host } = new URL(action.url);
  if (budget.downHosts.has(host)) {
    throw new BatonError('receiver-unavailable', { detail: 'The receiver did not answer an earlier post.' });
  }
  if (budget.spentMs >= budgetMs) return { waitMs: 1_000 };
  const secrets = await batch.db.webhookSecrets.getSigningSecrets(batch.portal.id);
  const startedAtMs = performance.now();
  const post = { url: action.url, id: subject, at: batch.now(), body: describeEntry(run), secrets };
  const outcome = await batch.webhookSender.post(post);
  budget.spentMs += performance.now() - startedAtMs;
  if (outcome.state === 'done') return endAction('done');
  if (outcome.state === 'failed') return endAction('failed', { error: outcome.error });
  if (outcome.unreachable) budget.downHosts.add(host);
  const { error: detail, retryAfterMs } = outcome;
  const retryAt = retryAfterMs === null ? undefined : later(batch, retryAfterMs);
  throw new BatonError('receiver-unavailable', { detail, retryAt });
}

function later({ now }: Batch, delayMs: number): Date {
  return new Date(now().getTime() + delayMs);
}

/** The same at every try. */
function describeEntry({ batch, entry, plan, action }: ActionRun): string {
  return JSON.stringify({
    type: 'ticket.stage-entered',
    timestamp: entry.enteredAt.toISOString(),
    data: {
      portalId: batch.portal.id,
      ticketId: entry.ticketId,
      pipelineId: plan.pipeline?.id ?? entry.ticket?.pipelineId ?? null,
      stageId: entry.stageId,
      enteredAt: entry.enteredAt.toISOString(),
      action: { id: action.id },
    },
  });
}
