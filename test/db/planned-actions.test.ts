// Plans of what is about to be done: written under the lease, found again, and forgotten with their record.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lease } from '../../src/db/lanes.ts';
import { installPortal, leaseOptions, makeEvent, makeRecord, openTestDb, settlement } from './test-db.ts';

const { db, raw } = await openTestDb();
const { plannedActions } = db;

async function leasePortal(): Promise<Lease> {
  const portalId = await installPortal(db);
  await db.events.store([makeEvent(portalId)]);
  const [batch] = (await db.lanes.claimLanes(10, leaseOptions)).filter(({ lease }) => lease.portalId === portalId);
  assert.ok(batch);
  return batch.lease;
}

const posting = {
  subject: 's:1:2:3:a',
  kind: 'send-notification',
  threadId: '9',
  senderActorId: 'A-7',
  textHash: 'h1',
};

test('a plan is found by its subject and, as a posting, by its thread', async () => {
  const lease = await leasePortal();
  await plannedActions.plan(lease, [posting, { subject: 's:1:2:3:b', kind: 'add-note', textHash: 'h2' }], 60_000);
  const found = await plannedActions.findPlanned(lease.portalId, ['s:1:2:3:a', 's:1:2:3:b', 's:1:2:3:c']);
  assert.deepEqual([...found.keys()].sort(), ['s:1:2:3:a', 's:1:2:3:b']);
  assert.equal(found.get('s:1:2:3:b')?.textHash, 'h2');
  const postings = await plannedActions.findPostings(lease.portalId, ['9', '10']);
  assert.deepEqual(
    postings.map(({ subject }) => subject),
    ['s:1:2:3:a'],
  );
  const other = await leasePortal();
  assert.equal((await plannedActions.findPlanned(other.portalId, ['s:1:2:3:a'])).size, 0);
});

test('planned again, it keeps its first time and takes the text of this try', async () => {
  const lease = await leasePortal();
  await plannedActions.plan(lease, [posting], 60_000);
  const before = (await plannedActions.findPlanned(lease.portalId, [posting.subject])).get(posting.subject);
  await plannedActions.noteStatus(lease, posting.subject, 'status-1');
  await plannedActions.plan(lease, [{ ...posting, textHash: 'h9' }], 60_000);
  const after = (await plannedActions.findPlanned(lease.portalId, [posting.subject])).get(posting.subject);
  assert.deepEqual(after, { ...before, textHash: 'h9', statusId: 'status-1' });
  await plannedActions.noteStatus(lease, posting.subject, null);
  const anew = (await plannedActions.findPlanned(lease.portalId, [posting.subject])).get(posting.subject);
  assert.equal(anew?.statusId, null);
});

test('a worker that lost its lease plans nothing and changes nothing', async () => {
  const lease = await leasePortal();
  await plannedActions.plan(lease, [posting], 60_000);
  await raw.query('update lanes set fence = fence + 1 where portal_id = $1', [lease.portalId]);
  await assert.rejects(plannedActions.plan(lease, [{ ...posting, subject: 's:1:2:3:z' }], 60_000), {
    code: 'lease-lost',
  });
  await plannedActions.noteStatus(lease, posting.subject, 'stolen');
  const found = await plannedActions.findPlanned(lease.portalId, [posting.subject, 's:1:2:3:z']);
  assert.deepEqual(
    [...found.values()].map(({ statusId }) => statusId),
    [null],
  );
});

test('a plan goes with the record of its end', async () => {
  const lease = await leasePortal();
  await plannedActions.plan(lease, [posting], 60_000);
  await db.lanes.settle(lease, settlement({ forgottenPlans: [posting.subject] }));
  assert.equal((await plannedActions.findPlanned(lease.portalId, [posting.subject])).size, 0);
});

test('what recorded actions of a ticket made is known by its ids, of this ticket alone', async () => {
  const lease = await leasePortal();
  const action = { id: 'a', kind: 'add-note' };
  const made = (seen: string) => [
    { check: 'stage-history' as const, passed: true, seen: 'entered' },
    { check: 'made' as const, passed: true, seen },
  ];
  const records = [
    makeRecord({ subject: 's:1:2:3:a', ticketId: '1', messageId: null, action, evidence: made('note-1') }),
    makeRecord({ subject: 's:1:2:3:b', ticketId: '1', action, messageId: 'message-1', threadId: '9' }),
    makeRecord({ subject: 's:8:2:3:a', ticketId: '8', messageId: null, action, evidence: made('note-8') }),
    makeRecord({ subject: 'm:9:message-2', ticketId: '1', messageId: 'message-2' }),
  ];
  await db.lanes.settle(lease, settlement({ records }));
  assert.deepEqual([...(await plannedActions.findMade(lease.portalId, '1'))].sort(), ['message-1', 'note-1']);
});

test('the newest that came in on a ticket tells its verdict, whatever went out or was done since', async () => {
  const lease = await leasePortal();
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute));
  const came = (minute: number, more: object) =>
    makeRecord({ subject: `m:9:${minute}`, ticketId: '1', messageAt: at(minute), ...more });
  const records = [
    came(1, { verdict: 'opens-conversation', reason: 'first-message' }),
    came(2, { verdict: 'automatic', reason: 'bounce' }),
    came(3, { verdict: 'sent-from-ticket', reason: null }),
    makeRecord({ subject: 's:1:2:3:a', ticketId: '1', verdict: null }),
  ];
  await db.lanes.settle(lease, settlement({ records }));
  assert.deepEqual(await plannedActions.findNewestIncoming(lease.portalId, '1'), {
    verdict: 'automatic',
    reason: 'bounce',
    at: at(2),
  });
  assert.equal(await plannedActions.findNewestIncoming(lease.portalId, '2'), undefined);
});
