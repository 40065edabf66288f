-- What a portal's mailbox mail has shown so far: ids, times and what was seen of each mail that one of its users sent.
create table mailbox_mails (
  portal_id bigint not null,
  email_id text not null,
  sent_at timestamptz not null,
  -- `waiting`: on no ticket so far, not looked at again yet; the others as in src/rules/mailbox-picture.ts
  kind text not null check (kind in ('waiting', 'loose', 'tied', 'several', 'foreign', 'astray')),
  -- of a mail on exactly one ticket
  ticket_id text,
  -- it looks like the mails that a check saw sent from the ticket
  marked boolean not null default false,
  primary key (portal_id, email_id)
);
create index mailbox_mails_newest on mailbox_mails (portal_id, sent_at) where kind <> 'waiting';
create index mailbox_mails_waiting on mailbox_mails (portal_id, sent_at) where kind = 'waiting';

-- When a portal's history was read last, and the looks at waiting mail of the last hour.
create table mailbox_learning (
  portal_id bigint primary key,
  learned_at timestamptz,
  looks timestamptz[] not null default '{}'
);

-- Checks an admin made with test mails; one at a time.
create table mailbox_checks (
  portal_id bigint not null,
  id bigint generated always as identity,
  ticket_id text not null,
  contact_id text not null,
  -- what the subjects of its test mails carry; subjects are read, never kept
  code text not null,
  started_by text not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  -- ids, times and hashes of property values
  mails jsonb not null default '[]',
  -- null = running, or cancelled
  conclusion jsonb,
  primary key (portal_id, id)
);
create unique index mailbox_checks_running on mailbox_checks (portal_id) where ended_at is null;
