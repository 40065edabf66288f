// Addresses for new conversations, warnings of other automations, and very long settings, over HTTP.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { BatonError } from '../../../src/errors.ts';
import { settingsSchema } from '../../../src/rules/settings.ts';
import { type Changes, fillForm } from './forms.ts';
import {
  portalId,
  recordOf,
  type SignedInApp,
  sampleReferences,
  startSignedInApp,
  supportPipeline,
} from './signed-in-app.ts';

let app: SignedInApp;
before(async () => {
  app = await startSignedInApp();
});
after(() => app.close());
beforeEach(async () => {
  app.hubspot.pipelines = [supportPipeline];
  app.hubspot.oldSince = undefined;
  app.hubspot.references = sampleReferences();
  await app.query('delete from settings_versions');
});

const billing = { id: '5', label: 'Billing', stages: [{ id: '51', label: 'Open', closed: false }] };

async function save(document: unknown, basedOn = 0) {
  const settings = settingsSchema.parse(document);
  assert.equal((await app.db.settings.saveSettings(portalId, { basedOn, settings, author: '1' })).saved, true);
}

async function post(changes: Changes, path = '/settings') {
  return app.request('/settings', { form: fillForm((await app.request(path)).html, '/settings', changes).form });
}

const current = () => app.db.settings.getSettings(portalId);

test('an address that makes tickets in another pipeline is named with it, and cannot be chosen twice', async () => {
  app.hubspot.pipelines = [supportPipeline, billing];
  const claim = (channelAccountIds: string[] | null) => ({
    pipelines: { '5': { newConversation: { enabled: true, stageId: '51', channelAccountIds } } },
  });
  await save(claim(['9002']));
  const creation = { 'newConversation.enabled': 'on', 'newConversation.stageId': '1' };
  const { html } = await app.request('/settings?pipeline=0');
  assert.match(html, /<span>Billing <span class="taken">\(makes tickets in “Billing” already\)<\/span>/);
  const taken: Changes[] = [
    { 'newConversation.accounts': 'all' },
    { 'newConversation.accounts': 'some', 'newConversation.channelAccountIds': ['9001', '9002'] },
  ];
  for (const special of taken) {
    const refused = await post({ ...creation, ...special }, '/settings?pipeline=0');
    assert.equal(refused.status, 422);
    assert.match(refused.html, /id="newConversation-accounts-error">One of these addresses makes tickets in another/);
  }
  const free = { 'newConversation.accounts': 'some', 'newConversation.channelAccountIds': '9001' };
  assert.equal((await post({ ...creation, ...free }, '/settings?pipeline=0')).status, 303);
  await save(claim(null), 2);
  const every = await app.request('/settings?pipeline=0');
  assert.match(every.html, /All email addresses <span class="taken">\(makes tickets in “Billing” already\)/);
  const refused = await post({ ...creation, ...free }, '/settings?pipeline=0');
  assert.equal(refused.status, 422);
  const chat = { 'newConversation.accounts': 'some', 'newConversation.channelAccountIds': '9003' };
  assert.equal((await post({ ...creation, ...chat }, '/settings?pipeline=0')).status, 303);
});

test('when HubSpot does not tell its addresses, those chosen stay, by their numbers', async () => {
  const newConversation = { enabled: true, stageId: '1', channelAccountIds: ['9001'] };
  await save({ pipelines: { '0': { newConversation } } });
  app.hubspot.references.channelAccounts = new BatonError('hubspot-transient');
  const { html } = await app.request('/settings');
  assert.match(html, /value="9001" checked> <span>address 9001/);
  assert.match(html, /cannot read your addresses from HubSpot at the moment/);
  assert.equal((await post({ shadow: 'on' })).status, 303);
  assert.deepEqual((await current()).settings.pipelines['0']?.newConversation.channelAccountIds, ['9001']);
});

