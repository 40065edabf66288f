// An emulator in a process of its own with a portal as large as it promises to hold; tells its address, times and memory.
import { createEmulator, type Emulator } from '../src/emulator/emulator.ts';
import { seedPortal } from '../src/emulator/seed.ts';

const portalId = '41000001';
const contactsShare = 10;

type Size = { tickets: number; messagesPerTicket: number };

/** MB: resident as it is and at its highest, and of objects that are alive after a collection. */
export type Memory = { residentMb: number; peakMb: number; liveMb: number };
export type PortalFacts = { port: number; accessToken: string; startMs: number; fillMs: number; saveMs: number };

function readSize(): Size {
  const [tickets = 0, messagesPerTicket = 0] = process.argv.slice(2, 4).map(Number);
  return { tickets, messagesPerTicket };
}

function fill(emulator: Emulator, { tickets, messagesPerTicket }: Size): void {
  const portal = emulator.addPortal({ portalId, ticketsForNewConversations: true });
  const userId = portal.look().users[0]?.userId ?? '';
  for (let index = 0; index < tickets; index += 1) {
    const from = `customer-${index % Math.ceil(tickets / contactsShare)}@customer.example`;
    const text = `This is message number ${index} about the order; it came late, and a part of it is missing.`;
    const { threadId } = portal.receiveMessage({ from, subject: `Order ${index}`, text });
    for (let message = 1; message < messagesPerTicket; message += 1) {
      if (message % 2 === 1) portal.sendMessage({ threadId, userId, text });
      else portal.receiveMessage({ from, threadId, text });
    }
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1_048_576);

function measureMemory(): Memory {
  const [residentMb, peakMb] = [
    megabytes(process.memoryUsage.rss()),
    megabytes(process.resourceUsage().maxRSS * 1_024),
  ];
  globalThis.gc?.();
  return { residentMb, peakMb, liveMb: megabytes(process.memoryUsage().heapUsed) };
}

function measureProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const dataFile = process.argv[4];
const emulator = await createEmulator({
  appId: '2000001',
  clientId: 'bench',
  clientSecret: 'bench',
  dataFile,
  limits: { requestsPerTenSeconds: 1_000_000_000, searchesPerSecond: 1_000_000_000 },
});
const size = readSize();
const isNew = !emulator.listPortalIds().includes(portalId);
// Without a size it is what `npm run emulator` starts: the portal to try things in.
if (isNew && size.tickets === 0) seedPortal(emulator, { portalId });
// Since the process began: its own start and the reading of a data file belong to it.
const startMs = Math.round(performance.now());
if (isNew && size.tickets > 0) fill(emulator, size);
const fillMs = Math.round(performance.now()) - startMs;
const { accessToken } = emulator.portal(portalId).install();
const savedAt = performance.now();
await emulator.saved();
const saveMs = Math.round(performance.now() - savedAt);
const facts: PortalFacts = { port: Number(new URL(emulator.url).port), accessToken, startMs, fillMs, saveMs };
process.on('message', (asked) => process.send?.(asked === 'memory' ? measureMemory() : measureProcessorMs()));
process.once('disconnect', () => process.exit(0));
process.send?.(facts);
