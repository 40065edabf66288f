// The panel of stage actions over HTTP, as a browser without script uses it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BatonError } from '../../../src/errors.ts';
import { settingsSchema } from '../../../src/rules/settings.ts';
import type { StageAction } from '../../../src/rules/stage-actions.ts';
import { type Changes, fillForm, readText } from './forms.ts';
import {
  portalId,
  type SignedInApp,
  sampleReferences,
  startSignedInApp,
  supportPipeline,
  userId,
} from './signed-in-app.ts';

let app: SignedInApp;
before(async () => {
  app = await startSignedInApp();
});
after(() => app.close());
beforeEach(async () => {
  app.hubspot.pipelines = [supportPipeline];
  app.hubspot.references = sampleReferences();
  await app.query('delete from settings_versions');
});

const page = (query: Record<string, string>) => `/settings/actions?${new URLSearchParams(query)}`;
const stage1 = { pipeline: '0', stage: '1' };

async function send(path: string, changes: Changes, options: { language?: string; do?: string } = {}) {
  const { status, html } = await app.request(path, options);
  assert.equal(status, 200);
  const { action, form } = fillForm(html, '/settings/actions', { do: options.do ?? 'save', ...changes });
  return app.request(action, { form, ...options });
}

async function savedActions(stageId = '1'): Promise<StageAction[]> {
  const { settings } = await app.db.settings.getSettings(portalId);
  return settings.pipelines['0']?.stageActions[stageId] ?? [];
}

async function saveDocument(stageActions: Record<string, unknown[]>, rules: object = {}) {
  const { version } = await app.db.settings.getSettings(portalId);
  const settings = settingsSchema.parse({ pipelines: { '0': { ...rules, stageActions } } });
  assert.equal(
    (await app.db.settings.saveSettings(portalId, { basedOn: version, settings, author: userId })).saved,
    true,
  );
}

const note = (id: string, body = id) => ({ id, kind: 'add-note', body });

test('each kind of action is added by its own form, and the columns tell of it', async () => {
  const kinds: [add: string, fields: Changes, action: object, told: string][] = [
    [
      'thread',
      { senderUserId: userId, body: 'Hello {{contact.firstname}},\r\nwe have it.' },
      {
        kind: 'send-notification',
        via: 'thread',
        senderUserId: userId,
        body: 'Hello {{contact.firstname}},\nwe have it.',
      },
      'Answer the contact as Ada Byron: “Hello {{contact.firstname}}, we have it.”',
    ],
    [
      'transactional',
      { emailId: '123456' },
      { kind: 'send-notification', via: 'transactional', emailId: 123456 },
      'Send the contact HubSpot email 123456',
    ],
    [
      'create-task',
      { subject: 'Call {{contact.firstname}}', dueInHours: '1,5', owner: '43' },
      { kind: 'create-task', subject: 'Call {{contact.firstname}}', dueInHours: 1.5, owner: '43' },
      'Task for lin@shop.example, due in 1.5 h: “Call {{contact.firstname}}”',
    ],
    ['add-note', { body: 'Be kind.' }, { kind: 'add-note', body: 'Be kind.' }, 'Note: “Be kind.”'],
    [
      'set-property',
      { property: 'hs_ticket_priority', value: 'HIGH' },
      { kind: 'set-property', property: 'hs_ticket_priority', value: 'HIGH' },
      'Set Priority to High',
    ],
    ['assign-owner', { ownerId: '42' }, { kind: 'assign-owner', ownerId: '42' }, 'Give the ticket to Ada Byron'],
    [
      'post-webhook',
      { url: 'https://example.com/hook' },
      { kind: 'post-webhook', url: 'https://example.com/hook' },
      'Tell https://example.com/hook',
    ],
  ];
  for (const [index, [add, fields, action, told]] of kinds.entries()) {
    const answer = await send(page({ ...stage1, add }), fields);
    assert.equal(answer.status, 303, add);
    assert.equal(answer.headers.get('location'), `/settings?saved=${index + 1}&pipeline=0#stages`);
    const { id, ...saved } = (await savedActions())[index] as StageAction;
    assert.match(id, /^a[0-9a-f]{12}$/);
    assert.deepEqual(saved, action, add);
    assert.ok(readText((await app.request('/settings')).html).includes(`>${told}</a>`), told);
  }
  assert.equal(new Set((await savedActions()).map(({ id }) => id)).size, kinds.length);
  assert.equal((await app.db.settings.findVersion(portalId, 7))?.author, userId);
});

