-- A tick of a sweep runs once: whoever inserts its row runs it.
create table sweep_ticks (
  sweep text not null,
  tick timestamptz not null,
  started_at timestamptz not null default now(),
  primary key (sweep, tick)
);

-- How far each portal's sweep has come.
create table watermarks (
  portal_id bigint not null,
  sweep text not null,
  reached_at timestamptz not null,
  primary key (portal_id, sweep)
);
