// Tells a worker that some lane became due, over a connection of its own that is made again whenever it breaks.
import { setTimeout as wait } from 'node:timers/promises';
import type { Pool } from 'pg';

/** The worker's slow poll bridges the gap. */
const reconnectAfterMs = 1_000;

/**
 * Resolves after the first try to connect, whether it worked or not. Calls `onDue` for every notification and after every
 * new connection, for what was missed before it. `stop` gives the connection back.
 */
export async function startDueListener(pool: Pool, onDue: () => void): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });

  /** Listens until the connection breaks or `stop` is called. */
  async function listen(onTried: () => void): Promise<void> {
    const client = await pool.connect();
    // Its listeners stay with it to the end: a connection may say more than once that it broke.
    const broken = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    try {
      client.on('notification', onDue);
      await client.query('listen lane_due');
      onDue();
      onTried();
      await Promise.race([broken, stopped]);
    } finally {
      client.release(true);
    }
  }

  async function keepListening(onTried: () => void): Promise<void> {
    while (!signal.aborted) {
      // While the database is away the poll fails too, and the worker logs that.
      await listen(onTried).catch(onTried);
      await wait(reconnectAfterMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  let listening: Promise<void> | undefined;
  await new Promise<void>((resolve) => {
    listening = keepListening(resolve);
  });
  return {
    async stop() {
      stopping.abort();
      await listening;
    },
  };
}
