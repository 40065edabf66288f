-- What happened to each message and email, and why. Ids, flags and times only: no text, no address.
create table records (
  portal_id bigint not null,
  id bigint generated always as identity,
  at timestamptz not null default now(),
  -- what the record is about: m:<thread>:<message> or e:<email>
  subject text not null,
  -- 1, 2, ... when a later fact changed the decision; the highest counts
  revision smallint not null default 1,
  replaces bigint,
  ticket_id text,
  thread_id text,
  message_id text,
  email_id text,
  message_at timestamptz,
  trigger text not null,
  verdict text,
  evidence jsonb not null,
  decision text not null,
  reason text,
  from_stage_id text,
  to_stage_id text,
  settings_version integer,
  action jsonb,
  outcome text not null,
  error text,
  latency_ms bigint,
  primary key (portal_id, id),
  unique (portal_id, subject, revision)
);
create index records_ticket on records (portal_id, ticket_id, id);
create index records_thread on records (portal_id, thread_id, message_at);
create index records_dead on records (portal_id, id) where outcome = 'dead';

-- What Baton remembers of a ticket: the newest message that set whose turn it is.
create table tickets (
  portal_id bigint not null,
  ticket_id text not null,
  applied_at timestamptz not null,
  applied_subject text not null,
  applied_thread_id text,
  applied_direction text not null check (applied_direction in ('INCOMING', 'OUTGOING')),
  primary key (portal_id, ticket_id)
);

-- Which threads are a ticket's own, beyond what HubSpot's own property says: the originating threads seen (they outlive a merge) and
-- the thread of the first email sent from a ticket that has no originating one.
create table own_threads (
  portal_id bigint not null,
  thread_id text not null,
  ticket_id text not null,
  source text not null check (source in ('originating', 'first-email', 'merged')),
  primary key (portal_id, thread_id)
);
create index own_threads_ticket on own_threads (portal_id, ticket_id);