test('an action saved unchanged is the same, and a change keeps its id, its place, and all the rest of the settings', async () => {
  const body = '\nTwo\n\nlines <b>&amp;</b> "{{contact.firstname}}"';
  const rules = { outgoing: { enabled: true, stageId: '2' }, newConversation: { stageId: '1', graceSeconds: 5 } };
  await saveDocument({ '1': [note('n1'), note('n2', body), note('n3')], '4': [note('n4')] }, rules);
  const before = await app.db.settings.getSettings(portalId);
  assert.equal((await send(page({ ...stage1, action: 'n2' }), {})).status, 303);
  assert.deepEqual((await app.db.settings.getSettings(portalId)).settings, before.settings);
  await send(page({ ...stage1, action: 'n2' }), { body: 'New' });
  const { settings } = await app.db.settings.getSettings(portalId);
  before.settings.pipelines['0']?.stageActions['1']?.splice(1, 1, note('n2', 'New') as StageAction);
  assert.deepEqual(settings, before.settings);
});

test('actions move up and down, and are taken out; the first cannot go up, the last cannot go down', async () => {
  await saveDocument({ '1': [note('n1'), note('n2'), note('n3')] });
  const order = async () => (await savedActions()).map(({ id }) => id).join(' ');
  await send(page({ ...stage1, action: 'n2' }), {}, { do: 'up' });
  assert.equal(await order(), 'n2 n1 n3');
  await send(page({ ...stage1, action: 'n1' }), {}, { do: 'down' });
  assert.equal(await order(), 'n2 n3 n1');
  const first = (await app.request(page({ ...stage1, action: 'n2' }))).html;
  assert.doesNotMatch(first, /value="up"/);
  assert.match(first, /value="down"/);
  const last = (await app.request(page({ ...stage1, action: 'n1' }))).html;
  assert.doesNotMatch(last, /value="down"/);
  await send(page({ ...stage1, action: 'n3' }), {}, { do: 'remove' });
  assert.equal(await order(), 'n2 n1');
});

test('each wrong field is 422 with its error beside it in both languages, what was typed is kept, and nothing is saved', async () => {
  const wrong: [add: string, fields: Changes, field: string, english: RegExp, french: RegExp][] = [
    ['thread', { senderUserId: '', body: 'Hi' }, 'senderUserId', /Choose in whose name/, /au nom de qui/],
    ['thread', { senderUserId: userId, body: ' ' }, 'body', /Write a text/, /Écrivez un texte/],
    ['add-note', { body: 'x'.repeat(10_001) }, 'body', /at most 10000 characters/, /plus de 10000 caractères/],
    ['add-note', { body: '{{company.name}}' }, 'body', /\{\{company\.name\}\} is not known/, /n’est pas connu ici/],
    ['add-note', { body: '{% for a in b %}' }, 'body', /\{% for %\} cannot be used/, /n’est pas possible ici/],
    ['add-note', { body: '{{contact.a | where}}' }, 'body', /The filter “where”/, /Le filtre «\u00a0where\u00a0»/],
    ['add-note', { body: '{{contact.a' }, 'body', /two braces on each side/, /deux accolades/],
    ['create-task', { subject: '' }, 'subject', /Write a text/, /Écrivez un texte/],
    ['create-task', { subject: 'a', dueInHours: '9000' }, 'dueInHours', /hours from 0 to 8760/, /heures, de 0 à 8760/],
    ['create-task', { subject: 'a', dueInHours: 'soon' }, 'dueInHours', /hours from 0 to 8760/, /heures, de 0 à 8760/],
    ['create-task', { subject: 'a', owner: 'me' }, 'owner', /Choose who gets the task/, /à qui va la tâche/],
    ['transactional', { emailId: 'welcome' }, 'emailId', /number of a HubSpot email/, /numéro d’un e-mail HubSpot/],
    ['transactional', { emailId: '0' }, 'emailId', /number of a HubSpot email/, /numéro d’un e-mail HubSpot/],
    ['set-property', { property: '' }, 'property', /Choose a property/, /Choisissez une propriété/],
    ['set-property', { property: 'hs_pipeline_stage', value: '2' }, 'property', /cannot move/, /ne peut pas déplacer/],
    ['set-property', { property: 'unknown', value: '' }, 'property', /Choose a property/, /Choisissez une propriété/],
    ['set-property', { property: 'hs_ticket_priority', value: 'MAX' }, 'value', /does not fit/, /ne convient pas/],
    ['set-property', { property: 'deposit', value: 'much' }, 'value', /does not fit/, /ne convient pas/],
    ['set-property', { property: 'subject', value: 'x'.repeat(1_001) }, 'value', /1000 characters/, /1000 caractères/],
    ['assign-owner', { ownerId: '' }, 'ownerId', /Choose who gets the ticket/, /à qui va le ticket/],
    ['post-webhook', { url: 'http://example.com' }, 'url', /begins with https/, /commence par https/],
    ['post-webhook', { url: 'https://10.0.0.1/x' }, 'url', /open internet/, /Internet public/],
    ['post-webhook', { url: 'https://me:secret@example.com' }, 'url', /no name or password/, /ni nom ni mot de passe/],
  ];
  for (const [add, fields, field, ...expected] of wrong) {
    for (const [language, message] of [
      ['en', expected[0]],
      ['fr', expected[1]],
    ] as const) {
      const { status, html } = await send(page({ ...stage1, add }), fields, { language });
      const where = `${add} ${field} ${language}`;
      assert.equal(status, 422, where);
      const error = new RegExp(`<p class="error" id="panel-${field}-error">([^<]*)</p>`).exec(html)?.[1];
      assert.match(readText(error ?? ''), message, where);
      assert.match(html, new RegExp(`aria-describedby="[^"]*panel-${field}-error[^"]*" aria-invalid="true"`), where);
      assert.match(html, new RegExp(`href="#panel-${field}"`), where);
    }
  }
  const kept = await send(page({ ...stage1, add: 'add-note' }), { body: '</textarea><script>{{a.b}}' });
  assert.ok(kept.html.includes('&lt;/textarea&gt;&lt;script&gt;{{a.b}}</textarea>'));
  assert.equal((await app.db.settings.getSettings(portalId)).version, 0);
});

