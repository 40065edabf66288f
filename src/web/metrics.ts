// What the web half counts, in a prom-client registry that is passed in.
import { Counter, Histogram, type Registry } from 'prom-client';

/** Registers the web half's metrics; a registry takes them once. */
export function createWebMetrics(registry: Registry) {
  const registers = [registry];
  return {
    deliveries: new Counter({
      name: 'baton_deliveries_total',
      help: 'Deliveries of HubSpot, by the HTTP status they were answered with.',
      labelNames: ['status'],
      registers,
    }),
    events: new Counter({
      name: 'baton_delivered_events_total',
      help: 'Elements of deliveries: stored, duplicate, not-installed or malformed.',
      labelNames: ['fate'],
      registers,
    }),
    answerSeconds: new Histogram({
      name: 'baton_http_answer_seconds',
      help: 'Time from request to answer, by route.',
      labelNames: ['route', 'method', 'status'],
      // HubSpot gives up on a delivery after 5 s (PLATFORM.md 2.6).
      buckets: [0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
  };
}

export type WebMetrics = ReturnType<typeof createWebMetrics>;
