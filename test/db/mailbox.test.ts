// What is kept of mailbox mail: a mail seen twice, late or out of order ends the same, and one portal never reads another's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeenMail } from '../../src/db/mailbox.ts';
import { installPortal, openTestDb } from './test-db.ts';

const { db, raw } = await openTestDb();
const minuteMs = 60_000;
const at = new Date('2026-11-22T10:00:00Z');

function mail(emailId: string, kind: SeenMail['kind'], special: Partial<SeenMail> = {}): SeenMail {
  return { emailId, at, kind, ticketId: kind === 'tied' ? '900' : null, marked: false, ...special };
}

async function kindsOf(portalId: string): Promise<string[]> {
  const sightings = await db.mailbox.listSightings(portalId, 100);
  const waiting = await db.mailbox.findWaiting(portalId, new Date(at.getTime() + minuteMs), 100);
  return [...sightings, ...waiting].map(({ kind }) => kind);
}

const courses: [kinds: SeenMail['kind'][], end: string][] = [
  [['waiting', 'waiting'], 'waiting'],
  [['waiting', 'tied'], 'tied'],
  [['waiting', 'loose'], 'loose'],
  [['tied', 'waiting'], 'tied'],
  [['tied', 'tied'], 'tied'],
  [['tied', 'several'], 'several'],
  [['tied', 'foreign'], 'foreign'],
  // Put on a ticket by hand an hour later: it was loose all the same.
  [['loose', 'tied'], 'loose'],
  [['loose', 'foreign'], 'foreign'],
  [['several', 'tied'], 'several'],
  [['foreign', 'several'], 'foreign'],
];
for (const [kinds, end] of courses) {
  test(`a mail seen as ${kinds.join(', then as ')} is ${end}`, async () => {
    const portalId = await installPortal(db);
    for (const kind of kinds) await db.mailbox.saveMails(portalId, [mail('1', kind)]);
    assert.deepEqual(await kindsOf(portalId), [end]);
  });
}

test('an association told of later changes a known mail when something else made it, or it is a second ticket at once', async () => {
  const told: [
    what: string,
    first: SeenMail['kind'],
    ticketId: string,
    afterMs: number,
    byOther: boolean,
    end: string,
  ][] = [
    ['the same ticket again', 'tied', '900', 500, false, 'tied'],
    ['a second ticket at once', 'tied', '901', 500, false, 'several'],
    ['a second ticket an hour later', 'tied', '901', 60 * minuteMs, false, 'tied'],
    ['the same ticket by something else', 'tied', '900', 500, true, 'foreign'],
    ['a ticket by something else, before it was looked at', 'waiting', '900', 500, true, 'foreign'],
    ['a ticket by its sender, before it was looked at', 'waiting', '900', 500, false, 'waiting'],
    ['a ticket by another app an hour later', 'loose', '900', 60 * minuteMs, true, 'loose'],
  ];
  for (const [what, first, ticketId, afterMs, byOther, end] of told) {
    const portalId = await installPortal(db);
    await db.mailbox.saveMails(portalId, [mail('1', first)]);
    const event = { emailId: '1', ticketId, at: new Date(at.getTime() + afterMs), byOther };
    await db.mailbox.noteAssociations(portalId, [event, event, { ...event, emailId: 'unknown' }], minuteMs);
    assert.deepEqual(await kindsOf(portalId), [end], what);
  }
});

test('mails wait until they are old enough, newest first, and are forgotten only while they wait', async () => {
  const portalId = await installPortal(db);
  const older = mail('2', 'waiting', { at: new Date(at.getTime() - 1_000), marked: true });
  await db.mailbox.saveMails(portalId, [older, mail('1', 'waiting'), mail('3', 'loose')]);
  const ids = async (before: number) =>
    (await db.mailbox.findWaiting(portalId, new Date(before), 10)).map(({ emailId, marked }) => [emailId, marked]);
  assert.deepEqual(await ids(at.getTime()), [
    ['1', false],
    ['2', true],
  ]);
  assert.deepEqual(await ids(at.getTime() - 1), [['2', true]]);
  await db.mailbox.forgetWaiting(portalId, ['1', '2', '3']);
  assert.deepEqual(await kindsOf(portalId), ['loose']);
});

