// Fills an emulator with a portal as large as the emulator promises to hold, and prints its address, token and memory.
import { createEmulator, type Emulator } from '../src/emulator/emulator.ts';

const portalId = '41000001';
const contactsShare = 10;

type Size = { tickets: number; messagesPerTicket: number };

function readSize(): Size {
  const [tickets = 0, messagesPerTicket = 0] = process.argv.slice(2, 4).map(Number);
  return { tickets, messagesPerTicket };
}

function fill(emulator: Emulator, { tickets, messagesPerTicket }: Size): string[] {
  const portal = emulator.addPortal({ portalId, ticketsForNewConversations: true });
  const userId = portal.look().users[0]?.userId ?? '';
  const ids: string[] = [];
  for (let index = 0; index < tickets; index += 1) {
    const from = `customer-${index % Math.ceil(tickets / contactsShare)}@customer.example`;
    const text = `This is message number ${index} about the order; it came late, and a part of it is missing.`;
    const { threadId, ticketId } = portal.receiveMessage({ from, subject: `Order ${index}`, text });
    for (let message = 1; message < messagesPerTicket; message += 1) {
      if (message % 2 === 1) portal.sendMessage({ threadId, userId, text });
      else portal.receiveMessage({ from, threadId, text });
    }
    if (ticketId) ids.push(ticketId);
  }
  return ids;
}

const dataFile = process.argv[4];
const startedAt = performance.now();
const emulator = await createEmulator({
  appId: '2000001',
  clientId: 'bench',
  clientSecret: 'bench',
  dataFile,
  limits: { requestsPerTenSeconds: 1_000_000_000, searchesPerSecond: 1_000_000_000 },
});
const startMs = Math.round(performance.now() - startedAt);
const isNew = !emulator.listPortalIds().includes(portalId);
const ids = isNew ? fill(emulator, readSize()) : [];
const fillMs = Math.round(performance.now() - startedAt) - startMs;
const { accessToken } = emulator.portal(portalId).install();
const savedAt = performance.now();
await emulator.saved();
const saveMs = Math.round(performance.now() - savedAt);
const residentMb = Math.round(process.memoryUsage().rss / 1_048_576);
const sample = ids.filter((_, index) => index % Math.max(1, Math.floor(ids.length / 1_000)) === 0).slice(0, 1_000);
const facts = { url: emulator.url, accessToken, sample, startMs, fillMs, saveMs, residentMb };
process.stdout.write(`${JSON.stringify(facts)}\n`);
process.once('disconnect', () => process.exit(0));
