// What people and HubSpot may put into names, texts and requests, through the real pages: it is shown, stored or refused, never run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BatonError } from '../../src/errors.ts';
import { settingsSchema } from '../../src/rules/settings.ts';
import { renderTemplate, toHtml } from '../../src/rules/templates.ts';
import {
  recordOf,
  type SignedInApp,
  sampleReferences,
  startSignedInApp,
  supportPipeline,
} from '../web/pages/signed-in-app.ts';

let app: SignedInApp;
before(async () => {
  app = await startSignedInApp();
});
after(() => app.close());

/** Ends an attribute in either quote, an element, a comment, a script and a placeholder. */
const attack = `"'><script>alert(1)</script><img src=x onerror=alert(1)>--></textarea></title><%= it %>{{7*7}}`;
/** As a text of an action, where a wrong placeholder is refused on save. */
const markup = attack.replace('{{7*7}}', '');
const pages = [
  '/settings',
  '/settings?pipeline=0',
  '/settings/actions?pipeline=0&stage=1&action=x1',
  '/settings/actions?pipeline=0&stage=1&action=x2',
  '/settings/actions?pipeline=0&stage=1&add=send-notification',
  '/settings/actions?pipeline=0&stage=1&add=set-property',
  '/settings/actions?pipeline=0&stage=1',
  '/settings/versions',
  '/settings/mailbox-check',
  '/settings/webhook-secret',
  '/activity',
  '/tickets/900',
];

