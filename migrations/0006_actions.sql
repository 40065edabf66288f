-- What is about to be done in HubSpot where it offers no key against doing it twice: written before it is sent, removed when its
-- record is. A row that is still there says: look whether it was done before doing it.
create table planned_actions (
  portal_id bigint not null,
  -- that of the record to come: c:<thread> a ticket for a thread, s:<ticket>:<stage>:<entered at, ms>:<action> an action of a stage
  subject text not null,
  kind text not null,
  planned_at timestamptz not null default now(),
  -- of a reply posted to a thread: how its echo is known before its id is
  thread_id text,
  sender_actor_id text,
  text_hash text,
  -- of a transactional email that HubSpot has taken: where its end can be asked for
  status_id text,
  primary key (portal_id, subject)
);
create index planned_actions_thread on planned_actions (portal_id, thread_id) where thread_id is not null;

-- `created`: Baton made the ticket for this thread, and it counts before the ticket HubSpot shows on it.
alter table own_threads drop constraint own_threads_source_check;
alter table own_threads add constraint own_threads_source_check
  check (source in ('originating', 'first-email', 'merged', 'created'));

-- What a portal's outgoing webhooks are signed with; the one before signs along until `previous_until`.
create table webhook_secrets (
  portal_id bigint primary key references portals,
  key_id text not null,
  secret bytea not null,
  previous_key_id text,
  previous bytea,
  previous_until timestamptz,
  created_at timestamptz not null default now()
);
