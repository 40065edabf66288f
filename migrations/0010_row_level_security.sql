-- A row is seen, written and changed only by a statement that says whose rows it is about: `baton.portal_id` is that portal, or `all`
-- (src/db/access.ts). Where nothing is set there are no rows, for the tables' owner too; only a superuser passes (docs/database.md).

-- A function, because every later table with a portal_id needs the same: `select protect_portal_rows('its_name')`.
create function protect_portal_rows(protected regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', protected);
  -- Processes of version 0.2.0, which run on while this version starts, set nothing: they see all, known by the name of their connections.
  -- The release after the last one that may run beside 0.2.0 takes that half away, here and from each policy.
  -- A case, because the planner guesses it at one half, where it guesses an equality at one in 200, with which other indexes look better.
  -- Not in a function or a select of its own: that takes longer to plan than it saves for the rows of a batch (measured).
  execute format($policy$
    create policy portal_rows on %s using (
      case coalesce(
        current_setting('baton.portal_id', true), case current_setting('application_name') when 'baton' then 'all' end
      ) when 'all' then true when portal_id::text then true else false end
    )$policy$, protected);
end
$$;

select protect_portal_rows(tables.oid)
from pg_class tables
join pg_attribute columns on columns.attrelid = tables.oid and columns.attname = 'portal_id'
where tables.relkind in ('r', 'p') and tables.relnamespace = 'public'::regnamespace;

-- PostgreSQL looks at a policy before it calls a function that might tell what it sees, such as `->>` or `coalesce`, and so no longer
-- finds rows by an index of one: columns and a case, of which it knows better, take their place.
alter table dead_events
  add column thread_id text generated always as (event ->> 'threadId') stored,
  add column email_id text generated always as (event ->> 'emailId') stored,
  add column ticket_id text generated always as (event ->> 'ticketId') stored;
drop index dead_events_thread, dead_events_email, dead_events_ticket;
create index dead_events_thread on dead_events (portal_id, thread_id) where thread_id is not null;
create index dead_events_email on dead_events (portal_id, email_id) where email_id is not null;
create index dead_events_ticket on dead_events (portal_id, ticket_id) where ticket_id is not null;

drop index records_filter;
create index records_filter on records (portal_id, outcome, (case when reason is null then '' else reason end), id);