test('no portal reads, changes or forgets the mail of another', async () => {
  const [one, other] = [await installPortal(db), await installPortal(db)];
  await db.mailbox.saveMails(one, [mail('1', 'tied'), mail('2', 'waiting')]);
  await db.mailbox.noteAssociations(other, [{ emailId: '1', ticketId: '5', at, byOther: true }], minuteMs);
  await db.mailbox.forgetWaiting(other, ['2']);
  await db.mailbox.saveLearning(one, { learnedAt: at, looks: [at] });
  assert.deepEqual(await kindsOf(one), ['tied', 'waiting']);
  assert.deepEqual(await kindsOf(other), []);
  assert.deepEqual(await db.mailbox.findLearning(other), { learnedAt: null, looks: [] });
  assert.deepEqual(await db.mailbox.findLearning(one), { learnedAt: at, looks: [at] });
});

const start = { ticketId: '900', contactId: '7', code: '4821', startedBy: '1', startedAt: at };
const apart = { finding: 'apart' as const, fingerprint: null };

test('one check runs at a time, and one that was stopped takes no conclusion any more', async () => {
  const portalId = await installPortal(db);
  await Promise.all([db.mailboxChecks.startCheck(portalId, start), db.mailboxChecks.startCheck(portalId, start)]);
  const first = await db.mailboxChecks.findRunning(portalId);
  assert.ok(first);
  await db.mailboxChecks.startCheck(portalId, { ...start, code: '4822' });
  await db.mailboxChecks.saveProgress(portalId, first.id, { mails: [], conclusion: apart, now: at });
  assert.equal(await db.mailboxChecks.findConcluded(portalId), undefined);
  const second = await db.mailboxChecks.findRunning(portalId);
  assert.equal(second?.code, '4822');
  await db.mailboxChecks.saveProgress(portalId, second?.id ?? '', { mails: [], conclusion: undefined, now: at });
  assert.equal((await db.mailboxChecks.findRunning(portalId))?.endedAt, null);
  await db.mailboxChecks.cancelCheck(portalId);
  assert.equal(await db.mailboxChecks.findRunning(portalId), undefined);
});

test('the newest concluded check counts, of its own portal', async () => {
  const [portalId, other] = [await installPortal(db), await installPortal(db)];
  for (const finding of ['mixed', 'apart'] as const) {
    await db.mailboxChecks.startCheck(portalId, start);
    const id = (await db.mailboxChecks.findRunning(portalId))?.id ?? '';
    await db.mailboxChecks.saveProgress(other, id, { mails: [], conclusion: apart, now: at });
    await db.mailboxChecks.saveProgress(portalId, id, { mails: [], conclusion: { ...apart, finding }, now: at });
  }
  assert.deepEqual(await db.mailboxChecks.findFinding(portalId), { ...apart, at });
  assert.equal(await db.mailboxChecks.findFinding(other), undefined);
});

test('a check that ended, by its conclusion, by hand or for another one, keeps no number of a contact', async () => {
  const portalId = await installPortal(db);
  const contacts = async () => {
    const text = 'select contact_id from mailbox_checks where portal_id = $1::bigint order by id';
    return (await raw.query<{ contact_id: string }>(text, [portalId])).rows.map((row) => row.contact_id);
  };
  await db.mailboxChecks.startCheck(portalId, start);
  await db.mailboxChecks.startCheck(portalId, start);
  assert.deepEqual(await contacts(), ['', '7']);
  const id = (await db.mailboxChecks.findRunning(portalId))?.id ?? '';
  await db.mailboxChecks.saveProgress(portalId, id, { mails: [], conclusion: undefined, now: at });
  assert.deepEqual(await contacts(), ['', '7']);
  await db.mailboxChecks.saveProgress(portalId, id, { mails: [], conclusion: apart, now: at });
  await db.mailboxChecks.startCheck(portalId, start);
  await db.mailboxChecks.cancelCheck(portalId);
  assert.deepEqual(await contacts(), ['', '', '']);
});
