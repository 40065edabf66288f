// The forms of the laboratory: switches are set, faults are ordered and removed.
import type { Clock } from '../clock.ts';
import { type FaultOrder, faultKinds } from '../faults.ts';
import type { PageParts } from './parts.ts';
import { setSwitches } from './switches.ts';

type Fields = Record<string, string | undefined>;

function readNumber(text: string | undefined, label: string): number | undefined {
  if (!text) return undefined;
  const number = Number(text);
  if (!(number >= 0)) throw new Error(`${label} is a number from 0 on`);
  return number;
}

/** The fields a kind has no use for are left out; what the values mean, `faults.add` checks. */
function readFault(fields: Fields): FaultOrder {
  const kind = faultKinds.find((one) => one === fields.kind);
  if (!kind) throw new Error(`What happens is one of ${faultKinds.join(', ')}`);
  const status = readNumber(fields.status, 'Status');
  if (kind === 'status' && (status === undefined || status < 400 || status > 599))
    throw new Error('Status is a number from 400 to 599');
  const probability = readNumber(fields.probability, 'Share');
  const isOfWebhooks = kind.startsWith('webhook-');
  const target = isOfWebhooks
    ? { event: fields.event || undefined }
    : { method: fields.method || undefined, path: fields.path || undefined };
  return {
    kind,
    portalId: fields.portalId || undefined,
    ...target,
    times: readNumber(fields.times, 'Times'),
    ...(probability === undefined || probability === 1 ? {} : { probability }),
    ...(kind === 'status' ? { status } : {}),
    ...(kind === 'slow' || kind === 'webhook-delay' ? { ms: readNumber(fields.ms, 'Milliseconds') ?? 0 } : {}),
  };
}

function moveClock(clock: Clock, { at, advanceMs, frozen }: Fields): void {
  if (frozen === 'true') clock.freeze();
  if (at !== undefined) {
    const time = Date.parse(at);
    if (Number.isNaN(time)) throw new Error('The time is written like 2026-11-22T18:00:00Z');
    clock.set(time);
  }
  if (advanceMs !== undefined) clock.advance(readNumber(advanceMs, 'Milliseconds') ?? 0);
  if (frozen === 'false') clock.run();
}

/** Does what the form named `action` says. Throws, in words for people, when it cannot. */
export function changeLaboratory({ emulator }: PageParts, action: string, fields: Fields): void {
  if (action === 'quirks') setSwitches(emulator.quirks, fields);
  else if (action === 'webhooks') setSwitches(emulator.webhooks.settings, fields);
  else if (action === 'limits') setSwitches(emulator.limits, fields);
  else if (action === 'faults') emulator.faults.add(readFault(fields));
  else if (action === 'clear-faults') emulator.faults.clear();
  else if (action === 'remove-fault') emulator.faults.remove(fields.id ?? '');
  else if (action === 'clock') moveClock(emulator.clock, fields);
  else throw new Error(`There is no form ${action}`);
}