test('where HubSpot itself makes the tickets, the rule for new conversations says so', async () => {
  const portal = '4713';
  const cookie = await app.signIn(portal);
  assert.doesNotMatch((await app.request('/settings', { cookie })).html, /HubSpot itself made the ticket/);
  const stay = { decision: 'stay', outcome: 'skipped', toStageId: null, fromStageId: null } as const;
  await app.addRecords(
    [
      recordOf({ ...stay, subject: 'm:1:1', reason: 'ticket-exists' }),
      recordOf({ ...stay, subject: 'm:2:1', reason: 'first-message' }),
      recordOf({ ...stay, subject: 'm:3:1', reason: 'paused' }),
    ],
    portal,
  );
  const { html } = await app.request('/settings', { cookie });
  assert.match(html, /HubSpot itself made the tickets of 2 of the latest conversations/);
  await app.query("update records set at = now() - interval '8 days' where portal_id = $1", [portal]);
  assert.doesNotMatch((await app.request('/settings', { cookie })).html, /HubSpot itself made the ticket/);
});

test('an automation that moves tickets right after messages is named by pipeline and status, with what to do', async () => {
  const portal = '4714';
  const cookie = await app.signIn(portal);
  const stay = { decision: 'stay', outcome: 'skipped', toStageId: null, reason: 'moved-by-automation' } as const;
  const moved = ['2', '2', '99'].map((fromStageId, index) =>
    recordOf({ ...stay, subject: `m:${index}:1`, fromStageId }),
  );
  await app.addRecords(moved, portal);
  const { html } = await app.request('/settings', { cookie });
  assert.match(html, /Another automation works against Baton/);
  assert.match(
    html,
    /<li>Support Pipeline: 2 tickets were moved to “Waiting on contact” by something other than Baton/,
  );
  assert.equal(html.match(/by something other than Baton/g)?.length, 1, 'of a status that is gone nothing can be told');
  assert.match(html, /switch off the changes of status/);
  const french = await app.request('/settings', { cookie, language: 'fr' });
  assert.match(french.html, /2 tickets sont passés à «\u00a0Waiting on contact\u00a0»/);
});

test('a document of 200 pipelines, 100 statuses and 20 actions each is shown', async () => {
  const stages = Array.from({ length: 100 }, (_, index) => ({
    id: `s${index}`,
    label: `Status ${index}`,
    closed: index === 99,
  }));
  const large = { id: '0', label: 'Large', stages };
  const others = Array.from({ length: 199 }, (_, index) => ({
    ...billing,
    id: `p${index}`,
    label: `Pipeline ${index}`,
  }));
  app.hubspot.pipelines = [large, ...others];
  const actions = (stageId: string) =>
    Array.from({ length: 20 }, (_, index) => ({ id: `${stageId}-${index}`, kind: 'add-note', body: 'Hello' }));
  const stageActions = Object.fromEntries(stages.map(({ id }) => [id, actions(id)]));
  await save({ pipelines: { '0': { stageActions } } });
  const { status, html } = await app.request('/settings');
  assert.equal(status, 200);
  assert.equal(html.match(/<li class="stage">/g)?.length, 100);
  assert.equal(html.match(/Note: “Hello”/g)?.length, 2_000);
  assert.equal(html.match(/This status has 20 actions/g)?.length, 100);
  assert.equal((await post({ shadow: 'on' })).status, 303);
  assert.equal(Object.keys((await current()).settings.pipelines['0']?.stageActions ?? {}).length, 100);
});

test('an older copy of the pipelines is shown with its time in the zone of the portal', async () => {
  app.hubspot.oldSince = new Date('2026-11-22T10:00:00Z');
  const { html } = await app.request('/settings');
  assert.match(html, /HubSpot does not answer at the moment.*22 Nov 2026, 11:00:00/);
});

test('a portal with a time zone Node does not know reads UTC', async () => {
  const cookie = await app.signIn('4712', 'Mars/Olympus');
  const { status, html } = await app.request('/activity', { cookie });
  assert.equal(status, 200);
  assert.match(html, /time zone, UTC/);
});

