-- The activity page's filters by outcome, by reason, or both: one index for all three, read as a merge of its branches (db/records.ts).
create index records_filter on records (portal_id, outcome, (coalesce(reason, '')), id);
-- Was for outcome `dead` alone.
drop index records_dead;

-- The dead events of one message, email or ticket: found for a record that a person wants tried again.
create index dead_events_thread on dead_events (portal_id, (event ->> 'threadId')) where event ->> 'threadId' is not null;
-- Those that wait for a permission.
create index dead_events_error on dead_events (portal_id, error_code);
create index dead_events_email on dead_events (portal_id, (event ->> 'emailId')) where event ->> 'emailId' is not null;
create index dead_events_ticket on dead_events (portal_id, (event ->> 'ticketId')) where event ->> 'ticketId' is not null;
