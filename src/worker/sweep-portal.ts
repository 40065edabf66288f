// One portal's sweep: missed messages every time; emails and stage entries where they matter, now and then and after a gap.
import type { Portal } from '../crm.ts';
import type { InboxEvent } from '../db/lanes.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { describeError, type Log } from '../log.ts';
import type { Settings } from '../rules/settings.ts';
import { concernsOneCall } from './failure.ts';
import { continuedSweep, restOfSweep } from './own-events.ts';
import {
  type ChangeSweep,
  openWindow,
  type SweepParts,
  type SweepRun,
  searchLagMs,
  sweepChanges,
} from './sweep-changes.ts';
import { emailSweep } from './sweep-emails.ts';
import { entrySweep } from './sweep-entries.ts';
import { messageSweep, sweepMissedMessages } from './sweep-messages.ts';
import { isRefusal, isResting, refusedNow } from './sweep-refusals.ts';
import type { Work } from './work.ts';

const changeSweeps = [emailSweep, entrySweep];
/** Its watermark is when the portal was last swept at all. */
const runSweep = 'runs';
const hourMs = 3_600_000;
/**
 * How often changes are looked for. HubSpot repeats a delivery for a day, so little is ever lost; a portal without new messages is to
 * cost at most 300 calls a day, 288 of which list its threads every five minutes: six looks at two searches are the other twelve.
 */
const lookEveryMs = { busy: hourMs, idle: 4 * hourMs };
/** Three ticks missed: something was down, and deliveries may have been lost with it. */
const gapMs = 15 * 60_000;

type Parts = SweepParts & { log: Log; now: () => Date };

/**
 * Adds events, watermarks and the done-mark to `work`. A failure of one sweep stops none of the others, and none waits: the next tick
 * looks just as far back. Throws what concerns the whole portal.
 */
export async function sweepPortal(
  parts: Parts,
  asked: { portal: Portal; gateway: PortalGateway; settings: Settings; event: InboxEvent; work: Work },
): Promise<void> {
  const { portal, event, work } = asked;
  const reached = await parts.db.sweeps.findWatermarks(portal.id);
  const run: SweepRun = { ...asked, reached, now: parts.now() };
  const gapSince = findGap(run);
  let failed = !(await tried(parts, run, messageSweep, () => sweepMissedMessages(parts, { ...asked, gapSince })));
  const cuts: Date[] = [];
  for (const change of changeSweeps.filter((one) => one.matters(asked.settings) && isDue(run, event, one, gapSince))) {
    const ended = await tried(parts, run, change.sweep, async () => {
      const cutAt = await sweepChanges(parts, run, change, await openWindow(parts, run, change));
      if (cutAt) cuts.push(cutAt);
    });
    failed ||= !ended;
  }
  // One sweep waits at a time; what continues the messages continues all.
  const [cutAt] = cuts;
  if (cutAt && !work.newEvents.some(({ kind }) => kind === 'sweep')) work.newEvents.push(continuedSweep(event, cutAt));
  // Left as it is after a failure, so that the gap stays one until it has been looked at.
  if (!failed) work.memory.push({ kind: 'swept', sweep: runSweep, reachedAt: run.now });
  if (!work.done.includes(event)) work.done.push(event);
}

/**
 * False = it failed, and the next tick is to try it again. What HubSpot refuses (a missing permission, mostly) it would refuse at every
 * tick: that is tried again each hour and stands on the settings page meanwhile, and holds up nothing else.
 */
async function tried(parts: Parts, run: SweepRun, name: string, sweep: () => Promise<void>): Promise<boolean> {
  const { portal, reached, now, work } = run;
  if (isResting(name, reached, now)) return true;
  try {
    await sweep();
    return true;
  } catch (error) {
    if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
    parts.log.warn(
      { portalId: portal.id, sweep: name, ...describeError(error) },
      'a sweep failed and is made up for later',
    );
    if (!isRefusal(error)) return false;
    work.memory.push(refusedNow(name, now));
    return true;
  }
}

/** When the portal was last swept, if that was too long ago for nothing to have been down. */
function findGap({ reached, now }: SweepRun): Date | undefined {
  const lastRun = reached.get(runSweep);
  return lastRun && now.getTime() - lastRun.getTime() > gapMs ? lastRun : undefined;
}

function isDue({ reached, now }: SweepRun, event: InboxEvent, { sweep }: ChangeSweep, gapSince?: Date): boolean {
  const watermark = reached.get(sweep);
  if (!watermark || event.subscriptionType === restOfSweep || gapSince) return true;
  const newestMessage = reached.get(messageSweep);
  const busy = newestMessage !== undefined && newestMessage > watermark;
  // A look leaves its watermark that much behind itself.
  const lookedMsAgo = now.getTime() - watermark.getTime() - searchLagMs;
  return lookedMsAgo >= (busy ? lookEveryMs.busy : lookEveryMs.idle);
}
