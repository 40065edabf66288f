-- Every version of a portal's settings; the highest is in force.
create table settings_versions (
  portal_id bigint not null references portals,
  version integer not null check (version > 0),
  settings jsonb not null,
  -- HubSpot user id of who saved it
  author text not null,
  saved_at timestamptz not null default now(),
  primary key (portal_id, version)
);

-- Last pipelines read from HubSpot, so that no event costs a call for them.
create table pipelines (
  portal_id bigint primary key references portals,
  pipelines jsonb not null,
  read_at timestamptz not null default now()
);