test('a form based on an older version is 409 with what was typed, and nothing is saved', async () => {
  const path = page({ ...stage1, add: 'add-note' });
  const { html } = await app.request(path);
  await saveDocument({ '2': [note('n1')] });
  const { action, form } = fillForm(html, '/settings/actions', { do: 'save', body: 'Mine' });
  const answer = await app.request(action, { form });
  assert.equal(answer.status, 409);
  assert.match(answer.html, /Somebody else saved in the meantime/);
  assert.match(answer.html, />\nMine<\/textarea>/);
  assert.deepEqual(await savedActions(), []);
});

test('choosing a property shows its values to choose from, and saves nothing', async () => {
  const { html } = await app.request(page({ ...stage1, add: 'set-property' }));
  assert.doesNotMatch(html, /value="hs_pipeline/);
  const { form } = fillForm(html, '/settings/actions', { do: 'values', property: 'hs_ticket_priority' });
  const query = new URLSearchParams({ ...stage1, add: 'set-property' });
  const answer = await app.request(`/settings/preview?${query}`, { form });
  assert.equal(answer.status, 200);
  assert.match(answer.html, /<select id="panel-value" [\s\S]*<option value="HIGH">High<\/option>/);
  assert.equal((await app.db.settings.getSettings(portalId)).version, 0);
});

test('a kind the portal has no permission for is offered with the reason and what to do', async () => {
  const { html } = await app.request(page(stage1));
  for (const words of ['transactional email add-on', 'write in conversations', 'permission for tasks and notes'])
    assert.ok(html.includes(words), words);
  assert.match(html, /href="\/oauth\/install">Install Baton again/);
  assert.equal(html.match(/class="choice-name"/g)?.length, 7);
  const form = await app.request(page({ ...stage1, add: 'transactional' }));
  assert.match(form.html, /Not possible yet:/);
  const { cookie } = { cookie: await app.signIn('4719') };
  await app.query(
    "update portals set scopes = '{tickets,conversations.write,transactional-email,crm.objects.contacts.write}' where portal_id = 4719",
  );
  assert.doesNotMatch((await app.request(page(stage1), { cookie })).html, /Not possible yet/);
});

test('people, values and properties that HubSpot no longer has stay chosen until somebody chooses otherwise', async () => {
  const thread = { id: 't1', kind: 'send-notification', via: 'thread', senderUserId: '777', body: 'Hi' };
  const property = { id: 'p1', kind: 'set-property', property: 'hs_ticket_priority', value: 'LOW;HIGH' };
  await saveDocument({ '1': [thread, property, { id: 'o1', kind: 'assign-owner', ownerId: '888' }] });
  const before = await savedActions();
  for (const [action, shown] of [
    ['t1', /<option value="777" selected>User 777, no longer in HubSpot/],
    ['o1', /<option value="888" selected>User 888, no longer in HubSpot/],
    ['p1', /<option value="LOW;HIGH" selected>LOW;HIGH \(as saved\)/],
  ] as const) {
    assert.match((await app.request(page({ ...stage1, action }))).html, shown);
    assert.equal((await send(page({ ...stage1, action }), {})).status, 303);
  }
  assert.deepEqual(await savedActions(), before);
});

test('when HubSpot does not answer, the panel opens, says which list is missing, and loses nothing', async () => {
  const property = { id: 'p1', kind: 'set-property', property: 'hs_ticket_priority', value: 'HIGH' };
  await saveDocument({ '1': [{ id: 'o1', kind: 'assign-owner', ownerId: '42' }, property] });
  const before = await savedActions();
  for (const name of ['owners', 'ticketProperties', 'channelAccounts'] as const) {
    app.hubspot.references[name] = new BatonError('hubspot-scope-missing');
  }
  for (const action of ['o1', 'p1']) {
    const { html } = await app.request(page({ ...stage1, action }));
    assert.match(html, /cannot read this list from HubSpot/);
    assert.doesNotMatch(html, /no longer in HubSpot/, 'who cannot be read is not gone');
    assert.equal((await send(page({ ...stage1, action }), {})).status, 303);
  }
  assert.deepEqual(await savedActions(), before);
});

test('a status that is gone shows its actions, which can only be taken out; what is not there is 404', async () => {
  await saveDocument({ '3': [note('n1'), note('n2')] });
  app.hubspot.pipelines = [{ ...supportPipeline, stages: supportPipeline.stages.filter(({ id }) => id !== '3') }];
  const { html } = await app.request('/settings');
  assert.match(html, /there are actions for a status \(number 3\) that no longer exists/);
  assert.match(html, /<h3>Status 3, no longer in HubSpot<\/h3>/);
  const gone = page({ pipeline: '0', stage: '3', action: 'n1' });
  const refused = await send(gone, { body: 'New' });
  assert.equal(refused.status, 422);
  assert.match(refused.html, /the status no longer exists in HubSpot/);
  assert.equal((await send(gone, {}, { do: 'remove' })).status, 303);
  assert.deepEqual(
    (await savedActions('3')).map(({ id }) => id),
    ['n2'],
  );
  for (const query of [
    {},
    { pipeline: '0', stage: '3' },
    { pipeline: '9', stage: '1' },
    { ...stage1, action: 'none' },
    { pipeline: '0', stage: '__proto__', add: 'add-note' },
  ]) {
    assert.equal((await app.request(page(query as Record<string, string>))).status, 404, JSON.stringify(query));
  }
});

test('a status takes 20 actions and no more', async () => {
  await saveDocument({ '1': Array.from({ length: 20 }, (_, index) => note(`n${index}`)) });
  const { html } = await app.request('/settings');
  assert.match(html, /This status has 20 actions, which is the most/);
  const refused = await send(page({ ...stage1, add: 'add-note' }), { body: 'One more' });
  assert.equal(refused.status, 422);
  assert.match(refused.html, /it has 20 actions already/);
  assert.equal((await savedActions()).length, 20);
});

test('the panel saves nothing without its token, its version or a session', async () => {
  const { html } = await app.request(page({ ...stage1, add: 'add-note' }));
  const fill = (changes: Changes) => fillForm(html, '/settings/actions', { do: 'save', body: 'Hi', ...changes }).form;
  for (const path of ['/settings/actions', '/settings/preview', '/settings/restore', '/settings/webhook-secret']) {
    assert.equal((await app.request(path, { form: fill({ _csrf: 'x' }) })).status, 403, path);
    assert.equal((await app.request(path, { form: fill({}), cookie: 'none=1' })).status, 302, path);
  }
  assert.equal((await app.request('/settings/actions', { form: fill({ basedOn: null }) })).status, 400);
  assert.equal((await app.db.settings.getSettings(portalId)).version, 0);
  assert.equal(
    (await app.request('/settings/preview?pipeline=0')).headers.get('location'),
    '/settings/actions?pipeline=0',
  );
});
