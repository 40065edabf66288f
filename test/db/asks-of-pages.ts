// What pages, installs, sweeps and forgetting ask the database for, each with the most pages a statement of it may touch.
import assert from 'node:assert/strict';
import { defaultSettings } from '../../src/rules/settings.ts';
import { type Ask, minutesAgo, numbers, type Situation } from './asks-of-batches.ts';
import { portalCount } from './full-tables.ts';
import { installPortal, tokens } from './test-db.ts';

const goOn = (): boolean => true;
/** Says so `times` times. */
function createBudget(times: number): () => boolean {
  let left = times;
  return () => {
    left -= 1;
    return left >= 0;
  };
}
const dayMs = 86_400_000;

export function listGrants({ db, old, portalId, round }: Situation): Ask[] {
  const { portals, tokens: grants, webhookSecrets } = db;
  let generation = 0;
  const read = async () => {
    generation = (await grants.findToken(portalId))?.generation ?? assert.fail();
  };
  const rotation = { tokens: 'once after new keys: whose are of older ones', webhook_secrets: 'the same' };
  return [
    {
      what: 'tokens.rotateKeys',
      ask: async () => {
        await installPortal(old, portalId);
        assert.equal((await grants.rotateKeys()).count, 1);
      },
      pages: 100,
      whole: rotation,
    },
    {
      what: 'webhookSecrets.rotateKeys',
      ask: async () => {
        await old.webhookSecrets.replaceSecret(portalId);
        assert.equal((await webhookSecrets.rotateKeys()).count, 1);
      },
      pages: 100,
      whole: rotation,
    },
    { what: 'portals.findPortal', ask: () => portals.findPortal(portalId), pages: 20 },
    { what: 'portals.findInstaller', ask: () => portals.findInstaller(portalId), pages: 20 },
    {
      what: 'portals.listInstalled',
      ask: () => portals.listInstalled(),
      pages: 200,
      whole: { portals: 'the list itself' },
    },
    { what: 'tokens.findToken', ask: read, pages: 20 },
    { what: 'tokens.claimRefresh', ask: () => grants.claimRefresh(portalId, generation, 60_000), pages: 40 },
    { what: 'tokens.releaseRefresh', ask: () => grants.releaseRefresh(portalId, generation), pages: 40 },
    { what: 'tokens.replaceToken', ask: () => grants.replaceToken(portalId, generation, tokens), pages: 40 },
    {
      what: 'tokens.markRevoked, portals.markUninstalled, portals.install',
      ask: async () => {
        await read();
        await grants.markRevoked(portalId, generation);
        await portals.markUninstalled(portalId);
        await installPortal(db, portalId);
      },
      pages: 80,
    },
    {
      what: 'webhookSecrets.getSigningSecrets',
      ask: () => webhookSecrets.getSigningSecrets(String(BigInt(portalId) + BigInt(portalCount - 1 - round))),
      pages: 40,
    },
    { what: 'webhookSecrets.replaceSecret', ask: () => webhookSecrets.replaceSecret(portalId), pages: 40 },
  ];
}

export function listMailbox({ db, portalId }: Situation): Ask[] {
  const { mailbox, mailboxChecks } = db;
  const [at, ticketId] = [new Date(), '1'];
  const mails = numbers(100).map((id) => ({ emailId: `9${id}`, at, kind: 'tied' as const, ticketId, marked: false }));
  const told = mails.map(({ emailId }) => ({ emailId, ticketId: '2', at, byOther: false }));
  const check = { ticketId, contactId: '2', code: 'c', startedBy: '7', startedAt: at };
  return [
    { what: 'mailbox.findLearning', ask: () => mailbox.findLearning(portalId), pages: 20 },
    {
      what: 'mailbox.saveLearning',
      ask: () => mailbox.saveLearning(portalId, { learnedAt: at, looks: [] }),
      pages: 40,
    },
    { what: 'mailbox.saveMails', ask: () => mailbox.saveMails(portalId, mails), pages: 3_000 },
    { what: 'mailbox.noteAssociations', ask: () => mailbox.noteAssociations(portalId, told, 1_000), pages: 3_000 },
    { what: 'mailbox.findWaiting', ask: () => mailbox.findWaiting(portalId, at, 50), pages: 200 },
    { what: 'mailbox.forgetWaiting', ask: () => mailbox.forgetWaiting(portalId, ['5', '10']), pages: 60 },
    { what: 'mailbox.listSightings', ask: () => mailbox.listSightings(portalId, 500), pages: 1_500 },
    { what: 'mailbox.findNewestAstray', ask: () => mailbox.findNewestAstray(portalId), pages: 400 },
    { what: 'mailboxChecks.startCheck', ask: () => mailboxChecks.startCheck(portalId, check), pages: 80 },
    {
      what: 'mailboxChecks.findRunning, mailboxChecks.saveProgress',
      ask: async () => {
        const { id } = (await mailboxChecks.findRunning(portalId)) ?? assert.fail();
        await mailboxChecks.saveProgress(portalId, id, { mails: [], conclusion: undefined, now: at });
      },
      pages: 80,
    },
    { what: 'mailboxChecks.cancelCheck', ask: () => mailboxChecks.cancelCheck(portalId), pages: 80 },
    { what: 'mailboxChecks.findConcluded', ask: () => mailboxChecks.findConcluded(portalId), pages: 60 },
    { what: 'mailboxChecks.findFinding', ask: () => mailboxChecks.findFinding(portalId), pages: 60 },
  ];
}

