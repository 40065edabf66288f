-- Duplicate keys of the last days, in a ring of eight day slots: slot = day of occurrence modulo 8. Slots that left the
-- window are truncated, so that forgetting costs no vacuum and no partition is ever created while running.
create table seen (
  slot smallint not null,
  portal_id bigint not null,
  key uuid not null,
  primary key (slot, portal_id, key)
) partition by list (slot);
create table seen_0 partition of seen for values in (0);
create table seen_1 partition of seen for values in (1);
create table seen_2 partition of seen for values in (2);
create table seen_3 partition of seen for values in (3);
create table seen_4 partition of seen for values in (4);
create table seen_5 partition of seen for values in (5);
create table seen_6 partition of seen for values in (6);
create table seen_7 partition of seen for values in (7);

-- Events waiting for their turn. Waiting longer (retry, grace time) is the same row with a later run_at.
create table inbox (
  portal_id bigint not null,
  run_at timestamptz not null,
  id bigint generated always as identity,
  attempts smallint not null default 0,
  received_at timestamptz not null default now(),
  event jsonb not null,
  -- moves about to be made, written before they are sent: [{"subject", "ticketId", "fromStageId", "toStageId", "at"}]
  intents jsonb not null default '[]',
  primary key (portal_id, run_at, id)
);

-- A portal has at most one sweep waiting: whenever its turn comes, it looks as far back as needed.
create unique index inbox_sweep on inbox (portal_id) where event ->> 'kind' = 'sweep';

-- One row a portal: when its next event is due, and which worker may work on it until when.
create table lanes (
  portal_id bigint primary key,
  due_at timestamptz,
  -- HubSpot asked for a rest of this portal (429, 477): no lease before
  paused_until timestamptz,
  lease_until timestamptz,
  -- counts leases; a worker whose number is not the current one has lost its right
  fence bigint not null default 0,
  -- true while leased when the lease before was never released
  taken_over boolean not null default false,
  -- HubSpot calls of the last ten seconds before release, epoch milliseconds
  pace bigint[] not null default '{}'
) with (fillfactor = 50); -- room for the next version of a row on its own page
create index lanes_due on lanes (due_at) where due_at is not null;

-- Well-formed events of a kind Baton does not act on.
create table ignored_events (
  portal_id bigint not null,
  id bigint generated always as identity,
  received_at timestamptz not null default now(),
  event jsonb not null,
  primary key (portal_id, id)
);

-- Events that failed at every try; each has a record with outcome `dead`.
create table dead_events (
  portal_id bigint not null,
  id bigint not null,
  attempts smallint not null,
  error_code text not null,
  died_at timestamptz not null default now(),
  event jsonb not null,
  intents jsonb not null,
  primary key (portal_id, id)
);
