// Fills every table as 2,000 portals fill it, a fifth of all rows in one of them: where a plan shows what it is.
import type pg from 'pg';

export const portalCount = 2_000;
/** Threads and tickets of the fullest portal; every other one has a few. */
const threadsOfFullest = 4_000;

/** $1 = the fullest portal's id, those of the others follow it; a row's number is `n`. */
const portalOf = `case when n % 5 = 0 then $1::bigint else $1::bigint + 1 + n % ${portalCount - 1} end`;
/** A number that the fullest portal has several rows of. */
const subjectOf = `(n / 5 % ${threadsOfFullest})::text`;

const message = `jsonb_build_object('key', md5(n::text), 'kind', 'message', 'subscriptionType', 'conversation.newMessage',
  'occurredAt', '2026-11-20T10:00:00.000Z', 'threadId', ${subjectOf}, 'messageId', n::text)`;

/** Table with columns, what row number `n` holds, and how many rows. `portals` first: others point to it. */
const fillings: [into: string, row: string, count: number][] = [
  [
    'portals (portal_id, status, ui_domain, time_zone, scopes, installed_by, ended_at)',
    `$1::bigint + n, case when n % 50 = 0 then 'uninstalled' else 'installed' end, 'app.hubspot.com', 'UTC', '{}', '7',
     case when n % 50 = 0 then now() - interval '10 days' end`,
    portalCount - 1,
  ],
  [
    'settings_versions (portal_id, version, settings, author)',
    `$1::bigint + n % ${portalCount}, 1 + n / ${portalCount}, '{}', '7'`,
    portalCount * 5 - 1,
  ],
  ['pipelines (portal_id, pipelines)', `$1::bigint + n, '[]'`, portalCount - 1],
  ['webhook_secrets (portal_id, key_id, secret)', `$1::bigint + n, 'k2', '\\x00'`, portalCount - 3],
  [
    'tokens (portal_id, key_id, access_token, refresh_token, expires_at)',
    `$1::bigint + n, 'k2', '\\x00', '\\x00', now()`,
    portalCount - 1,
  ],
  [
    'watermarks (portal_id, sweep, reached_at)',
    `$1::bigint + n % ${portalCount}, (array['messages', 'emails', 'refused:emails'])[1 + n / ${portalCount}], now()`,
    portalCount * 3 - 1,
  ],
  ['mailbox_learning (portal_id, learned_at)', '$1::bigint + n, now()', portalCount - 1],
  [
    'mailbox_checks (portal_id, ticket_id, contact_id, code, started_by, ended_at, conclusion)',
    `$1::bigint + n % ${portalCount}, '1', '', 'c', '7', now(),
     case when n % 2 = 0 then '{"finding": "apart", "fingerprint": null}'::jsonb end`,
    portalCount * 2 - 1,
  ],
  ['inbox (portal_id, run_at, event)', `${portalOf}, now() - n * interval '1 ms', ${message}`, 30_000],
  ['seen (slot, portal_id, key)', `n / 5 % 8, ${portalOf}, md5(n::text)::uuid`, 80_000],
  ['ignored_events (portal_id, event)', `${portalOf}, ${message}`, 20_000],
  [
    'dead_events (portal_id, id, attempts, error_code, event, intents)',
    `${portalOf}, -n, 15, 'internal', ${message}, '[]'`,
    10_000,
  ],
  [
    `records (portal_id, subject, at, ticket_id, thread_id, message_id, message_at, trigger, evidence, decision, outcome,
       verdict, reason)`,
    `${portalOf}, 'm:' || ${subjectOf} || ':' || n, now() - interval '80 days' + n * interval '1 minute', ${subjectOf},
     ${subjectOf}, n::text, now() - n * interval '1 minute', 'message',
     '[{"check": "message-type", "passed": true, "seen": "MESSAGE"}]',
     case when n % 100 = 0 then 'create' else 'move' end, case when n % 500 = 0 then 'dead' else 'done' end,
     'opens-conversation', case when n % 7 = 0 then 'paused' end`,
    80_000,
  ],
  [
    'tickets (portal_id, ticket_id, applied_at, applied_subject, applied_direction)',
    `${portalOf}, n::text, now() - interval '60 days' - n * interval '1 minute', 'm:1:1', 'INCOMING'`,
    40_000,
  ],
  ['own_threads (portal_id, thread_id, ticket_id, source)', `${portalOf}, n::text, ${subjectOf}, 'created'`, 40_000],
  ['planned_actions (portal_id, subject, kind, thread_id)', `${portalOf}, 's:' || n, 'reply', ${subjectOf}`, 10_000],
  [
    'mailbox_mails (portal_id, email_id, sent_at, kind)',
    `${portalOf}, n::text, now() - n * interval '1 minute',
     (array['waiting', 'tied', 'loose', 'astray'])[1 + n / 5 % 40 / 13]`,
    40_000,
  ],
  [
    'sessions (sid, sess, expire)',
    `'s' || n, json_build_object('portalId', ($1::bigint + n % ${portalCount})::text), now() + n * interval '1 minute'`,
    5_000,
  ],
  ['sweep_ticks (sweep, tick)', `'messages', now() - n * interval '5 minutes'`, 2_000],
];

/** The fullest portal is there already, installed. The planner hears of it by `analyze` alone. */
export async function fillTables(raw: pg.Pool, fullest: string): Promise<void> {
  for (const [into, row, count] of fillings) {
    const values = row.includes('$1') ? [fullest] : [];
    await raw.query(
      `insert into ${into} select ${row} from generate_series(1, ${count}) n on conflict do nothing`,
      values,
    );
  }
  await raw.query(
    `insert into lanes (portal_id, due_at)
     select portal_id, now() + case when portal_id % 10 = 0 then interval '-1 hour' else interval '1 day' end from portals
     on conflict do nothing`,
  );
}