export function listPages({ db, portalId, round }: Situation): Ask[] {
  const { settings, records, deadEvents } = db;
  const list = (query: object) => () => records.listRecords(portalId, { limit: 50, ...query });
  const since = minutesAgo(60);
  return [
    {
      what: 'settings.getSettings, settings.saveSettings',
      ask: async () => {
        const { version } = await settings.getSettings(portalId);
        await settings.saveSettings(portalId, { basedOn: version, settings: defaultSettings, author: '7' });
      },
      pages: 40,
    },
    { what: 'settings.listVersions', ask: () => settings.listVersions(portalId, 20), pages: 60 },
    { what: 'settings.listVersionsSince', ask: () => settings.listVersionsSince(portalId, since, 20), pages: 60 },
    { what: 'settings.listSaves', ask: () => settings.listSaves(portalId, 20), pages: 60 },
    { what: 'settings.findVersion', ask: () => settings.findVersion(portalId, 1), pages: 20 },
    // Each filter at each place of the list: test/db/record-plans.test.ts.
    { what: 'records.listRecords', ask: list({}), pages: 150 },
    { what: 'records.listRecords of a ticket', ask: list({ ticketId: '7' }), pages: 150 },
    { what: 'records.listRecords by reason', ask: list({ reason: 'paused' }), pages: 400 },
    { what: 'rivals.countRivals', ask: () => db.rivals.countRivals(portalId, since), pages: 1_500 },
    { what: 'deadEvents.countDead', ask: () => deadEvents.countDead(portalId), pages: 1_500 },
    { what: 'deadEvents.someLackScope', ask: () => deadEvents.someLackScope(portalId), pages: 20 },
    {
      what: 'deadEvents.findRetryable, deadEvents.retryRecord',
      ask: async () => {
        const { records: died } = await records.listRecords(portalId, { limit: 50, outcome: 'dead' });
        const ids = died.map(({ id }) => id);
        await deadEvents.findRetryable(portalId, ids);
        await deadEvents.retryRecord(portalId, ids[round] ?? assert.fail());
      },
      pages: 1_500,
    },
    // A person's button: the 2,000 of this portal, at most 5,000 a statement.
    { what: 'deadEvents.retryAll', ask: () => deadEvents.retryAll(portalId), pages: 80_000 },
    {
      what: 'sessions.endSessions',
      ask: () => db.sessions.endSessions(String(BigInt(portalId) + BigInt(round))),
      pages: 40,
    },
    { what: 'passesRowSecurity', ask: () => db.passesRowSecurity(), pages: 20 },
  ];
}

export function listSweeps({ db, raw, portalId, round }: Situation): Ask[] {
  const { sweeps, retention } = db;
  const everyPortal = 'something for every portal';
  return [
    { what: 'sweeps.claimTick', ask: () => sweeps.claimTick('messages', new Date()), pages: 60 },
    {
      what: 'sweeps.forgetTicks',
      ask: () => sweeps.forgetTicks(minutesAgo(5 * (1_900 - round))),
      pages: 300,
      whole: { sweep_ticks: 'a week of ticks' },
    },
    { what: 'sweeps.findWatermark', ask: () => sweeps.findWatermark(portalId, 'messages'), pages: 20 },
    { what: 'sweeps.findWatermarks', ask: () => sweeps.findWatermarks(portalId), pages: 20 },
    { what: 'sweeps.findRefusals', ask: () => sweeps.findRefusals(portalId, minutesAgo(60)), pages: 20 },
    {
      what: 'sweeps.findNewestRecorded',
      ask: () => sweeps.findNewestRecorded(portalId, numbers(100)),
      pages: 1_500,
    },
    {
      what: 'sweeps.startSweep',
      ask: () => sweeps.startSweep('messages', new Date()),
      pages: portalCount * 40,
      whole: { portals: everyPortal },
    },
    {
      what: 'retention.eraseEnded',
      ask: async () => {
        await raw.query(
          `update portals set ended_at = now() - interval '40 days', status = 'uninstalled'
           where portal_id = $1::bigint + $2`,
          [portalId, 101 + round],
        );
        assert.equal(await retention.eraseEnded(new Date(), goOn), 1);
      },
      pages: 500,
    },
    {
      // Some sixty portals have records to forget then; the fullest comes first where each is looked at.
      what: 'retention.forgetOld',
      ask: () => retention.forgetOld(new Date(Date.now() + (10 + (round + 1) / 20) * dayMs), createBudget(400)),
      pages: 60_000,
      whole: { portals: everyPortal },
    },
  ];
}
