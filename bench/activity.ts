// The activity page of a portal with millions of records, as the web process serves it to somebody who is signed in.
import type pg from 'pg';
import { openBenchPool } from './bench-server.ts';
import type { BenchParts } from './main.ts';
import { median, quantile, round } from './numbers.ts';
import { startSettleSystem } from './settle-system.ts';

const portalId = '68000001';
const records = { usual: 1_000_000, full: 10_000_000 };
const perStatement = 500_000;
const looks = 40;
/** Each way to look in turn, so many times: filling takes minutes, looking seconds. */
const rounds = 5;
const aimedMs = 50;

/** As the worker writes them: a ticket has some ten, nine of ten moved it, the others say why not. */
const insertRecords = `
  insert into records (
    portal_id, at, subject, ticket_id, thread_id, message_id, message_at, trigger, verdict, evidence, decision, reason,
    from_stage_id, to_stage_id, settings_version, outcome, latency_ms
  )
  select $1, now() - ($3 - n) * interval '1 second' / 10, 'm:' || n / 10 || ':' || n, (n / 10)::text, (n / 10)::text, n::text,
    now() - ($3 - n) * interval '1 second' / 10, 'message', 'reply-on-originating-thread',
    '[{"check": "thread-ticket", "passed": true, "seen": "1"}, {"check": "own-thread", "passed": true, "seen": "1"}]',
    case when n % 10 = 0 then 'stay' else 'move' end, case when n % 10 = 0 then 'already-there' end, '2', '3', 1,
    case when n % 10 = 0 then 'skipped' else 'done' end, 400
  from generate_series($2::bigint, least($2 + ${perStatement - 1}, $3::bigint)) as n`;

async function fill(sql: pg.Pool, count: number): Promise<void> {
  for (let from = 1; from <= count; from += perStatement) await sql.query(insertRecords, [portalId, from, count]);
  await sql.query('vacuum analyze records');
}

/** Walks the OAuth flow as a browser does; answers the cookie. */
async function signIn(origin: string, authorize: (redirectUri: string, scopes: string[]) => string): Promise<string> {
  const started = await fetch(`${origin}/oauth/install`, { redirect: 'manual' });
  const asked = new URL(started.headers.get('location') ?? '');
  const redirectUri = asked.searchParams.get('redirect_uri') ?? '';
  const scopes = ['scope', 'optional_scope'].flatMap((name) => asked.searchParams.get(name)?.split(' ') ?? []);
  const back = new URL(redirectUri);
  back.searchParams.set('code', authorize(redirectUri, scopes));
  back.searchParams.set('state', asked.searchParams.get('state') ?? '');
  const cookieOf = (answer: Response) =>
    answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  const ended = await fetch(back, { redirect: 'manual', headers: { cookie: cookieOf(started) } });
  return cookieOf(ended) || cookieOf(started);
}

async function measure(url: string, cookie: string): Promise<{ p50: number; p99: number }> {
  const ms: number[] = [];
  for (let look = 0; look < looks + 5; look += 1) {
    const at = performance.now();
    const answer = await fetch(url, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' });
    const text = await answer.text();
    if (answer.status !== 200 || !text.includes('/tickets/'))
      throw new Error(`${url} was answered with ${answer.status}`);
    if (look >= 5) ms.push(performance.now() - at);
  }
  return { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) };
}

/** Prints a line for each way to look: all, by outcome, by reason, deep in the list, and one ticket. */
export async function benchActivity({ server, print, full }: BenchParts): Promise<void> {
  const system = await startSettleSystem(server);
  const sql = openBenchPool(system.database, 1);
  try {
    const { portal } = await system.install(portalId);
    const cookie = await signIn(system.origin, (redirectUri, scopes) => portal.authorize({ redirectUri, scopes }));
    const count = full ? records.full : records.usual;
    await fill(sql, count);
    const { rows } = await sql.query('select min(id) + (max(id) - min(id)) / 2 as middle from records');
    const paths = ['', '?outcome=skipped', '?reason=already-there', `?after=${rows[0].middle}`, '?ticketId=777'];
    const measured = new Map<string, Awaited<ReturnType<typeof measure>>[]>(paths.map((path) => [path, []]));
    for (let number = 0; number < rounds; number += 1) {
      for (const [path, all] of measured) all.push(await measure(`${system.origin}/activity${path}`, cookie));
    }
    for (const [path, all] of measured) {
      const [p50s, p99s] = [all.map(({ p50 }) => round(p50, 1)), all.map(({ p99 }) => round(p99, 1))];
      const [p50Ms, p99Ms] = [median(p50s), median(p99s)];
      print({
        what: 'activity page',
        figure: `activity page ${path.replace(/\d{4,}/, 'middle')} of ${count} records`,
        measured: `p50 ${p50Ms} ms, p99 ${p99Ms} ms`,
        limit: '',
        ...{ rounds, p50Ms, p50s, p99Ms, p99s, aim: `p50 < ${aimedMs} ms`, met: p50Ms < aimedMs },
      });
    }
  } finally {
    await sql.end();
    await system.stop();
  }
}
