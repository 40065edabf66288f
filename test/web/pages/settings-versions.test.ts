// The versions of the settings over HTTP: what changed in each, and the way back.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BatonError } from '../../../src/errors.ts';
import { type Settings, settingsSchema } from '../../../src/rules/settings.ts';
import { fillForm, readText } from './forms.ts';
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

async function save(document: unknown, author = userId): Promise<Settings> {
  const { version } = await app.db.settings.getSettings(portalId);
  const settings = settingsSchema.parse(document);
  assert.ok((await app.db.settings.saveSettings(portalId, { basedOn: version, settings, author })).saved);
  return settings;
}

/** The changes told of one version. */
function changesOf(html: string, version: number): string[] {
  const own = html.split('<h2>').find((part) => part.startsWith(`Version ${version}`)) ?? '';
  return [...own.matchAll(/<li>([^<]*)<\/li>/g)].map(([, line]) => readText(line ?? ''));
}

async function restore(version: number, options: { language?: string } = {}) {
  const { html } = await app.request('/settings/versions');
  const { form } = fillForm(html, '/settings/restore', { version: String(version) });
  return app.request('/settings/restore', { form, ...options });
}

const note = (id: string, body: string) => ({ id, kind: 'add-note', body });

test('each version tells what changed in it, by the names of things', async () => {
  const rules = {
    newConversation: { enabled: true, stageId: '1', channelAccountIds: ['9001', '9002'], graceSeconds: 30 },
    outgoing: { enabled: true, stageId: '2' },
    incoming: { fromStageIds: ['2', '77'], anySender: false, closed: { policy: 'never', days: 3, otherwise: 'leave' } },
    stageActions: { '1': [note('n1', 'One'), note('n2', 'Two'), note('n3', 'Three')] },
  };
  const general = {
    channels: ['1002', '1000'],
    guards: { automaticReplies: false, movesPerTicketPerHour: 5 },
    mailbox: { evidence: 'off' },
  };
  await save({ paused: true });
  await save({ ...general, pipelines: { '0': rules } }, '999');
  await save({
    ...general,
    pipelines: {
      '0': {
        ...rules,
        outgoing: { enabled: true, stageId: '4' },
        newConversation: { ...rules.newConversation, channelAccountIds: null },
        stageActions: { '1': [note('n3', 'Three'), note('n1', 'Uno'), note('n4', 'Four')] },
      },
    },
  });
  const { html } = await app.request('/settings/versions');
  assert.deepEqual(changesOf(html, 1), ['Paused: off → on']);
  assert.deepEqual(changesOf(html, 2), [
    'Paused: on → off',
    'Channels: Email → Email, Live chat',
    'Support Pipeline: Rule for new conversations: off → on',
    'Support Pipeline: New conversations: none → New',
    'Support Pipeline: New conversations, addresses: all email addresses → Support, Billing',
    'Support Pipeline: New conversations, seconds to wait: 60 → 30',
    'Support Pipeline: Rule for outgoing mail: off → on',
    'Support Pipeline: Outgoing mail: none → Waiting on contact',
    'Support Pipeline: Replies, from: any status → Waiting on contact, status 77',
    'Support Pipeline: Replies of everybody on the thread count: on → off',
    'Support Pipeline: A reply to a closed ticket: reopens within the days set → never reopens',
    'Support Pipeline: Days after closing: 14 → 3',
    'Support Pipeline: A reply that does not reopen it: Make a new ticket for the reply, linked with the closed one → Leave everything as it is',
    'Support Pipeline: New, new action: Note: “One”',
    'Support Pipeline: New, new action: Note: “Two”',
    'Support Pipeline: New, new action: Note: “Three”',
    'Automatic answers do not count: on → off',
    'Changes per ticket in an hour: 10 → 5',
    'Emails from personal mailboxes: Let Baton find out → They never move a ticket',
  ]);
  assert.deepEqual(changesOf(html, 3), [
    'Support Pipeline: New conversations, addresses: Support, Billing → all email addresses',
    'Support Pipeline: Outgoing mail: Waiting on contact → Closed',
    'Support Pipeline: New, action removed: Note: “Two”',
    'Support Pipeline: New, action changed: Note: “One” → Note: “Uno”',
    'Support Pipeline: New, new action: Note: “Four”',
    'Support Pipeline: New: the actions are in another order',
  ]);
});

test('a text that changed only after the beginning that is shown is said to have changed there', async () => {
  const start = 'Hello, '.repeat(20);
  const shown = `Note: “${start.slice(0, 70).trimEnd()}…”`;
  await save({ pipelines: { '0': { stageActions: { '1': [note('n1', `${start}Ada`)] } } } });
  await save({ pipelines: { '0': { stageActions: { '1': [note('n1', `${start}Lin`)] } } } });
  const { html } = await app.request('/settings/versions');
  assert.deepEqual(changesOf(html, 2), [`Support Pipeline: New, action changed beyond its beginning: ${shown}`]);
});

test('a version whose mailbox check has been overtaken is refused in the reader’s language', async () => {
  await save({ mailbox: { evidence: 'fingerprint' } });
  await save({});
  const english = await restore(1);
  assert.equal(english.status, 422);
  assert.match(english.html, /<li>Emails from personal mailboxes: Choose one of the answers/);
  const french = await restore(1, { language: 'fr' });
  assert.match(french.html, /<li>E-mails des boîtes personnelles\u00a0: Choisissez une des réponses/);
});

