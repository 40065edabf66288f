// The portals of a chaos run: four kinds that differ in who makes the tickets and in what a reached status sets off.
import type { Emulator } from '../../src/emulator/emulator.ts';
import { installPortal } from '../support/system.ts';

export const stages = { fresh: '1', contact: '2', us: '3', closed: '4' } as const;

/** What a portal does when a ticket comes to a stage, one kind of effect a stage so that each can be counted. */
export type EffectKind = 'reply' | 'note' | 'task' | 'webhook' | 'mail';
export type ChaosPortal = Awaited<ReturnType<typeof openChaosPortal>>;

function makeActions(userId: string, emailId: number, webhookUrl: string) {
  const reply = { kind: 'send-notification', via: 'thread', senderUserId: userId };
  return {
    reply: { id: 'reply', ...reply, body: 'We have your request {{ticket.subject}}.' },
    note: { id: 'note', kind: 'add-note', body: 'Somebody looks at it.' },
    task: { id: 'task', kind: 'create-task', subject: 'Answer', dueInHours: 4, owner: 'none' },
    webhook: { id: 'webhook', kind: 'post-webhook', url: webhookUrl },
    mail: { id: 'mail', kind: 'send-notification', via: 'transactional', emailId },
  } satisfies Record<EffectKind, object>;
}

const effectsByKind: Partial<Record<string, EffectKind>>[] = [
  {},
  { [stages.fresh]: 'reply', [stages.us]: 'task' },
  { [stages.fresh]: 'mail', [stages.closed]: 'note' },
  { [stages.contact]: 'webhook', [stages.us]: 'note' },
];

/** Installed by walking the OAuth flow, with settings saved through the API. */
export async function openChaosPortal(
  parts: { emulator: Emulator; publicUrl: string; webhookUrl: string },
  index: number,
) {
  const portalId = String(71_000_001 + index);
  const kind = index % effectsByKind.length;
  // Half of them leave the making of tickets to HubSpot.
  const madeByBaton = index % 8 < 4;
  const installed = await installPortal(
    parts,
    {
      portalId,
      ticketsForNewConversations: !madeByBaton,
      transactionalAddOn: true,
      marketingEmails: [{ name: 'We have your request' }],
      channelAccounts: [{ address: `help@p${portalId}.example` }, { address: `sales@p${portalId}.example` }],
    },
    null,
  );
  const { channelAccounts, marketingEmails } = installed.portal.look();
  const [claimed, unclaimed] = channelAccounts.map(({ id }) => id) as [string, string];
  const actions = makeActions(installed.userId, Number(marketingEmails[0]?.id), parts.webhookUrl);
  const effects = effectsByKind[kind] as Partial<Record<string, EffectKind>>;
  await installed.saveSettings({
    pipelines: {
      '0': {
        newConversation: madeByBaton
          ? { enabled: true, stageId: stages.fresh, channelAccountIds: [claimed], graceSeconds: 0 }
          : {},
        outgoing: { enabled: true, stageId: stages.contact },
        incoming: { enabled: true, stageId: stages.us, closed: { policy: 'always', otherwise: 'leave' } },
        stageActions: Object.fromEntries(
          Object.entries(effects).map(([stage, one]) => [stage, [actions[one as EffectKind]]]),
        ),
      },
    },
    guards: { movesPerTicketPerHour: 1_000 },
    mailbox: { evidence: 'associated' },
  });
  return { ...installed, index, madeByBaton, claimed, unclaimed, effects };
}
