-- Who installed Baton, with what grant.
create table portals (
  portal_id bigint primary key,
  status text not null check (status in ('installed', 'revoked', 'uninstalled')),
  domain text,
  ui_domain text not null,
  time_zone text not null,
  scopes text[] not null,
  installed_by text not null,
  installed_at timestamptz not null default now(),
  -- when the grant ended; the erasure clock of the privacy page starts here
  ended_at timestamptz
);

-- Encrypted tokens (AES-256-GCM, the portal id as associated data), erased when the grant ends.
create table tokens (
  portal_id bigint primary key references portals,
  key_id text not null,
  access_token bytea not null,
  refresh_token bytea not null,
  expires_at timestamptz not null,
  -- new with every store and never used again, also after an uninstall: a refresh that lost its race is noticed
  generation bigint generated always as identity,
  refresh_claimed_until timestamptz
);

-- connect-pg-simple's table, under our own name.
create table sessions (
  sid varchar primary key,
  sess json not null,
  expire timestamptz not null
);
create index sessions_expire on sessions (expire);
create index sessions_portal on sessions ((sess ->> 'portalId'));
