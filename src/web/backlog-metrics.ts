// Gauges of what waits in the database, read when /metrics is asked.
import { Gauge, type Registry } from 'prom-client';
import type { Backlog } from '../db/backlog.ts';
import type { Db } from '../db/open-db.ts';
import { withDeadline } from './deadline.ts';

/** Prometheus gives up after 10 s by itself; what the process counts must be told without a database too. */
const readDeadlineMs = 2_000;

/**
 * Registers the gauges of the database; a registry takes them once. Every process tells the same of them: take the maximum. Without
 * a database `baton_database_up` is 0 and the others are absent, for what was true a while ago would hide it.
 */
export function createBacklogMetrics(registry: Registry, db: Pick<Db, 'backlog'>): void {
  let reading: Promise<Backlog | undefined> | undefined;
  /** Once for all gauges of one look: they are collected at the same time. */
  function read(): Promise<Backlog | undefined> {
    reading ??= withDeadline(db.backlog.readBacklog(), readDeadlineMs)
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  function add(
    name: string,
    help: string,
    labelName: string | undefined,
    fill: (gauge: Gauge, backlog: Backlog) => void,
  ) {
    new Gauge({
      name,
      help,
      labelNames: labelName === undefined ? [] : [labelName],
      registers: [registry],
      async collect() {
        const backlog = await read();
        this.reset();
        if (backlog) fill(this, backlog);
        else if (labelName === undefined) this.remove(); // a reset gauge without labels would say 0
      },
    });
  }

  new Gauge({
    name: 'baton_database_up',
    help: 'Whether the database told what waits when /metrics was asked.',
    registers: [registry],
    async collect() {
      this.set((await read()) ? 1 : 0);
    },
  });
  const oldestHelp =
    'How long the portal that waits longest has been due since its last turn; paused portals do not count.';
  add('baton_backlog_age_seconds', oldestHelp, undefined, (gauge, { oldestDueSeconds }) => gauge.set(oldestDueSeconds));
  add('baton_due_portals', 'Portals with an event that is due.', undefined, (gauge, { duePortals }) =>
    gauge.set(duePortals),
  );
  const pausedHelp = 'Portals with an event that is due, which rest because of HubSpot.';
  add('baton_paused_portals', pausedHelp, undefined, (gauge, { pausedPortals }) => gauge.set(pausedPortals));
  const waitingHelp = 'Events in the inbox by kind, retries included; 100,000 are counted at most.';
  add('baton_inbox_events', waitingHelp, 'kind', (gauge, { waiting }) => {
    for (const { kind, count } of waiting) gauge.set({ kind }, count);
  });
  const deadHelp = 'Events that failed at every try, by error code; 100,000 are counted at most.';
  add('baton_dead_events', deadHelp, 'code', (gauge, { dead }) => {
    for (const { code, count } of dead) gauge.set({ code }, count);
  });
}
