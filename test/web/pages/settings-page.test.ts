// The settings page over HTTP, as a browser without script uses it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BatonError } from '../../../src/errors.ts';
import { defaultSettings, parseSettings, type Settings } from '../../../src/rules/settings.ts';
import { type Changes, fillForm } from './forms.ts';
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

const billing = { id: '5', label: 'Billing', stages: [{ id: '51', label: 'Open', closed: false }] };

function settingsOf(document: unknown, pipelines = [supportPipeline, billing]): Settings {
  const parsed = parseSettings(document, pipelines);
  assert.ok('settings' in parsed);
  return parsed.settings;
}

async function saved(settings: Settings, basedOn = 0) {
  assert.equal((await app.db.settings.saveSettings(portalId, { basedOn, settings, author: '1' })).saved, true);
}

const fillIn = (html: string, changes: Changes = {}) => fillForm(html, '/settings', changes).form;

async function post(changes: Changes, path = '/settings') {
  return app.request('/settings', { form: fillIn((await app.request(path)).html, changes) });
}

const current = () => app.db.settings.getSettings(portalId);

test('a rule switched on with its status is saved as a new version by the signed-in user, and the page says so', async () => {
  const answer = await post({ 'outgoing.enabled': 'on', 'outgoing.stageId': '2' });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('location'), '/settings?saved=1&pipeline=0');
  const { version, settings } = await current();
  assert.equal(version, 1);
  assert.equal(settings.pipelines['0']?.outgoing.enabled, true);
  assert.equal(settings.pipelines['0']?.outgoing.stageId, '2');
  assert.equal((await app.db.settings.listVersions(portalId, 1))[0]?.author, userId);
  const { html } = await app.request('/settings?saved=1&pipeline=0');
  assert.match(html, /role="status">Saved\. This is version 1\./);
  assert.match(html, /<option value="2" selected>Waiting on contact<\/option>/);
});

test('saving the form unchanged changes nothing in the document', async () => {
  const before = settingsOf({
    channels: ['1002', '1007'],
    shadow: true,
    guards: { automaticReplies: false, thanksKeepsClosed: true, movesPerTicketPerHour: 3 },
    mailbox: { evidence: 'associated' },
    pipelines: {
      '0': {
        newConversation: { enabled: true, stageId: '1', channelAccountIds: ['9003', '9001'], graceSeconds: 30 },
        outgoing: { enabled: true, stageId: '2', fromStageIds: ['1', '3'] },
        incoming: {
          enabled: true,
          stageId: '3',
          anySender: false,
          closed: { policy: 'never', days: 9, otherwise: 'leave' },
        },
        stageActions: { '1': [{ id: 'a1', kind: 'add-note', body: 'One\nline' }], '4': [] },
      },
      '5': {
        outgoing: { enabled: true, stageId: '51' },
        stageActions: { '51': [{ id: 'b1', kind: 'assign-owner', ownerId: '42' }] },
      },
    },
  });
  await saved(before);
  app.hubspot.pipelines = [supportPipeline, billing];
  assert.equal((await post({})).status, 303);
  assert.deepEqual((await current()).settings, before);
});

test('every field of the form reaches the document', async () => {
  await post({
    paused: 'on',
    shadow: 'on',
    'mailbox.evidence': 'off',
    'guards.automaticReplies': null,
    'guards.thanksKeepsClosed': 'on',
    'guards.movesPerTicketPerHour': '25',
    'incoming.enabled': 'on',
    'incoming.stageId': '3',
    'incoming.from': 'some',
    'incoming.fromStageIds': ['2', '4'],
    'incoming.senders': 'contacts',
    'incoming.closed.policy': 'within',
    'incoming.closed.days': '30',
    'incoming.closed.otherwise': 'leave',
    channels: ['1002', '1000'],
    'newConversation.enabled': 'on',
    'newConversation.stageId': '1',
    'newConversation.accounts': 'some',
    'newConversation.channelAccountIds': ['9001', '9003'],
    'newConversation.graceSeconds': '0',
  });
  const { settings } = await current();
  assert.deepEqual(settings.channels, ['1002', '1000']);
  assert.deepEqual(settings.pipelines['0']?.newConversation, {
    enabled: true,
    stageId: '1',
    channelAccountIds: ['9001', '9003'],
    graceSeconds: 0,
  });
  assert.equal(settings.paused, true);
  assert.equal(settings.shadow, true);
  assert.equal(settings.mailbox.evidence, 'off');
  assert.deepEqual(settings.guards, { automaticReplies: false, thanksKeepsClosed: true, movesPerTicketPerHour: 25 });
  const rule = settings.pipelines['0']?.incoming;
  assert.deepEqual(rule?.fromStageIds, ['2', '4']);
  assert.equal(rule?.anySender, false);
  assert.deepEqual(rule?.closed, { policy: 'within', days: 30, otherwise: 'leave' });
});