function assertInert(html: string, page: string): void {
  assert.doesNotMatch(html, /<script>|<img src=x|onerror=alert\(1\)>|<%/, page);
  // The only scripts are our own files, and no attribute is one.
  for (const [tag] of html.matchAll(/<script[^>]*>/g))
    assert.match(tag, /^<script src="\/public\/[\w-]+\.js" defer>$/, page);
  const bare = html.replace(/="[^"]*"/g, '=""');
  assert.doesNotMatch(bare, /<[a-z][^<>]*\son\w+=/i, page);
  assert.doesNotMatch(html, /(href|src|action)="\s*(javascript|data):/i, page);
}

async function plant(): Promise<void> {
  app.hubspot.pipelines = [
    {
      ...supportPipeline,
      label: attack,
      stages: supportPipeline.stages.map((stage) => ({ ...stage, label: attack + stage.id })),
    },
  ];
  const references = sampleReferences();
  app.hubspot.references = {
    owners: references.owners.map((owner) => ({ ...owner, email: attack, firstName: attack, lastName: attack })),
    channelAccounts: references.channelAccounts.map((account) => ({ ...account, name: attack })),
    ticketProperties: references.ticketProperties.map((property) => ({
      ...{ ...property, label: attack },
      options: property.options.map((option) => ({ ...option, label: attack })),
    })),
  };
  const actions = [
    { id: 'x1', kind: 'send-notification', via: 'thread', senderUserId: '8835724', body: markup },
    { id: 'x2', kind: 'create-task', subject: markup, dueInHours: 4, owner: 'ticket-owner' },
    { id: 'x3', kind: 'post-webhook', url: 'https://example.com/?q=%22%3E%3Cscript%3E' },
  ];
  const settings = settingsSchema.parse({ pipelines: { '0': { stageActions: { '1': actions } } } });
  await app.db.settings.saveSettings('4711', { basedOn: 0, settings, author: attack });
  await app.query(`update portals set domain = $1 where portal_id = 4711`, [attack]);
  const evidence = [{ check: attack as 'own-thread', passed: false, seen: attack }];
  await app.addRecords([
    recordOf({
      subject: 'm:500:x',
      evidence,
      error: attack,
      outcome: 'failed',
      fromStageId: attack,
      toStageId: attack,
    }),
    recordOf({
      subject: 'a:500:x',
      decision: 'act',
      action: { id: attack, kind: 'add-note' },
      error: attack,
      outcome: 'failed',
    }),
  ]);
}

test('a name, a text, an address or a trouble that holds markup is shown as text on every page', async () => {
  await plant();
  for (const language of ['en', 'fr']) {
    for (const page of pages) {
      const { status, html } = await app.request(page, { language });
      assert.equal(status, 200, page);
      assertInert(html, page);
      if (page.startsWith('/settings/actions?') || page === '/activity') assert.match(html, /&lt;script&gt;/, page);
    }
  }
});

test('what an address or a form holds is shown as text on the page that refuses it', async () => {
  const query = encodeURIComponent(attack);
  for (const path of [
    '/settings?pipeline=',
    '/settings?saved=',
    '/activity?ticketId=',
    '/activity?outcome=',
    '/nowhere?x=',
  ]) {
    assertInert((await app.request(path + query)).html, path);
  }
  const { html } = await app.request('/settings');
  const token = /name="_csrf" value="(\w+)"/.exec(html)?.[1] ?? '';
  for (const path of [
    '/settings',
    '/settings/actions',
    '/settings/preview',
    '/settings/restore',
    '/settings/mailbox-check',
    '/activity/retry',
  ]) {
    const wrong = {
      pipeline: attack,
      stage: attack,
      action: attack,
      ticket: attack,
      version: attack,
      back: attack,
      body: attack,
    };
    const answer = await app.request(path, { form: new URLSearchParams({ _csrf: token, basedOn: '1', ...wrong }) });
    assert.ok(answer.status >= 400 && answer.status < 500, `${path} ${answer.status}`);
    assertInert(answer.html, path);
  }
});

test('a value cannot bring a template or markup along: it is filled in once, and escaped as HTML at the end', () => {
  const values = { contact: { firstname: '{{ticket.subject}}<b>' }, ticket: { subject: 'secret' } };
  const filled = renderTemplate('Hello {{contact.firstname}}', values);
  assert.deepEqual(filled, { text: 'Hello {{ticket.subject}}<b>' });
  assert.equal(toHtml(attack).match(/[<>"']/), null);
  for (const text of [
    '{{contact.constructor}}',
    '{{contact.__proto__.polluted}}',
    '{{contact["constructor"]["constructor"]}}',
  ]) {
    assert.ok(!('text' in renderTemplate(text, values)), text);
  }
  for (const text of [
    "{% include '/etc/passwd' %}",
    "{% render 'x' %}",
    '{% for a in (1..9) %}{% endfor %}',
    '{{ contact.firstname | raw }}',
  ]) {
    assert.ok('mistake' in renderTemplate(text, values), text);
  }
});

test('SQL in any parameter is a value: it is refused or finds nothing, and every table is still there', async () => {
  const { rows: before } = await app.query('select count(*)::int as tables from pg_tables');
  const sql = encodeURIComponent(`1' or '1'='1'; drop table records; --`);
  for (const path of [
    '/activity?ticketId=',
    '/activity?reason=',
    '/activity?after=',
    '/tickets/',
    '/settings/versions?before=',
    '/api/records?ticketId=',
    '/api/records?after=',
    '/settings/actions?pipeline=0&stage=',
  ]) {
    const { status } = await app.request(path + sql);
    assert.ok(status < 500, `${path} ${status}`);
  }
  const cookie = `baton=${sql}`;
  assert.equal((await app.request('/activity', { cookie })).status, 302);
  assert.deepEqual((await app.query('select count(*)::int as tables from pg_tables')).rows, before);
});

test('a body that names prototypes changes no object of the program', async () => {
  const { html } = await app.request('/settings');
  const token = /name="_csrf" value="(\w+)"/.exec(html)?.[1] ?? '';
  const form = `_csrf=${token}&basedOn=1&__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__=x`;
  const headers = { Cookie: app.cookie, Accept: 'text/html' };
  const path = '/settings/actions?__proto__[polluted]=1&constructor[prototype][polluted]=1';
  const sent = await fetch(app.url + path, { method: 'POST', headers, body: new URLSearchParams(form) });
  assert.ok(sent.status < 500, String(sent.status));
  const json = await fetch(`${app.url}/api/settings`, {
    method: 'PUT',
    headers: { ...headers, 'X-CSRF-Token': token, 'Content-Type': 'application/json' },
    body: '{"basedOn":1,"settings":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"__proto__":{"polluted":1}}',
  });
  assert.equal(json.status, 422);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('numbers beyond 2^53 and beyond bigint keep every digit or are refused, in paths, queries and forms', async () => {
  const big = '9007199254740993';
  await app.addRecords([recordOf({ subject: 'm:501:big', ticketId: big, messageId: 'big' })]);
  const found = await (
    await fetch(`${app.url}/api/records?ticketId=${big}`, { headers: { Cookie: app.cookie } })
  ).json();
  assert.deepEqual(
    (found as { records: { ticketId: string }[] }).records.map(({ ticketId }) => ticketId),
    [big],
  );
  assert.equal((await app.request(`/tickets/${big}`)).status, 200);
  assert.equal(
    (await app.request('/tickets/9007199254740992')).status,
    404,
    'its neighbour, which a double cannot tell apart',
  );
  for (const id of ['9223372036854775808', '1'.repeat(400), '-1', '1e3', '0x10', '１２']) {
    for (const path of ['/tickets/', '/activity?ticketId=', '/api/records?after=', '/settings/versions?before=']) {
      const { status } = await app.request(path + encodeURIComponent(id));
      assert.ok(status < 500, `${path}${id} ${status}`);
    }
  }
});

test('no error carries what was thrown inside to the page', () => {
  assert.equal(new BatonError('internal', { cause: new Error(attack) }).message.includes('alert'), false);
});
