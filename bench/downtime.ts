// Downtime: HubSpot calls of one portal's sweep after hours without a webhook, by kind, and the time until all is settled.
import type { PortalControl } from '../src/emulator/portal-control.ts';
import type { BenchParts } from './main.ts';
import { round } from './numbers.ts';
import { type SettleSystem, startSettleSystem } from './settle-system.ts';

const hourMs = 3_600_000;
const hoursOffline = [1, 6, 24];
/** A team of about ten. Half of the messages are the agents', half the customers', on conversations of the hour. */
const anHour = { conversations: 12, messages: 30, mails: 10, moves: 6 };
/** 24 hours are some 1,500 calls, at 100 in ten seconds. */
const settleTimeoutMs = 600_000;

/** Every automation on; mail from mailboxes counts. */
const settings = {
  pipelines: {
    '0': {
      newConversation: { enabled: true, stageId: '1' },
      outgoing: { enabled: true, stageId: '2' },
      incoming: { enabled: true, stageId: '3' },
      stageActions: { '1': [{ id: 'new', kind: 'add-note', body: 'new' }] },
    },
  },
  mailbox: { evidence: 'associated' },
};

type Team = { portal: PortalControl; userId: string; mailed: { ticketId: string; to: string }[]; moved: string[] };

/** Tickets that were there before. */
function hireTeam(portal: PortalControl, userId: string): Team {
  const at = Date.now() - 2 * 24 * hourMs;
  const mailed = Array.from({ length: anHour.mails }, (_, index) => {
    const to = `contact-${index}@customer.example`;
    const { contactId } = portal.addContact({ email: to, at });
    return { to, ticketId: portal.createTicket({ userId, contactIds: [contactId], at }).ticketId };
  });
  const moved = Array.from({ length: anHour.moves }, () => portal.createTicket({ userId, at }).ticketId);
  return { portal, userId, mailed, moved };
}

function workAnHour({ portal, userId, mailed, moved }: Team, hour: number, from: number): void {
  const at = (index: number, of: number) => from + Math.floor(((index + 0.5) / of) * hourMs);
  const threads = Array.from({ length: anHour.conversations }, (_, index) => {
    const sender = `customer-${hour}-${index}@customer.example`;
    const { threadId } = portal.receiveMessage({
      from: sender,
      subject: 'Printer',
      text: 'It does not print.',
      at: from,
    });
    return { threadId, sender };
  });
  for (let index = 0; index < anHour.messages; index += 1) {
    const { threadId, sender } = threads[index % threads.length] as (typeof threads)[number];
    const sentAt = at(index, anHour.messages);
    if (Math.floor(index / threads.length) % 2 === 0) {
      portal.sendMessage({ threadId, userId, text: 'Which printer is it?', at: sentAt });
    } else portal.receiveMessage({ from: sender, threadId, text: 'The one upstairs.', at: sentAt });
  }
  for (const [index, { ticketId, to }] of mailed.entries()) {
    const text = { subject: 'Your request', text: 'See below.', at: at(index, mailed.length) };
    portal.sendMailboxEmail({ from: 'ticket', ticketId, userId, to, ...text });
  }
  for (const [index, ticketId] of moved.entries()) {
    const stageId = portal.stage(ticketId) === '1' ? '4' : '1';
    portal.moveTicket({ ticketId, stageId, userId, at: at(index, moved.length) });
  }
}

function nameCall(method: string, path: string): string {
  const plain = path.replace(/\/\d{4}-\d{2}\//, '/').replaceAll(/\/\d{5,}/g, '/:id');
  return `${method} ${plain}`;
}

async function measure({ emulator, db, sql, install, settled }: SettleSystem, hours: number) {
  const portalId = String(64_000_000 + hours);
  const { portal, userId } = await install(portalId, { settings, ticketsForNewConversations: false });
  await sql.query(`update portals set installed_at = now() - interval '3 days' where portal_id = $1`, [portalId]);
  await sql.query(`update settings_versions set saved_at = now() - interval '3 days' where portal_id = $1`, [portalId]);
  emulator.webhooks.settings.lossRate = 1;
  const team = hireTeam(portal, userId);
  await db.sweeps.startSweep('messages', new Date(Date.now() - hours * hourMs));
  await settled(settleTimeoutMs);
  await sql.query("update watermarks set reached_at = reached_at - $2 * interval '1 hour' where portal_id = $1", [
    portalId,
    hours,
  ]);
  const now = Date.now();
  for (let hour = 0; hour < hours; hour += 1) workAnHour(team, hour, now - (hours - hour) * hourMs);
  emulator.clearRequests();
  const startedAt = performance.now();
  await db.sweeps.startSweep('messages', new Date());
  await settled(settleTimeoutMs);
  const seconds = round((performance.now() - startedAt) / 1_000);
  const calls: Record<string, number> = {};
  for (const request of emulator.requests) {
    if (request.portalId !== portalId) continue;
    const name = nameCall(request.method, request.path);
    calls[name] = (calls[name] ?? 0) + 1;
  }
  const made = portal.listTickets().length - team.mailed.length - team.moved.length;
  if (made !== hours * anHour.conversations) throw new Error(`${made} tickets were made`);
  return { hours, traffic: anHour, calls: emulator.countRequests(portalId), seconds, kinds: calls };
}

export async function benchDowntime({ server, print }: BenchParts): Promise<void> {
  const system = await startSettleSystem(server);
  system.emulator.quirks.searchLagMs = 0;
  try {
    for (const hours of hoursOffline) print(await measure(system, hours));
  } finally {
    await system.stop();
  }
}