test('each wrong field is answered 422 with its error beside it, what was typed is kept, and nothing is saved', async () => {
  const wrong: [Record<string, string | string[]>, string, RegExp][] = [
    [{ 'outgoing.enabled': 'on', 'outgoing.stageId': '' }, 'outgoing-stageId', /Choose a status of this pipeline/],
    [{ 'incoming.enabled': 'on', 'incoming.stageId': '51' }, 'incoming-stageId', /Choose a status of this pipeline/],
    [{ 'outgoing.from': 'some' }, 'outgoing-from', /Tick at least one status/],
    [{ 'incoming.from': 'some', 'incoming.fromStageIds': ['2', '99'] }, 'incoming-from', /no longer exists in HubSpot/],
    [{ 'incoming.closed.days': '<b>2,5' }, 'incoming-closed-days', /whole number of days from 1 to 3650/],
    [{ 'incoming.closed.days': '0' }, 'incoming-closed-days', /whole number of days from 1 to 3650/],
    [{ 'incoming.closed.policy': 'sometimes' }, 'incoming-closed-policy', /Choose one of the answers/],
    [{ 'incoming.senders': 'nobody' }, 'incoming-senders', /Choose one of the answers/],
    [{ 'mailbox.evidence': 'guess' }, 'mailbox', /Choose one of the answers/],
    [{ 'mailbox.evidence': 'fingerprint' }, 'mailbox', /needs a check that has found something/],
    [{ 'incoming.closed.otherwise': 'delete' }, 'incoming-closed-otherwise', /Choose one of the answers/],
    [{ channels: ['mail'] }, 'channels', /Choose channels of the list/],
    [{ 'newConversation.graceSeconds': '3601' }, 'newConversation-graceSeconds', /seconds from 0 to 3600/],
    [{ 'newConversation.accounts': 'most' }, 'newConversation-accounts', /Choose one of the answers/],
    [{ 'newConversation.enabled': 'on' }, 'newConversation-stageId', /Choose a status of this pipeline/],
    [
      { 'newConversation.enabled': 'on', 'newConversation.stageId': '1', 'newConversation.accounts': 'some' },
      'newConversation-accounts',
      /Tick at least one address/,
    ],
    [
      {
        'newConversation.enabled': 'on',
        'newConversation.stageId': '1',
        'newConversation.accounts': 'some',
        'newConversation.channelAccountIds': '77',
      },
      'newConversation-accounts',
      /no longer exists in HubSpot/,
    ],
    [{ 'guards.movesPerTicketPerHour': '-1' }, 'moves', /whole number from 1 to 1000/],
  ];
  for (const [changes, id, message] of wrong) {
    const { status, html } = await post(changes);
    assert.equal(status, 422, id);
    const error = new RegExp(`<p class="error" id="${id}-error">([^<]*)</p>`).exec(html)?.[1];
    assert.match(error ?? '', message, id);
    assert.match(html, new RegExp(`aria-describedby="[^"]*${id}-error[^"]*"`), id);
    assert.match(html, /role="alert"/, id);
  }
  const kept = await post({ 'incoming.closed.days': '<b>2,5', paused: 'on' });
  assert.match(kept.html, /name="incoming\.closed\.days" value="&lt;b&gt;2,5"/);
  assert.match(kept.html, /name="paused" value="on"[^>]* checked>/);
  assert.equal((await current()).version, 0);
});

test('errors are beside their field in French too', async () => {
  const form = fillIn((await app.request('/settings')).html, { 'guards.movesPerTicketPerHour': '' });
  const { status, html } = await app.request('/settings', { form, language: 'fr' });
  assert.equal(status, 422);
  assert.match(html, /id="moves-error">Indiquez un nombre entier de 1 à 1000\.</);
});

test('a form based on an older version is answered 409 with a way to reload, and nothing is saved', async () => {
  const { html } = await app.request('/settings');
  await saved({ ...defaultSettings, shadow: true });
  const answer = await app.request('/settings', { form: fillIn(html, { paused: 'on' }) });
  assert.equal(answer.status, 409);
  assert.match(answer.html, /Somebody else saved in the meantime/);
  assert.match(answer.html, /href="\/settings\?pipeline=0">Reload the settings</);
  // Nobody is made to correct a form that could not be saved anyway.
  const wrongToo = fillIn(html, { 'guards.movesPerTicketPerHour': 'x' });
  assert.equal((await app.request('/settings', { form: wrongToo })).status, 409);
  const { version, settings } = await current();
  assert.equal(version, 1);
  assert.equal(settings.paused, false);
});

test('two admins who save the same version at once: one is saved, the other is told', async () => {
  const { html } = await app.request('/settings');
  const answers = await Promise.all(
    ['on', null].map((paused) => app.request('/settings', { form: fillIn(html, { paused, shadow: 'on' }) })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409]);
  assert.equal((await current()).version, 1);
});

