// What a portal's mailbox mail has shown: one row a mail, so that seeing a mail twice, late or out of order changes nothing.

import type { Sighting } from '../rules/mailbox-picture.ts';
import type { PortalSql } from './access.ts';
import { reach } from './pool.ts';

/** `waiting` = on no ticket so far, to be looked at once more; `astray` = it looks sent from a ticket and is on none. */
export type SeenMail = {
  emailId: string;
  at: Date;
  kind: Sighting['kind'] | 'waiting' | 'astray';
  /** Of a mail on exactly one ticket. */
  ticketId: string | null;
  /** It looks like what a check saw sent from the ticket. */
  marked: boolean;
};
/** An association as a webhook tells of it. */
export type ToldAssociation = { emailId: string; ticketId: string; at: Date; byOther: boolean };

type LearningRow = { learned_at: Date | null; looks: Date[] };

// A mail once found loose stays so when somebody puts it on a ticket later: it was not put there by itself. What was seen while it
// happened ($7 = false) knows more than what stands there days later.
const saveMails = `
  insert into mailbox_mails (portal_id, email_id, sent_at, kind, ticket_id, marked)
  select $1::bigint, fresh.* from unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::boolean[]) as fresh
  on conflict (portal_id, email_id) do update
  set kind = excluded.kind, ticket_id = excluded.ticket_id, marked = excluded.marked
  where mailbox_mails.kind = 'waiting'
    or (not $7 and mailbox_mails.kind in ('tied', 'loose') and excluded.kind in ('several', 'foreign'))`;

export function createMailbox(portal: PortalSql) {
  return {
    async findLearning(portalId: string): Promise<{ learnedAt: Date | null; looks: Date[] }> {
      const { rows } = await reach(() =>
        portal.query<LearningRow>(
          {
            name: 'find-learning',
            text: 'select learned_at, looks from mailbox_learning where portal_id = $1::bigint',
          },
          [portalId],
        ),
      );
      return { learnedAt: rows[0]?.learned_at ?? null, looks: rows[0]?.looks ?? [] };
    },

    async saveLearning(portalId: string, learning: { learnedAt: Date | null; looks: Date[] }): Promise<void> {
      await reach(() =>
        portal.query(
          `insert into mailbox_learning (portal_id, learned_at, looks) values ($1::bigint, $2, $3::timestamptz[])
           on conflict (portal_id) do update set learned_at = excluded.learned_at, looks = excluded.looks`,
          [portalId, learning.learnedAt, learning.looks],
        ),
      );
    },

    /** Each mail once. What is known of a mail already is changed only by what says more; `past` = read long after it was sent. */
    async saveMails(portalId: string, mails: SeenMail[], { past = false } = {}): Promise<void> {
      const unique = [...new Map(mails.map((mail) => [mail.emailId, mail])).values()];
      if (unique.length === 0) return;
      await reach(() =>
        portal.query({ name: 'save-mails', text: saveMails }, [
          portalId,
          unique.map((mail) => mail.emailId),
          unique.map((mail) => mail.at),
          unique.map((mail) => mail.kind),
          unique.map((mail) => mail.ticketId),
          unique.map((mail) => mail.marked),
          past,
        ]),
      );
    },

    /** What webhooks tell of mails seen already: made by something else than the sender, or a second ticket at once. */
    async noteAssociations(portalId: string, told: ToldAssociation[], atOnceMs: number): Promise<void> {
      if (told.length === 0) return;
      const columns = [
        told.map((one) => one.emailId),
        told.map((one) => one.ticketId),
        told.map((one) => one.at),
        told.map((one) => one.byOther),
      ];
      await reach(() =>
        portal.query(
          `with told as (
             select * from unnest($2::text[], $3::text[], $4::timestamptz[], $5::boolean[])
               as t (email_id, ticket_id, at, by_other)
           ), judged as (
             select known.email_id, bool_or(by_other) as by_other
             from told
             join mailbox_mails known on known.portal_id = $1::bigint and known.email_id = told.email_id
             where told.at <= known.sent_at + $6 * interval '1 millisecond'
               and (by_other or (known.kind = 'tied' and told.ticket_id <> known.ticket_id))
             group by known.email_id
           )
           update mailbox_mails set kind = case when by_other then 'foreign' else 'several' end
           from judged
           where portal_id = $1::bigint and mailbox_mails.email_id = judged.email_id`,
          [portalId, ...columns, atOnceMs],
        ),
      );
    },

    /** Mails to look at once more: sent before `sentBefore`, newest first. */
    async findWaiting(portalId: string, sentBefore: Date, limit: number): Promise<SeenMail[]> {
      const { rows } = await reach(() =>
        portal.query<{ email_id: string; sent_at: Date; marked: boolean }>(
          {
            name: 'find-waiting',
            text: `select email_id, sent_at, marked from mailbox_mails
             where portal_id = $1::bigint and kind = 'waiting' and sent_at <= $2
             order by sent_at desc
             limit $3`,
          },
          [portalId, sentBefore, limit],
        ),
      );
      return rows.map(({ email_id: emailId, sent_at: at, marked }) => ({
        emailId,
        at,
        kind: 'waiting',
        ticketId: null,
        marked,
      }));
    },

    /** Mails that say nothing after all. */
    async forgetWaiting(portalId: string, emailIds: string[]): Promise<void> {
      if (emailIds.length === 0) return;
      await reach(() =>
        portal.query(
          `delete from mailbox_mails
           where portal_id = $1::bigint and email_id = any($2::text[]) and kind = 'waiting'`,
          [portalId, emailIds],
        ),
      );
    },

    /** Newest first. */
    async listSightings(portalId: string, limit: number): Promise<Sighting[]> {
      const { rows } = await reach(() =>
        portal.query<{ kind: Sighting['kind']; at: Date }>(
          {
            name: 'list-sightings',
            text: `select kind, sent_at as at from mailbox_mails
             where portal_id = $1::bigint and kind <> 'waiting' and kind <> 'astray'
             order by sent_at desc
             limit $2`,
          },
          [portalId, limit],
        ),
      );
      return rows;
    },

    async findNewestAstray(portalId: string): Promise<Date | null> {
      const { rows } = await reach(() =>
        portal.query<{ newest: Date | null }>(
          `select max(sent_at) as newest from mailbox_mails where portal_id = $1::bigint and kind = 'astray'`,
          [portalId],
        ),
      );
      return rows[0]?.newest ?? null;
    },
  };
}
