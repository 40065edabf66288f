// What a worker counts, in a prom-client registry that is passed in.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { InboxEvent, Settlement } from '../db/lanes.ts';

/** Registers the worker's metrics; a registry takes them once. */
export function createWorkerMetrics(registry: Registry) {
  const registers = [registry];
  const settled = new Counter({
    name: 'baton_settled_events_total',
    help: 'Events of settled batches, by kind and end: done, later (waits for a fact or a portal), failed (another try), dead.',
    labelNames: ['kind', 'end'],
    registers,
  });
  const records = new Counter({
    name: 'baton_records_total',
    help: 'Records written: what was decided for a message, email or stage action, and how it ended.',
    labelNames: ['decision', 'outcome'],
    registers,
  });
  const settleSeconds = new Histogram({
    name: 'baton_settle_lag_seconds',
    help: 'From the arrival of an event to the end of its work, by kind; retries and grace times count.',
    labelNames: ['kind'],
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3_600, 86_400],
    registers,
  });
  const failedBatches = new Counter({
    name: 'baton_failed_batches_total',
    help: 'Batches that were not worked to their end, by error code.',
    labelNames: ['code'],
    registers,
  });
  const leases = new Gauge({
    name: 'baton_leases_held',
    help: 'Portals this worker is working on now.',
    registers,
  });
  return {
    failedBatches,
    leases,
    /** Counts what a settlement that was stored says of its events. */
    observe(
      events: InboxEvent[],
      settlement: Pick<Settlement, 'done' | 'later' | 'dead' | 'records'>,
      now: Date,
    ): void {
      const byId = new Map(events.map((event) => [event.id, event]));
      const kindOf = (id: string) => byId.get(id)?.kind ?? 'none';
      for (const { id } of settlement.done) {
        settled.inc({ kind: kindOf(id), end: 'done' });
        const receivedAt = byId.get(id)?.receivedAt;
        if (receivedAt) settleSeconds.observe({ kind: kindOf(id) }, (now.getTime() - receivedAt.getTime()) / 1000);
      }
      for (const { event, failed } of settlement.later) {
        settled.inc({ kind: kindOf(event.id), end: failed ? 'failed' : 'later' });
      }
      for (const { event } of settlement.dead) settled.inc({ kind: kindOf(event.id), end: 'dead' });
      for (const { decision, outcome } of settlement.records) records.inc({ decision, outcome });
    },
  };
}

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;