test('names of pipelines and statuses are shown as text, whatever they hold', async () => {
  const hostile = '"><script>alert(1)</script>\' onload=x &amp; <%= it %>';
  app.hubspot.pipelines = [{ id: '"><i>', label: hostile, stages: [{ id: '"><u>', label: hostile, closed: false }] }];
  const { html } = await app.request('/settings');
  assert.doesNotMatch(html, /<script>|<i>|<u>/);
  assert.ok(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
  assert.ok(html.includes('value="&quot;&gt;&lt;u&gt;"'));
  assert.match(html, /href="\/settings\?pipeline=%22%3E%3Ci%3E"/);
});

test('a rule whose status is gone from HubSpot is reported, and does not stand in the way of a pause', async () => {
  await saved(settingsOf({ pipelines: { '0': { incoming: { enabled: true, stageId: '3', fromStageIds: ['2'] } } } }));
  app.hubspot.pipelines = [{ ...supportPipeline, stages: supportPipeline.stages.filter(({ id }) => id === '1') }];
  const { html } = await app.request('/settings');
  assert.match(html, /Support Pipeline: the status for “the contact replies” \(number 3\) no longer exists/);
  assert.match(html, /a rule starts from a status \(number 2\) that no longer exists/);
  assert.match(html, /<option value="3" selected>Status 3, no longer in HubSpot<\/option>/);
  assert.equal((await post({ paused: 'on' })).status, 303);
  assert.equal((await current()).settings.paused, true);
  assert.equal((await current()).settings.pipelines['0']?.incoming.stageId, '3');
  assert.equal((await post({ 'incoming.senders': 'contacts' })).status, 422);
});

test('a pipeline that is gone from HubSpot is reported, keeps its rules, and others can still be saved', async () => {
  await saved(settingsOf({ pipelines: { '5': { outgoing: { enabled: true, stageId: '51' } } } }));
  const { html } = await app.request('/settings?pipeline=5');
  assert.match(html, /The pipeline with the number 5 no longer exists/);
  assert.match(html, /This pipeline does not exist \(any more\)/);
  assert.equal((await post({ 'outgoing.enabled': 'on', 'outgoing.stageId': '2' })).status, 303);
  const { settings } = await current();
  assert.equal(settings.pipelines['5']?.outgoing.stageId, '51');
  assert.equal(settings.pipelines['0']?.outgoing.stageId, '2');
});

test('without an answer from HubSpot the page opens, says so, and can still pause; rules stay as they are', async () => {
  await saved(settingsOf({ pipelines: { '0': { outgoing: { enabled: true, stageId: '2' } } } }));
  app.hubspot.pipelines = new BatonError('hubspot-transient');
  const { status, html } = await app.request('/settings');
  assert.equal(status, 200);
  assert.match(html, /cannot read your pipelines from HubSpot at the moment/);
  assert.doesNotMatch(html, /no longer exists/);
  assert.equal((await post({ paused: 'on' })).headers.get('location'), '/settings?saved=2');
  const { settings } = await current();
  assert.equal(settings.paused, true);
  assert.equal(settings.pipelines['0']?.outgoing.enabled, true);
});

test('rules sent while the pipelines cannot be read are refused with the reason, and nothing is saved', async () => {
  const form = fillIn((await app.request('/settings')).html, { paused: 'on' });
  app.hubspot.pipelines = new BatonError('hubspot-transient');
  const { status, html } = await app.request('/settings', { form });
  assert.equal(status, 422);
  assert.match(html, /Nothing of this page was saved/);
  assert.equal((await current()).version, 0);
});

test('a form without its token, without a version or without a session saves nothing', async () => {
  const { html } = await app.request('/settings');
  assert.equal((await app.request('/settings', { form: fillIn(html, { _csrf: 'x' }) })).status, 403);
  assert.equal((await app.request('/settings', { form: fillIn(html, { _csrf: null }) })).status, 403);
  assert.equal((await app.request('/settings', { form: fillIn(html, { basedOn: null }) })).status, 400);
  assert.equal((await app.request('/settings', { form: fillIn(html, { basedOn: '1e1' }) })).status, 400);
  assert.equal((await app.request('/settings', { form: fillIn(html), cookie: 'none=1' })).status, 302);
  assert.equal((await current()).version, 0);
});

test('a form with nothing but token and version is refused, not taken for "everything off"', async () => {
  const { html } = await app.request('/settings');
  const whole = fillIn(html);
  const form = new URLSearchParams({ _csrf: whole.get('_csrf') ?? '', basedOn: '0', pipeline: '0' });
  assert.equal((await app.request('/settings', { form })).status, 422);
  assert.equal((await current()).version, 0);
});

test('versions are listed newest first with author and time', async () => {
  await saved({ ...defaultSettings, shadow: true });
  await saved({ ...defaultSettings, paused: true }, 1);
  const { html } = await app.request('/settings');
  const rows = html.slice(html.indexOf('id="versions-title"'));
  assert.ok(rows.indexOf('<th scope="row">2') < rows.indexOf('<th scope="row">1'));
  assert.match(rows, /<th scope="row">2 <span class="badge">in force<\/span>/);
  assert.match(rows, /<td>user 1<\/td>/);
});

test('a saved message is shown only for a version that exists', async () => {
  assert.doesNotMatch((await app.request('/settings?saved=7')).html, /Saved\. This is/);
  assert.doesNotMatch((await app.request('/settings?saved=%3Cb%3E')).html, /<b>/);
});