test('a version in which two pipelines claim one address is refused with the reason', async () => {
  const billing = { id: '5', label: 'Billing', stages: [{ id: '51', label: 'Open', closed: false }] };
  app.hubspot.pipelines = [supportPipeline, billing];
  const claim = (stageId: string) => ({ newConversation: { enabled: true, stageId } });
  await save({ pipelines: { '0': claim('1'), '5': claim('51') } });
  await save({});
  const answer = await restore(1);
  assert.equal(answer.status, 422);
  assert.match(answer.html, /<li>New conversations, addresses: two pipelines would make tickets for the same address/);
});

test('a version tells who saved it, and in French what changed', async () => {
  await save({ pipelines: { '0': { outgoing: { stageId: '2' } } } }, '999');
  await save({ pipelines: { '0': { outgoing: { stageId: '4' } } } });
  const { html } = await app.request('/settings/versions');
  assert.match(html, /By Ada Byron/);
  assert.match(html, /By user 999/);
  const french = (await app.request('/settings/versions', { language: 'fr' })).html;
  assert.match(french, /Support Pipeline\u00a0: Envois\u00a0: Waiting on contact → Closed/);
});

test('going back makes a new version with the settings of the old one, by the one who does it', async () => {
  const old = await save({ shadow: true, pipelines: { '0': { outgoing: { enabled: true, stageId: '2' } } } }, '1');
  await save({ paused: true });
  const { html } = await app.request('/settings/versions');
  assert.equal(html.match(/Go back to version/g)?.length, 1, 'the version in force needs no way back');
  const answer = await restore(1);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('location'), '/settings?saved=3');
  const [restored] = await app.db.settings.listVersions(portalId, 1);
  assert.deepEqual([restored?.version, restored?.settings, restored?.author], [3, old, userId]);
});

test('a way back on top of a version that is no longer in force is 409, and nothing is saved', async () => {
  await save({ shadow: true });
  await save({ paused: true });
  const { html } = await app.request('/settings/versions');
  await save({});
  const { form } = fillForm(html, '/settings/restore');
  const answer = await app.request('/settings/restore', { form });
  assert.equal(answer.status, 409);
  assert.match(answer.html, /Somebody else saved in the meantime/);
  assert.equal((await app.db.settings.getSettings(portalId)).version, 3);
});

test('a version that names what is gone from HubSpot is refused with the names', async () => {
  await save({
    pipelines: {
      '0': {
        newConversation: { enabled: true, stageId: '1', channelAccountIds: ['5555'] },
        outgoing: { enabled: false, stageId: '98' },
        incoming: { enabled: true, stageId: '99' },
        stageActions: { '97': [note('n1', 'Gone')] },
      },
      '6': {},
    },
  });
  await save({});
  const answer = await restore(1);
  assert.equal(answer.status, 422);
  assert.match(answer.html, /Version 1 cannot be put in force/);
  for (const words of [
    'the status for “the contact replies” (number 99) no longer exists',
    'the status for “we email the contact” (number 98) no longer exists',
    'an address for new conversations (number 5555) no longer exists',
    'there are actions for a status (number 97) that no longer exists',
    'The pipeline with the number 6 no longer exists',
  ]) {
    assert.ok(answer.html.includes(words), words);
  }
  const french = await restore(1, { language: 'fr' });
  assert.match(french.html, /le statut pour «\u00a0le contact répond\u00a0» \(numéro 99\) n’existe plus/);
  assert.equal((await app.db.settings.getSettings(portalId)).version, 2);
});

test('while HubSpot does not tell its pipelines nothing is put in force; a version that never was is 404', async () => {
  await save({ shadow: true });
  await save({});
  assert.equal((await restore(77)).status, 404);
  assert.equal((await restore(-1)).status, 404);
  app.hubspot.pipelines = new BatonError('hubspot-transient');
  const answer = await restore(1);
  assert.equal(answer.status, 422);
  assert.match(answer.html, /cannot read your pipelines from HubSpot/);
  assert.equal((await app.db.settings.getSettings(portalId)).version, 2);
});

test('hundreds of versions are shown 20 at a time, each told against the one before it', async () => {
  for (let version = 0; version < 45; version += 1) await save({ guards: { movesPerTicketPerHour: version + 11 } });
  const seen: number[] = [];
  let path: string | undefined = '/settings/versions';
  while (path) {
    const { html } = await app.request(path);
    seen.push(...[...html.matchAll(/<h2>Version (\d+)/g)].map(([, version]) => Number(version)));
    path = readText(/rel="next" href="([^"]*)"/.exec(html)?.[1] ?? '') || undefined;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 45 }, (_, index) => 45 - index),
  );
  const { html } = await app.request('/settings/versions?before=26');
  assert.deepEqual(changesOf(html, 25), ['Changes per ticket in an hour: 34 → 35']);
  assert.match(html, /Back to the newest/);
  for (const before of ['0', 'x', '-3', '1e9', '99999999999']) {
    assert.equal((await app.request(`/settings/versions?before=${before}`)).status, 200, before);
  }
});

test('the versions of another portal are never shown nor put in force', async () => {
  await save({ paused: true });
  await save({ shadow: true });
  const cookie = await app.signIn('4716');
  const { html } = await app.request('/settings/versions', { cookie });
  assert.match(html, /Nothing saved yet/);
  const token = /name="_csrf" value="([^"]*)"/.exec((await app.request('/settings', { cookie })).html)?.[1] ?? '';
  const form = new URLSearchParams({ _csrf: token, basedOn: '0', version: '1' });
  assert.equal((await app.request('/settings/restore', { form, cookie })).status, 404);
});
