// What is counted of the calls to HubSpot, in a prom-client registry that is passed in.
import { Counter, Histogram, type Registry } from 'prom-client';

/** One exchange; `status` undefined = no answer came. `token`: the access token for it could not be renewed, so that it was not made. */
export type ObservedCall = { kind: 'read' | 'write' | 'search' | 'token'; status: number | undefined; ms: number };
export type ObserveCall = (call: ObservedCall) => void;

/** Registers the gateway's metrics; a registry takes them once. The observer never throws. */
export function createCallMetrics(registry: Registry): ObserveCall {
  const registers = [registry];
  const calls = new Counter({
    name: 'baton_hubspot_calls_total',
    help: 'Calls to HubSpot by kind (read, write, search, token = not made for want of one) and HTTP status; none = no answer.',
    labelNames: ['kind', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'baton_hubspot_call_seconds',
    help: 'Time of a call to HubSpot, by kind.',
    labelNames: ['kind'],
    // The gateway gives up after 5 s (CONTRACT.md 5).
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  return ({ kind, status, ms }) => {
    calls.inc({ kind, status: String(status ?? 'none') });
    seconds.observe({ kind }, ms / 1000);
  };
}
