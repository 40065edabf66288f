// Which pipeline makes the tickets of a conversation, and where a ticket that follows a closed one begins. Pure (PRODUCT.md 3).
import type { BatchContext, MessageFacts } from './facts.ts';
import { rulesOf, type Settings } from './settings.ts';

const emailChannelId = '1002';

export type CreationRule = {
  pipelineId: string;
  stageId: string | null;
  graceMs: number;
  /** The account is named, so that its channel counts whatever `channels` says. */
  named: boolean;
};

/** The account a conversation came in by: the thread's, and its message's where HubSpot does not say. */
export function describeAccount({ thread, message }: Pick<MessageFacts, 'thread' | 'message'>) {
  return {
    channelId: message.channelId ?? thread.channelId,
    accountId: thread.channelAccountId ?? message.channelAccountId,
  };
}

/**
 * The one pipeline whose rule claims this account: by name, or as any email account. Saving refuses two, and where two are saved
 * nevertheless nobody can say which is meant.
 */
export function findCreationRule(
  settings: Settings,
  { channelId, accountId }: { channelId: string; accountId: string | null },
): CreationRule | undefined {
  const claims = Object.entries(settings.pipelines).filter(([, { newConversation }]) => {
    const { enabled, channelAccountIds } = newConversation;
    if (!enabled) return false;
    if (channelAccountIds === null) return channelId === emailChannelId;
    return accountId !== null && channelAccountIds.includes(accountId);
  });
  const [claim, second] = claims;
  if (!claim || second) return undefined;
  const [pipelineId, { newConversation }] = claim;
  const { stageId, graceSeconds, channelAccountIds } = newConversation;
  return { pipelineId, stageId, graceMs: graceSeconds * 1_000, named: channelAccountIds !== null };
}

/** The longest grace time of any pipeline that makes tickets of conversations; undefined = none does. */
export function longestGraceMs({ pipelines }: Settings): number | undefined {
  const rules = Object.values(pipelines).flatMap(({ newConversation }) =>
    newConversation.enabled ? newConversation.graceSeconds * 1_000 : [],
  );
  return rules.length > 0 ? Math.max(...rules) : undefined;
}

/** Where a ticket that follows a closed one begins: the stage of new conversations, else the first open one; undefined = there is none. */
export function findFirstStageId({ settings, pipelines }: BatchContext, pipelineId: string): string | undefined {
  const stages = pipelines.find((pipeline) => pipeline.id === pipelineId)?.stages ?? [];
  const chosen = rulesOf(settings, pipelineId).newConversation.stageId;
  return (stages.find((stage) => stage.id === chosen) ?? stages.find((stage) => !stage.closed))?.id;
}

/** One ticket a thread, and one for each closed ticket that a thread leaves behind. */
export function planOf(threadId: string, followsTicketId: string | null): string {
  return followsTicketId === null ? `c:${threadId}` : `c:${threadId}:${followsTicketId}`;
}
