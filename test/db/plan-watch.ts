// Lets PostgreSQL itself say how it ran each statement of the program's user, as it was sent and about whose rows (auto_explain).
import pg from 'pg';

export type PlanNode = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  'Recheck Cond'?: string;
  'Hash Cond'?: string;
  'Merge Cond'?: string;
  'Join Filter'?: string;
  Filter?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
};
export type HeardPlan = { text: string; root: PlanNode };

/** In one line. */
export function flatten(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function readNotice({ message }: { message?: string | undefined }): HeardPlan | undefined {
  const json = /^duration: .* plan:\n(\{[\s\S]*)$/.exec(message ?? '')?.[1];
  if (json === undefined) return undefined;
  const { 'Query Text': text, Plan: root } = JSON.parse(json) as { 'Query Text': string; Plan: PlanNode };
  return { text: flatten(text), root };
}

export type PlanWatch = {
  /** Grows, in the order of the statements' ends. */
  heard: HeardPlan[];
  /** Texts of what was prepared by name: these alone may be planned once for any value. */
  listPrepared: () => Set<string>;
};

function hearPlans(): PlanWatch {
  const heard: HeardPlan[] = [];
  const clients: { connection: { parsedStatements: Record<string, string> } }[] = [];
  const connect = pg.Client.prototype.connect as (this: pg.Client, ...rest: unknown[]) => unknown;
  pg.Client.prototype.connect = function (this: pg.Client, ...rest: unknown[]) {
    clients.push(this as unknown as (typeof clients)[number]);
    this.on('notice', (notice) => {
      const plan = readNotice(notice);
      // Before each statement the portal is set (src/db/access.ts).
      if (plan && !plan.text.startsWith('select set_config(')) heard.push(plan);
    });
    return connect.apply(this, rest);
  } as typeof pg.Client.prototype.connect;
  const listPrepared = () =>
    new Set(clients.flatMap(({ connection }) => Object.values(connection.parsedStatements).map(flatten)));
  return { heard, listPrepared };
}

/** Each new connection of the user of `programUrl` to its database tells the plans. Utility statements (`truncate`) have none. */
export async function watchPlans(raw: pg.Pool, programUrl: string): Promise<PlanWatch> {
  const wanted = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_buffers': 'on',
    'auto_explain.log_timing': 'off',
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice',
  };
  for (const [name, value] of Object.entries(wanted)) await setForProgram(raw, programUrl, name, value);
  return hearPlans();
}

/** Holds for connections made from now on. */
export async function setForProgram(raw: pg.Pool, programUrl: string, name: string, value: string): Promise<void> {
  const { username, pathname } = new URL(programUrl);
  await raw.query(`alter role ${username} in database ${pathname.slice(1)} set ${name} = ${pg.escapeLiteral(value)}`);
}
