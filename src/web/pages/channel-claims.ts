// Which pipeline already makes tickets for which address: one address makes them in one pipeline only (PRODUCT.md 3).
import type { ChannelAccount, Pipeline } from '../../crm.ts';
import type { Settings } from '../../rules/settings.ts';

/** DATA.md 3.1: the same in every portal. */
export const emailChannelId = '1002';

export type Claim = { pipelineLabel: string; accountIds: string[] | null };

/** What the other pipelines that make tickets claim; `accountIds` null = every email address. */
export function listClaims(settings: Settings, pipelines: Pipeline[], exceptPipelineId: string): Claim[] {
  return Object.entries(settings.pipelines)
    .filter(([pipelineId, { newConversation }]) => pipelineId !== exceptPipelineId && newConversation.enabled)
    .map(([pipelineId, { newConversation }]) => ({
      pipelineLabel: pipelines.find(({ id }) => id === pipelineId)?.label ?? pipelineId,
      accountIds: newConversation.channelAccountIds,
    }));
}

/** The claim on one address. An address nobody knows any more counts as one for email. */
export function findClaim(
  claims: Claim[],
  accountId: string,
  accounts: ChannelAccount[] | undefined,
): Claim | undefined {
  const channelId = accounts?.find(({ id }) => id === accountId)?.channelId ?? emailChannelId;
  return claims.find(({ accountIds }) =>
    accountIds === null ? channelId === emailChannelId : accountIds.includes(accountId),
  );
}

/** Whether `accountIds` (null = every email address) and the claims have an address in common. */
export function isClaimed(
  claims: Claim[],
  accountIds: string[] | null,
  accounts: ChannelAccount[] | undefined,
): boolean {
  if (accountIds !== null) return accountIds.some((id) => findClaim(claims, id, accounts) !== undefined);
  const isEmail = (id: string) =>
    (accounts?.find((account) => account.id === id)?.channelId ?? emailChannelId) === emailChannelId;
  return claims.some((claim) => claim.accountIds === null || claim.accountIds.some(isEmail));
}
