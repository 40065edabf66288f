// The activity and ticket pages over HTTP on real records.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BatonError } from '../../../src/errors.ts';
import { reasons } from '../../../src/rules/decide.ts';
import { recordOf, type SignedInApp, startSignedInApp, supportPipeline } from './signed-in-app.ts';

let app: SignedInApp;
let other: string;
before(async () => {
  app = await startSignedInApp();
  other = await app.signIn('4712');
  await app.addRecords([
    recordOf({ subject: 'm:500:1', messageId: 'first' }),
    recordOf({
      subject: 'm:500:2',
      verdict: 'automatic',
      decision: 'stay',
      reason: 'automatic-reply',
      fromStageId: '4',
      toStageId: null,
      outcome: 'skipped',
      latencyMs: null,
    }),
    recordOf({
      subject: 'm:501:1',
      ticketId: '901',
      outcome: 'failed',
      reason: 'refused-by-hubspot',
      toStageId: '77',
      error: '<img src=x onerror=alert(1)>',
      evidence: [{ check: 'thread-ticket', passed: true, seen: '"><script>alert(2)</script>' }],
    }),
    recordOf({ subject: 'm:501:2', ticketId: '901', replaces: '3', verdict: 'sent-from-ticket', toStageId: '2' }),
  ]);
  await app.addRecords([recordOf({ subject: 'm:1:1', ticketId: '666' })], '4712');
});
after(() => app.close());

const sentences = (html: string) => [...html.matchAll(/<p class="sentence">([^<]*)<\/p>/g)].map(([, text]) => text);

test('records are told newest first, each in a sentence with its why', async () => {
  const { status, html } = await app.request('/activity');
  assert.equal(status, 200);
  assert.deepEqual(sentences(html), [
    'Moved to Waiting on contact: your team emailed the contact from the ticket.',
    'Could not be moved to status 77 (no longer in HubSpot): HubSpot refused the change.',
    'Stayed Closed: it looks like an out-of-office or another automatic answer.',
    'Moved to Waiting on us: the contact replied on the thread this ticket was created from.',
  ]);
  assert.match(html, /This replaces an earlier decision/);
});

test('the same in French', async () => {
  const { html } = await app.request('/activity', { language: 'fr-CA, en;q=0.5' });
  assert.match(html, /<html lang="fr">/);
  assert.equal(
    sentences(html).at(-1)?.replaceAll('\u00a0', ' '),
    'Passé à « Waiting on us » : le contact a répondu sur le fil à partir duquel ce ticket a été créé.',
  );
});

test('evidence opens without script, is shown as text, and names a status by its label', async () => {
  const { html } = await app.request('/activity');
  assert.equal(html.match(/<details>/g)?.length, 4);
  assert.doesNotMatch(html, /<script>|<img src=x/);
  assert.ok(html.includes('&lt;img src=x onerror=alert(1)&gt;'));
  assert.ok(html.includes('&quot;&gt;&lt;script&gt;alert(2)&lt;/script&gt;'));
});

test('a ticket links to its page in HubSpot, in the region of the portal', async () => {
  const { html } = await app.request('/tickets/901');
  assert.match(html, /href="http:\/\/127\.0\.0\.1:9\/contacts\/4711\/record\/0-5\/901"/);
  assert.match(html, /<h1>Ticket 901<\/h1>/);
  assert.equal(sentences(html).length, 2);
});

test('filters by ticket and by outcome, alone and together', async () => {
  assert.equal(sentences((await app.request('/activity?ticketId=901')).html).length, 2);
  assert.equal(sentences((await app.request('/activity?ticketId=%20901%20')).html).length, 2);
  assert.equal(sentences((await app.request('/activity?outcome=skipped')).html).length, 1);
  const none = await app.request('/activity?ticketId=901&outcome=skipped');
  assert.equal(sentences(none.html).length, 0);
  assert.match(none.html, /Nothing fits this choice/);
});

test('what is not a ticket number is answered 422 beside the field', async () => {
  const { status, html } = await app.request('/activity?ticketId=%22%3E9x');
  assert.equal(status, 422);
  assert.match(html, /aria-describedby="ticketId-hint" aria-invalid="true"/);
  assert.match(html, /Type its number, which has only digits, or paste/);
  assert.match(html, /value="&quot;&gt;9x"/);
  assert.equal((await app.request(`/activity?ticketId=${'9'.repeat(30)}`)).status, 422);
});

