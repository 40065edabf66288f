// A lease as its holder sees it: prolonged while the work goes on, and over before another worker may have it.
import type { Lease } from '../db/lanes.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { Pace } from '../hubspot/gateway.ts';
import { describeError, type Log } from '../log.ts';

export type HeldLease = {
  /**
   * The portal's pace, for as long as the lease holds. Asked when a call's turn comes and not when it is queued, because the wait
   * for it can take the 10 s of HubSpot's window: from then on every call that was not sent throws `lease-lost`.
   */
  guardPace(pace: Pace): Pace;
  /** No further call is sent; what is on its way comes to its end. */
  giveUp(): void;
  /** Stops prolonging. */
  end(): void;
};

export type HeldLeaseParts = { lanes: Pick<Db['lanes'], 'renewLease'>; leaseMs: number; log: Log };

/** `claimedAtMs`: on the clock of performance.now(), before the claim was sent: the database's own count began later. */
export function holdLease({ lanes, leaseMs, log }: HeldLeaseParts, lease: Lease, claimedAtMs: number): HeldLease {
  /** A call takes 5 s at most (CONTRACT.md 5): a sixth of the 30 s of a lease. */
  const callMs = leaseMs / 6;
  const waiting = new Set<() => void>();
  let endsAtMs = claimedAtMs + leaseMs;
  let givenUp = false;

  function giveUp(): void {
    givenUp = true;
    for (const reject of waiting) reject();
    waiting.clear();
  }

  async function renew(): Promise<void> {
    const askedAtMs = performance.now();
    try {
      await lanes.renewLease(lease, leaseMs);
      endsAtMs = askedAtMs + leaseMs;
    } catch (error) {
      log.warn({ portalId: lease.portalId, ...describeError(error) }, 'a lease was not renewed');
      if (error instanceof BatonError && error.code === 'lease-lost') giveUp();
    }
  }

  const renewal = setInterval(() => void renew(), leaseMs / 3);
  const isHeld = () => !givenUp && performance.now() + callMs < endsAtMs;

  function guardPace(pace: Pace): Pace {
    return {
      run<T>(kind: 'read' | 'write' | 'search', call: () => Promise<T>): Promise<T> {
        return new Promise<T>((resolve, reject) => {
          const leave = () => reject(new BatonError('lease-lost'));
          if (!isHeld()) return leave();
          waiting.add(leave);
          const send = (): Promise<T> => {
            waiting.delete(leave);
            return isHeld() ? call() : Promise.reject(new BatonError('lease-lost'));
          };
          pace.run(kind, send).then(resolve, reject);
        });
      },
      state: pace.state,
    };
  }

  return { guardPace, giveUp, end: () => clearInterval(renewal) };
}
