// The guard against mail that no person wrote: which reason it gives a message, whatever its source. Pure (PRODUCT.md 5).
import type { Evidence, Reason } from './decide.ts';
import type { BatchContext, Classification } from './facts.ts';

/**
 * `outOfOffice`: HubSpot's own mark on the email activity, or on a message's 0-49 twin (DATA.md 7c); null when there is no twin, and neither
 * null nor false proves anything. A bounce is never a customer's answer, so no setting lets one pass.
 */
export function findAutomaticReason(
  { automatic, kind, reason: signals }: Classification,
  outOfOffice: boolean | null,
  context: BatchContext,
  evidence: Evidence[],
): Reason | null {
  const found = automatic || outOfOffice === true;
  const guarded = found && (kind === 'bounce' || context.settings.guards.automaticReplies);
  const seen = outOfOffice ? 'HubSpot marks it out of office' : signals;
  evidence.push({ check: 'automatic', passed: !guarded, seen: found && !guarded ? `${seen}; the guard is off` : seen });
  if (!guarded) return null;
  return kind === 'bounce' || kind === 'calendar-answer' ? kind : 'automatic-reply';
}