test('a cursor that is none, and doubled parameters, show the first page', async () => {
  for (const query of ['after=x', "after=1'", `after=${'9'.repeat(40)}`, 'ticketId=1&ticketId=2', 'outcome=x']) {
    const { status, html } = await app.request(`/activity?${query}`);
    assert.equal(status, 200, query);
    assert.equal(sentences(html).length, 4, query);
  }
});

test('an unknown ticket is a 404 page that says what to do', async () => {
  for (const path of ['/tickets/12345', '/tickets/abc', `/tickets/${'9'.repeat(40)}`, '/tickets/%3Cb%3E']) {
    const { status, html } = await app.request(path);
    assert.equal(status, 404, path);
    assert.match(html, /No record of this ticket/);
    assert.match(html, /href="\/activity"/);
  }
});

test('another portal’s records are not shown, on no page', async () => {
  assert.equal((await app.request('/tickets/666')).status, 404);
  assert.doesNotMatch((await app.request('/activity')).html, /666/);
  assert.deepEqual(sentences((await app.request('/activity', { cookie: other })).html).length, 1);
  assert.equal((await app.request('/tickets/901', { cookie: other })).status, 404);
});

test('the pages open when HubSpot does not answer, and do not call a status gone', async () => {
  app.hubspot.pipelines = new BatonError('hubspot-transient');
  const { status, html } = await app.request('/tickets/900');
  app.hubspot.pipelines = [supportPipeline];
  assert.equal(status, 200);
  assert.match(sentences(html)[0] ?? '', /^Stayed status 4:/);
});

test('older records are one link away, every record once, and back again', async () => {
  const portal = '4713';
  const cookie = await app.signIn(portal);
  const many = Array.from({ length: 120 }, (_, index) => recordOf({ subject: `m:1:${index}`, ticketId: '7' }));
  await app.addRecords(many, portal);
  for (const start of ['/activity?ticketId=7&outcome=done', '/tickets/7']) {
    const seen = new Set<string>();
    let path: string | undefined = start;
    let pages = 0;
    while (path && pages < 10) {
      const { html } = await app.request(path, { cookie });
      for (const [, id] of html.matchAll(/id="record-(\d+)"/g)) seen.add(id ?? '');
      path = /rel="next" href="([^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
      pages += 1;
      assert.equal(html.includes('Back to the newest'), pages > 1);
    }
    assert.equal(pages, 3);
    assert.equal(seen.size, 120);
  }
});

test('filters by reason, alone and with the others, and the list says which ticket’s story there is', async () => {
  assert.equal(sentences((await app.request('/activity?reason=automatic-reply')).html).length, 1);
  assert.equal(sentences((await app.request('/activity?reason=automatic-reply&outcome=skipped')).html).length, 1);
  assert.equal(sentences((await app.request('/activity?reason=automatic-reply&outcome=done')).html).length, 0);
  const { html } = await app.request('/activity?reason=refused-by-hubspot&ticketId=901');
  assert.equal(sentences(html).length, 1);
  assert.match(html, /<option value="refused-by-hubspot" selected>Refused by HubSpot<\/option>/);
  assert.match(html, /<a href="\/tickets\/901">Read the story of ticket 901<\/a>/);
});

