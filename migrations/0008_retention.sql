-- How long a portal's records are kept, in days.
alter table portals add column retention_days smallint not null default 90 check (retention_days > 0);
-- Which portals' grants ended: what is to be erased, found without reading the others.
create index portals_ended on portals (ended_at) where ended_at is not null;