test('the rules of a pipeline that is gone are taken out on request, and only those', async () => {
  const rules = { outgoing: { enabled: true, stageId: '51' } };
  await save({ pipelines: { '5': rules, '0': { outgoing: { enabled: true, stageId: '2' } } } });
  const forget = async (changes: Changes = {}) => {
    const { html } = await app.request('/settings');
    return app.request('/settings/forget', { form: fillForm(html, '/settings/forget', changes).form });
  };
  assert.equal((await forget({ basedOn: '0' })).status, 409);
  assert.equal((await forget({ pipeline: '0' })).status, 422, 'a pipeline that is there keeps its rules');
  const { html } = await app.request('/settings');
  app.hubspot.oldSince = new Date();
  const { form } = fillForm(html, '/settings/forget');
  assert.equal((await app.request('/settings/forget', { form })).status, 422, 'an old copy proves nothing');
  app.hubspot.oldSince = undefined;
  const answer = await forget();
  assert.equal(answer.status, 303);
  assert.deepEqual(Object.keys((await current()).settings.pipelines), ['0']);
  assert.doesNotMatch((await app.request('/settings')).html, /no longer exists/);
});

test('what the portal’s mail has proved is told, and the choice of the check is offered once it has found one', async () => {
  const portal = '4715';
  const cookie = await app.signIn(portal);
  const shown = async () => (await app.request('/settings', { cookie })).html;
  assert.match(await shown(), /not enough to tell such emails apart/);
  assert.doesNotMatch(await shown(), /value="fingerprint"/);
  const loose = (emailId: string) =>
    ({ emailId, at: new Date(), kind: 'loose', ticketId: null, marked: false }) as const;
  await app.db.mailbox.saveMails(portal, ['1', '2', '3'].map(loose));
  assert.match(await shown(), /An email that is on exactly one ticket counts/);
  await app.query(
    `insert into mailbox_checks (portal_id, ticket_id, contact_id, code, started_by, ended_at, conclusion)
     values ($1, '1', '2', 'x', '3', now(), '{"finding": "mixed", "fingerprint": {"properties": []}}')`,
    [portal],
  );
  assert.match(await shown(), /value="fingerprint"/);
});

test('a portal without any channel is refused, as no rule would do anything; one that has none already can be paused', async () => {
  const refused = await post({ channels: null });
  assert.equal(refused.status, 422);
  assert.match(refused.html, /id="channels-error">Tick at least one channel/);
  const french = await app.request('/settings', {
    form: fillForm((await app.request('/settings')).html, '/settings', { channels: null }).form,
    language: 'fr',
  });
  assert.match(french.html, /Cochez au moins un canal/);
  assert.equal((await current()).version, 0);
  await save({ channels: [] });
  assert.equal((await post({ paused: 'on' })).status, 303);
  assert.equal((await current()).settings.paused, true);
});

test('an address of a channel that is switched off says that nothing happens there', async () => {
  const off = (html: string) =>
    [...html.matchAll(/<span>([^<]*) <span class="taken">\(this channel is/g)].map(([, name]) => name);
  assert.deepEqual(off((await app.request('/settings')).html), ['Website chat (Live chat)']);
  await save({ channels: ['1000'] });
  assert.deepEqual(off((await app.request('/settings')).html), ['All email addresses', 'Support', 'Billing']);
});

test('a pipeline that was only looked at is named in no version, so that its end stands in no way back', async () => {
  app.hubspot.pipelines = [supportPipeline, billing];
  assert.equal((await post({ shadow: 'on' }, '/settings?pipeline=5')).status, 303);
  assert.deepEqual((await current()).settings.pipelines, {});
  await save({ pipelines: { '5': {} } }, 1);
  assert.equal((await post({ paused: 'on' }, '/settings?pipeline=5')).status, 303);
  assert.deepEqual(Object.keys((await current()).settings.pipelines), ['5'], 'what was named stays');
});

test('a sweep that HubSpot refuses is told of, in words, until it is refused no longer', async () => {
  const refuse = (sweep: string, ago: string) =>
    app.query(
      `insert into watermarks (portal_id, sweep, reached_at) values (${portalId}, 'refused:${sweep}', now() - interval '${ago}')`,
    );
  await refuse('emails', '10 minutes');
  await refuse('mailbox', '3 hours');
  const { html } = await app.request('/settings');
  assert.match(html, /HubSpot does not let Baton look for what it may have missed/);
  assert.match(html, /Emails \(last refused [^<]+\)\./);
  assert.doesNotMatch(html, /from which Baton learns/);
  await app.query('delete from watermarks');
  assert.doesNotMatch((await app.request('/settings')).html, /does not let Baton look/);
});
