// Retry: what was given up is tried again when a person says so, and nobody else’s.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { recordOf, type SignedInApp, startSignedInApp } from './signed-in-app.ts';

let app: SignedInApp;
before(async () => {
  app = await startSignedInApp();
});
after(() => app.close());

const died = (messageId: string) =>
  recordOf({
    subject: `m:600:${messageId}`,
    threadId: '600',
    messageId,
    ticketId: null,
    verdict: null,
    decision: 'stay',
    outcome: 'dead',
    fromStageId: null,
    toStageId: null,
  });

async function addDead(portal: string, id: number, messageId: string): Promise<void> {
  const event = { key: String(id).padStart(32, '0'), kind: 'message', threadId: '600', messageId };
  await app.query(
    "insert into dead_events (portal_id, id, attempts, error_code, event, intents) values ($1, $2, 15, 'internal', $3, '[]')",
    [portal, id, JSON.stringify(event)],
  );
}

async function countInbox(portal: string): Promise<number> {
  const { rows } = await app.query('select count(*)::int as count from inbox where portal_id = $1', [portal]);
  return rows[0].count;
}

/** A form of the page as its button would send it. */
function formOf(html: string, button: RegExp): URLSearchParams {
  const form = [...html.matchAll(/<form method="post" action="\/activity\/retry">[\s\S]*?<\/form>/g)].find(([text]) =>
    button.test(text),
  )?.[0];
  assert.ok(form, `no form with ${button}`);
  const fields = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)];
  return new URLSearchParams(
    fields.map(([, name = '', value = '']): [string, string] => [name, value.replaceAll('&amp;', '&')]),
  );
}

test('what was given up is tried again, one or all, and the way back keeps the filter', async () => {
  const portal = '4716';
  const cookie = await app.signIn(portal);
  await app.addRecords([died('a'), died('b'), died('c')], portal);
  for (const [index, messageId] of ['a', 'b', 'c'].entries()) await addDead(portal, index + 1, messageId);
  const { html } = await app.request('/activity?outcome=dead', { cookie });
  assert.match(html, /Baton gave up on 3 messages/);
  assert.equal(html.match(/name="record"/g)?.length, 3);
  const one = await app.request('/activity/retry', { cookie, form: formOf(html, /name="record"/) });
  assert.equal(one.status, 303);
  assert.equal(one.headers.get('location'), '/activity?outcome=dead&retried=1');
  assert.equal(await countInbox(portal), 1);
  const after = await app.request('/activity?outcome=dead&retried=1', { cookie });
  assert.match(after.html, /role="status">It is being tried again/);
  assert.match(after.html, /Baton gave up on 2 messages/);
  assert.equal(after.html.match(/name="record"/g)?.length, 2);
  assert.equal(after.html.match(/It has been tried again since/g)?.length, 1);
  const again = await app.request('/activity/retry', { cookie, form: formOf(html, /name="record"/) });
  assert.equal(again.headers.get('location'), '/activity?outcome=dead&retried=0');
  assert.match((await app.request('/activity?retried=0', { cookie })).html, /nothing left to try again/);
  const all = await app.request('/activity/retry', { cookie, form: formOf(after.html, /name="all"/) });
  assert.equal(all.headers.get('location'), '/activity?outcome=dead&retried=2');
  assert.equal(await countInbox(portal), 3);
  assert.doesNotMatch((await app.request('/activity', { cookie })).html, /gave up on/);
});

test('a retry needs its session, its token and a record; another portal’s changes nothing; no way back leads away', async () => {
  const portal = '4717';
  const cookie = await app.signIn(portal);
  const stranger = await app.signIn('4718');
  await app.addRecords([died('a')], portal);
  await addDead(portal, 1, 'a');
  const form = formOf((await app.request('/activity', { cookie })).html, /name="record"/);
  const send = (changes: Record<string, string | null>, as = cookie) => {
    const changed = new URLSearchParams(form);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) changed.delete(name);
      else changed.set(name, value);
    }
    return app.request('/activity/retry', { cookie: as, form: changed });
  };
  assert.equal((await send({}, '')).headers.get('location'), '/oauth/install');
  assert.equal((await send({ _csrf: null })).status, 403);
  assert.equal((await send({ _csrf: 'x' })).status, 403);
  assert.equal((await send({ record: null })).status, 400);
  assert.equal((await send({ record: '1 or 1=1' })).status, 400);
  assert.equal((await send({ record: '9'.repeat(30) })).status, 400);
  const theirs = /name="_csrf" value="([^"]*)"/.exec((await app.request('/settings', { cookie: stranger })).html)?.[1];
  const foreign = await send({ _csrf: theirs ?? '' }, stranger);
  assert.equal(foreign.headers.get('location'), '/activity?retried=0');
  const ofAll = await send({ _csrf: theirs ?? '', record: null, all: '1' }, stranger);
  assert.equal(ofAll.headers.get('location'), '/activity?retried=0');
  assert.equal(await countInbox(portal), 0);
  const ways = [
    'https://evil.example/',
    '//evil.example',
    '/settings',
    'x',
    '/activity/../oauth/install',
    '/\\evil',
    'http://[',
  ];
  for (const back of ways) {
    assert.match((await send({ back, record: '1' })).headers.get('location') ?? '', /^\/activity\?retried=0$/, back);
  }
  assert.equal((await send({ back: '/tickets/900' })).headers.get('location'), '/tickets/900?retried=1');
  assert.equal((await app.request('/activity/retry', { cookie })).status, 405);
  const headers = { Cookie: cookie, 'X-CSRF-Token': form.get('_csrf') ?? '' };
  assert.equal((await fetch(`${app.url}/activity/retry`, { method: 'POST', headers })).status, 400, 'no form at all');
});
