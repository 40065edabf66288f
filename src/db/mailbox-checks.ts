// The mailbox_checks table: what an admin tried with test mails, and what came out of it.

import type { CheckConclusion, CheckMail, Fingerprint } from '../rules/mailbox-check.ts';
import type { CheckFinding } from '../rules/mailbox-picture.ts';
import type { PortalSql } from './access.ts';
import { reach } from './pool.ts';

export type MailboxCheck = {
  id: string;
  ticketId: string;
  /** Empty once the check has ended. */
  contactId: string;
  code: string;
  startedBy: string;
  startedAt: Date;
  endedAt: Date | null;
  mails: CheckMail[];
  /** Null = running, or cancelled. */
  conclusion: CheckConclusion | null;
};

type CheckRow = {
  id: string;
  ticket_id: string;
  contact_id: string;
  code: string;
  started_by: string;
  started_at: Date;
  ended_at: Date | null;
  mails: CheckMail[];
  conclusion: CheckConclusion | null;
};

function readCheck(row: CheckRow): MailboxCheck {
  return {
    id: row.id,
    ticketId: row.ticket_id,
    contactId: row.contact_id,
    code: row.code,
    startedBy: row.started_by,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    mails: row.mails,
    conclusion: row.conclusion,
  };
}

/** The contact's number is for the running check alone: of contacts Baton keeps nothing (the privacy page says so). */
const endRunning = `
  update mailbox_checks set ended_at = now(), contact_id = '' where portal_id = $1::bigint and ended_at is null`;

export function createMailboxChecks(portal: PortalSql) {
  async function findOne(portalId: string, condition: string): Promise<MailboxCheck | undefined> {
    const { rows } = await reach(() =>
      portal.query<CheckRow>(
        `select * from mailbox_checks where portal_id = $1::bigint and ${condition} order by id desc limit 1`,
        [portalId],
      ),
    );
    return rows[0] && readCheck(rows[0]);
  }

  return {
    /** Cancels one that runs. */
    async startCheck(
      portalId: string,
      check: Pick<MailboxCheck, 'ticketId' | 'contactId' | 'code' | 'startedBy' | 'startedAt'>,
    ): Promise<void> {
      const { ticketId, contactId, code, startedBy, startedAt } = check;
      await reach(() =>
        portal.transaction(portalId, async (client) => {
          // Two admins who start at once wait for each other here: the later one's check runs.
          await client.query('select from portals where portal_id = $1::bigint for update', [portalId]);
          await client.query(endRunning, [portalId]);
          await client.query(
            `insert into mailbox_checks (portal_id, ticket_id, contact_id, code, started_by, started_at)
             values ($1::bigint, $2, $3, $4, $5, $6)`,
            [portalId, ticketId, contactId, code, startedBy, startedAt],
          );
        }),
      );
    },

    async cancelCheck(portalId: string): Promise<void> {
      await reach(() => portal.query(endRunning, [portalId]));
    },

    findRunning: (portalId: string): Promise<MailboxCheck | undefined> => findOne(portalId, 'ended_at is null'),

    /** The newest that came to its end. */
    findConcluded: (portalId: string): Promise<MailboxCheck | undefined> => findOne(portalId, 'conclusion is not null'),

    /** What came in, and with a conclusion its end; a check that ended meanwhile stays as it is. */
    async saveProgress(
      portalId: string,
      checkId: string,
      progress: { mails: CheckMail[]; conclusion: CheckConclusion | undefined; now: Date },
    ): Promise<void> {
      const { mails, conclusion, now } = progress;
      await reach(() =>
        portal.query(
          `update mailbox_checks
           set mails = $3::jsonb, conclusion = $4::jsonb, ended_at = case when $4::jsonb is null then null else $5::timestamptz end,
               contact_id = case when $4::jsonb is null then contact_id else '' end
           where portal_id = $1::bigint and id = $2::bigint and ended_at is null`,
          [portalId, checkId, JSON.stringify(mails), conclusion ? JSON.stringify(conclusion) : null, now],
        ),
      );
    },

    /** What the newest concluded check says, for the worker. */
    async findFinding(
      portalId: string,
    ): Promise<{ finding: CheckFinding; fingerprint: Fingerprint | null; at: Date } | undefined> {
      const { rows } = await reach(() =>
        portal.query<{ conclusion: CheckConclusion; at: Date }>(
          `select conclusion, ended_at as at from mailbox_checks
           where portal_id = $1::bigint and conclusion is not null
           order by id desc
           limit 1`,
          [portalId],
        ),
      );
      return rows[0] && { ...rows[0].conclusion, at: rows[0].at };
    },
  };
}
