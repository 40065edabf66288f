// The sweeps for emails and stage entries: where they begin, how they come through any number of changes, and what they cost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restOfSweep } from '../../src/worker/own-events.ts';
import {
  at,
  changedAt,
  entered,
  installedAt,
  mailRules,
  makeWorld,
  sweep,
  type World,
  withNotes,
} from './swept-portal.ts';

async function sweepDay(world: World, from: number): Promise<void> {
  for (let minute = from; minute < from + 24 * 60; minute += 5) await sweep(world, at(minute));
}

test('an idle portal with everything switched on costs at most 300 calls a day', async () => {
  const both = { pipelines: { '0': { ...mailRules.pipelines['0'], ...withNotes('a').pipelines['0'] } } };
  const world = makeWorld({ saves: [[installedAt, both]] });
  await sweepDay(world, 0);
  world.calls = 0;
  await sweepDay(world, 24 * 60);
  assert.equal(world.calls, 288 + 12);
});

test('where nothing can be found nothing is searched', async () => {
  for (const more of [{ mailbox: { evidence: 'off' } }, { channels: ['1007'] }, { pipelines: {} }]) {
    const world = makeWorld({ saves: [[installedAt, { ...mailRules, ...more }]] });
    await sweepDay(world, 0);
    assert.deepEqual(world.searches, [], JSON.stringify(more));
  }
});

test('after more than a quarter of an hour without a sweep the next one looks at once, from where the last look ended', async () => {
  const world = makeWorld({});
  for (const minute of [0, 5, 10, 15]) await sweep(world, at(minute));
  assert.equal(world.searches.length, 1);
  await sweep(world, at(35));
  assert.deepEqual(world.searches[1], { type: 'emails', after: at(-5), before: at(35), cursor: undefined });
});

test('a portal with new messages is looked at every hour', async () => {
  const world = makeWorld({});
  for (let minute = 0; minute <= 120; minute += 5) {
    world.reached.set('messages', at(minute));
    await sweep(world, at(minute));
  }
  assert.deepEqual(
    world.searches.map(({ before }) => before),
    [at(0), at(60), at(120)],
  );
});

test('emails without a record are found, of those with one only what is not decided for good', async () => {
  const world = makeWorld({
    changed: { emails: ['1', '2', '3', '4', '5'].map((id) => changedAt(id, at(-60))), tickets: [] },
    decided: {
      'e:2': { outcome: 'done', reason: null, messageAt: at(-60) },
      'e:3': { outcome: 'skipped', reason: 'no-ticket', messageAt: at(-60) },
      'e:4': { outcome: 'dead', reason: null, messageAt: null },
      'e:5': { outcome: 'skipped', reason: 'sent-elsewhere', messageAt: at(-60) },
    },
  });
  const end = await sweep(world, at(0));
  assert.deepEqual(end.emails, ['1', '3']);
  assert.ok(end.events.every(({ subscriptionType }) => subscriptionType === 'baton.sweep'));
});

test('mail of before the installation, or of before the automations, is history however lately it changed', async () => {
  const saves: World['saves'] = [
    [installedAt, mailRules],
    [at(-300), { pipelines: {} }],
    [at(-100), mailRules],
  ];
  const emails = [
    changedAt('long before', at(-10), { createdAt: at(-60 * 24 * 60) }),
    changedAt('while off', at(-10), { createdAt: at(-200) }),
    changedAt('before', at(-250), { createdAt: at(-250) }),
    changedAt('scheduled', at(-10), { createdAt: at(-200), sentAt: at(-10) }),
    changedAt('after', at(-9), { createdAt: at(-90) }),
  ];
  const world = makeWorld({ saves, changed: { emails, tickets: [] } });
  assert.deepEqual((await sweep(world, at(0))).emails, ['scheduled', 'after']);
});

test('an entry is found by the actions in force when the ticket entered, and by no later one', async () => {
  const saves: World['saves'] = [
    [installedAt, { pipelines: {} }],
    [at(-100), withNotes('a')],
    [at(-50), withNotes('a', 'b')],
  ];
  const recorded = (ticketId: string, when: Date, id: string) => `s:${ticketId}:1:${when.getTime()}:${id}`;
  const world = makeWorld({
    saves,
    changed: {
      emails: [],
      tickets: ['before', 'missed', 'done', 'half', 'left'].map((id) => changedAt(id, at(-5), { stageId: '1' })),
    },
    histories: {
      before: [entered('1', at(-120))],
      missed: [entered('1', at(-70)), entered('2', at(-90))],
      done: [entered('1', at(-70))],
      half: [entered('1', at(-40))],
      left: [entered('2', at(-5)), entered('1', at(-40))],
    },
    decided: {
      [recorded('done', at(-70), 'a')]: { outcome: 'done' },
      [recorded('half', at(-40), 'a')]: { outcome: 'done' },
    },
  });
  const end = await sweep(world, at(0));
  assert.deepEqual(end.tickets, ['missed', 'half']);
  const [missed] = end.events;
  assert.deepEqual([missed?.kind, missed?.stageId, missed?.occurredAt], ['ticket-stage', '1', at(-70)]);
});

test('what was entered under a pause or a shadow that is over is not made up for', async () => {
  for (const [state, found] of [
    [{ paused: true }, []],
    [{ shadow: true }, []],
    [{}, ['1']],
  ] as const) {
    const saves: World['saves'] = [
      [installedAt, { ...withNotes('a'), ...state }],
      [at(-30), withNotes('a')],
    ];
    const changed = { emails: [], tickets: [changedAt('1', at(-40), { stageId: '1' })] };
    const world = makeWorld({ saves, changed, histories: { '1': [entered('1', at(-40))] } });
    assert.deepEqual((await sweep(world, at(0))).tickets, found);
  }
});

