// Settings and mail of the journeys about tickets for new conversations.
import { setTimeout as wait } from 'node:timers/promises';
import type { Quirks } from '../../src/emulator/world.ts';
import type { Settings } from './system.ts';

/** All of it in the default pipeline; tickets are made at once unless a grace time is named. */
export function ticketsFor(newConversation: Settings = {}, others: Settings = {}): Settings {
  const rules = {
    newConversation: { enabled: true, stageId: '1', graceSeconds: 0, ...newConversation },
    outgoing: { enabled: true, stageId: '2' },
    incoming: { enabled: true, stageId: '3' },
  };
  return { pipelines: { '0': rules }, ...others };
}

export const printer = { subject: 'Printer on fire', text: 'It burns since this morning.' };

/** What came before the installation is history, and HubSpot stamps incoming messages to the second. */
export const untilNextSecond = () => wait(1_000);

/** A HubSpot that takes no thread on a ticket at all: Baton's own memory is all there is. */
export const noThreads: Partial<Quirks> = { threadAssociationTypeId: 0 as 32 };

/** A recorded opening message with ids of its own, for a conversation that no mail would make. */
export function openingItem(made: { threadId: string; account: { id: string; channelId: string }; sender: object }) {
  return {
    id: `opening-${made.threadId}`,
    type: 'MESSAGE',
    conversationsThreadId: made.threadId,
    createdAt: new Date().toISOString(),
    client: { clientType: 'HUBSPOT' },
    direction: 'INCOMING',
    status: { statusType: 'RECEIVED' },
    channelId: made.account.channelId,
    channelAccountId: made.account.id,
    senders: [{ senderField: 'FROM', ...made.sender }],
    recipients: [],
    attachments: [],
    archived: false,
    text: 'Is anybody there?',
  };
}