test('every reason can be chosen, in the alphabet’s order of the reader’s language', async () => {
  for (const language of ['en', 'fr']) {
    const { html } = await app.request('/activity', { language });
    const select = /<select class="filter-choice" id="reason"[\s\S]*?<\/select>/.exec(html)?.[0] ?? '';
    const labels = [...select.matchAll(/<option value="[^"]+">([^<]+)</g)].map(([, label]) => label ?? '');
    assert.equal(labels.length, reasons.length);
    assert.deepEqual(
      labels,
      labels.toSorted((left, right) => left.localeCompare(right, language)),
    );
  }
});

test('a ticket is found by its number as people write it, and by the address of its page', async () => {
  const here = 'https://app-eu1.hubspot.com/contacts/4711';
  const ways = ['901', ' 901 ', '#901', '9 01', '# 901', 'Ticket 901', 'ticket #901', `${here}/record/0-5/901`];
  ways.push(`${here}/record/0-5/901?eschref=%2Fcontacts%2F4711`, `${here}/ticket/901/`, '/tickets/901');
  ways.push('https://app.hubspot.com/help-desk/4711/view/77/ticket/901', '9\u00a001', '9\u202f01');
  for (const way of ways) {
    const { status, html } = await app.request(`/activity?ticketId=${encodeURIComponent(way)}`);
    assert.equal(status, 200, way);
    assert.equal(sentences(html).length, 2, way);
  }
  const contact = await app.request(`/activity?ticketId=${encodeURIComponent(`${here}/record/0-1/901`)}`);
  assert.equal(contact.status, 422);
  const elsewhere = encodeURIComponent('https://app.hubspot.com/contacts/4712/record/0-5/901');
  const { status, html } = await app.request(`/activity?ticketId=${elsewhere}`);
  assert.equal(status, 422);
  assert.match(html, /This address leads to another portal/);
});

test('a ticket’s page says first whose turn it is, by what is newest', async () => {
  assert.match((await app.request('/tickets/901')).html, /It is the contact’s turn: your team emailed the contact/);
  assert.match((await app.request('/tickets/900')).html, /It is your team’s turn: the contact replied/);
  const { html } = await app.request('/tickets/900', { language: 'fr' });
  assert.match(html, /C’est le tour de votre équipe\u00a0: le contact a répondu/);
});

test('what is newer comes as a piece of the page, filtered as it is, and nothing new is 204', async () => {
  const cookie = await app.signIn('4714');
  await app.addRecords([recordOf({ subject: 'm:1:1', ticketId: '8' })], '4714');
  const { html } = await app.request('/activity?ticketId=8&outcome=done', { cookie });
  const [, live = ''] = /data-live="([^"]*)"/.exec(html) ?? [];
  const [, newest = ''] = /data-newest="([^"]*)"/.exec(html) ?? [];
  const ask = (id: string) => app.request(`${live.replaceAll('&amp;', '&')}&newerThan=${id}`, { cookie });
  const none = await ask(newest);
  assert.equal(none.status, 204);
  assert.equal(none.headers.get('cache-control'), 'no-store');
  await app.addRecords(
    [
      recordOf({ subject: 'm:1:2', ticketId: '8', verdict: 'sent-from-ticket', toStageId: '2' }),
      recordOf({ subject: 'm:1:3', ticketId: '8', outcome: 'failed' }),
      recordOf({ subject: 'm:1:4', ticketId: '9' }),
    ],
    '4714',
  );
  const fresh = await ask(newest);
  assert.equal(fresh.status, 200);
  assert.doesNotMatch(fresh.html, /<html|data-turn/);
  assert.deepEqual(sentences(fresh.html), [
    'Moved to Waiting on contact: your team emailed the contact from the ticket.',
  ]);
  const [, next = ''] = /data-newest="([^"]*)"/.exec(fresh.html) ?? [];
  assert.equal((await ask(next)).status, 204);
  const ticket = await app.request(`/tickets/8?fragment=records&newerThan=${newest}`, { cookie });
  assert.equal(sentences(ticket.html).length, 2);
  assert.match(ticket.html, /data-turn>It is your team’s turn/);
  for (const wrong of ['fragment=records', 'fragment=records&newerThan=x', 'fragment=x&newerThan=1']) {
    assert.equal((await app.request(`/activity?${wrong}`, { cookie })).status, 400, wrong);
  }
  assert.doesNotMatch((await app.request(`/activity?after=${newest}`, { cookie })).html, /data-live/);
});

test('what was given up is counted at the top, with a link to it', async () => {
  const { html: before } = await app.request('/activity');
  assert.doesNotMatch(before, /gave up on/);
  await app.query(
    "insert into dead_events (portal_id, id, attempts, error_code, event, intents) values (4711, 1, 8, 'internal', '{}', '[]')",
  );
  const { html } = await app.request('/activity');
  assert.match(html, /Baton gave up on one message.*href="\/activity\?outcome=dead"/);
});