test('an entry long before the watermark is not taken up again, though its record may be gone', async () => {
  const changed = { emails: [], tickets: [changedAt('1', at(-5), { stageId: '1' })] };
  const histories = { '1': [entered('1', at(-24 * 60))] };
  const world = makeWorld({ saves: [[installedAt, withNotes('a')]], changed, histories });
  world.reached.set('stage-entries', at(-6 * 60));
  assert.deepEqual((await sweep(world, at(0))).tickets, []);
  assert.equal(world.searches.length, 1);
});

test('thousands of changes are cut into runs that go on where the last one ended, and none is lost or found twice', async () => {
  const emails = Array.from({ length: 4_700 }, (_, index) =>
    changedAt(String(index), at(-2_000 + Math.floor(index / 7))),
  );
  const world = makeWorld({ changed: { emails, tickets: [] } });
  const found: (string | null)[] = [];
  let runs = 0;
  for (let type = 'messages'; type !== ''; runs += 1) {
    const end = await sweep(world, at(0), type);
    found.push(...end.emails);
    assert.ok(end.rest.length <= 1);
    type = end.rest[0]?.subscriptionType ?? '';
    assert.ok(type === '' || type === restOfSweep);
  }
  assert.equal(runs, 3);
  assert.deepEqual(new Set(found), new Set(emails.map(({ id }) => id)));
  // Again only those of the minute in which a run was cut.
  assert.ok(found.length < emails.length + 2 * 7, String(found.length));
  assert.ok(world.searches.length <= 30, String(world.searches.length));
});

test('more changes of one moment than a page holds are paged by cursor', async () => {
  const emails = Array.from({ length: 950 }, (_, index) => changedAt(String(index), at(-100)));
  const world = makeWorld({ changed: { emails, tickets: [] } });
  const end = await sweep(world, at(0));
  assert.equal(new Set(end.emails).size, 950);
  assert.equal(end.emails.length, 950);
});

test('a change in the middle of the paging hides nothing that stands behind it', async () => {
  const emails = Array.from({ length: 600 }, (_, index) => changedAt(String(index), at(-1_000 + index)));
  const world = makeWorld({ changed: { emails, tickets: [] } });
  const gatewayCalls = world.searches.length;
  world.searches.push = (...items) => {
    // Each page is followed by a change of the first ten: they leave their places.
    if (world.searches.length > gatewayCalls) for (const email of emails.slice(0, 10)) email.changedAt = at(10);
    return Array.prototype.push.apply(world.searches, items);
  };
  const end = await sweep(world, at(0));
  assert.equal(new Set(end.emails).size, 600);
});

test('many changes of the last minutes are read to their end without going in circles', async () => {
  const emails = Array.from({ length: 3_000 }, (_, index) =>
    changedAt(String(index), new Date(at(0).getTime() - 3_000 + index)),
  );
  const world = makeWorld({ changed: { emails, tickets: [] } });
  const end = await sweep(world, at(0));
  assert.equal(end.emails.length, 3_000);
  assert.deepEqual(end.rest, []);
});

test('one sweep that fails stops none of the others, and is made up for at the next tick', async () => {
  const both = { pipelines: { '0': { ...mailRules.pipelines['0'], ...withNotes('a').pipelines['0'] } } };
  const changed = {
    emails: [changedAt('7', at(-60))],
    tickets: [changedAt('1', at(-40), { stageId: '1' })],
  };
  const world = makeWorld({ saves: [[installedAt, both]], changed, histories: { '1': [entered('1', at(-40))] } });
  world.failing = new Set(['threads', 'emails']);
  const first = await sweep(world, at(0));
  assert.deepEqual([first.emails, first.tickets, first.warnings.length], [[], ['1'], 2]);
  world.failing.clear();
  assert.deepEqual((await sweep(world, at(5))).emails, ['7']);
});

test('a gap stays one until it has been looked at', async () => {
  const world = makeWorld({});
  await sweep(world, at(0));
  world.failing.add('emails');
  await sweep(world, at(30));
  await sweep(world, at(35));
  world.failing.clear();
  world.changed.emails.push(changedAt('7', at(20)));
  assert.deepEqual((await sweep(world, at(40))).emails, ['7']);
});

test('a sweep that HubSpot refuses asks again every hour, and holds up none of the others', async () => {
  const both = { pipelines: { '0': { ...mailRules.pipelines['0'], ...withNotes('a').pipelines['0'] } } };
  const world = makeWorld({ saves: [[installedAt, both]], failure: 'hubspot-scope-missing' });
  world.failing = new Set(['emails']);
  for (let minute = 0; minute < 4 * 60; minute += 5) await sweep(world, at(minute));
  const asked = world.searches.filter(({ type }) => type === 'emails').map(({ before }) => before);
  assert.deepEqual(asked, [at(0), at(60), at(120), at(180)]);
  assert.deepEqual(
    world.searches.filter(({ type }) => type === 'tickets').map(({ before }) => before),
    [at(0)],
  );
  world.failing.clear();
  world.changed.emails.push(changedAt('7', at(30)));
  assert.deepEqual((await sweep(world, at(4 * 60))).emails, ['7'], 'from where the last look ended, once allowed');
});

test('a listing of threads that HubSpot refuses is asked for every hour too', async () => {
  const world = makeWorld({ saves: [[installedAt, { pipelines: {} }]], failure: 'hubspot-scope-missing' });
  world.failing = new Set(['threads']);
  for (let minute = 0; minute < 3 * 60; minute += 5) await sweep(world, at(minute));
  assert.equal(world.calls, 3);
});
