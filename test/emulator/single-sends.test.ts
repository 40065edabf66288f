// Transactional single sends: what goes out, what does not, and how a send is followed to its end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmulatorOptions } from '../../src/emulator/emulator.ts';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { allScopes, app, createCaller, type Json, postForm, startEmulator } from './rig.ts';

const path = '/marketing/transactional/2026-09/single-email/send';
const scopes = [...allScopes, 'transactional-email'];
const to = 'casey@customer.example';

type Context = Parameters<typeof startEmulator>[0];

async function createSender(t: Context, quirks: EmulatorOptions['quirks'] = {}, made: Partial<PortalOptions> = {}) {
  const emulator = await startEmulator(t, { quirks });
  const portal = emulator.addPortal({ portalId: '41000001', ...made });
  const { emailId } = portal.addMarketingEmail({ name: 'We have your request' });
  const { accessToken } = portal.install({ scopes });
  const call = createCaller(emulator.url, accessToken);
  const send = (message: Json = {}, rest: Json = {}) =>
    call('POST', path, {
      emailId: Number(emailId),
      message: { to, cc: [], bcc: [], replyTo: [], ...message },
      contactProperties: {},
      customProperties: {},
      ...rest,
    });
  const look = (statusId: string) => call('GET', `/marketing/v3/email/send-statuses/${statusId}`);
  return { emulator, portal, call, send, look, emailId };
}

test('a send goes out once for a sendId, and makes the contact it is for', async (t) => {
  const { emulator, portal, send, look, emailId } = await createSender(t);
  const custom = { subject: 'Broken lever' };
  const first = await send({ sendId: 's1' }, { customProperties: custom });
  assert.equal(first.status, 200);
  assert.equal(first.body.status, 'COMPLETE');
  assert.equal(first.body.sendResult, 'SENT');
  assert.ok(first.body.eventId.id && first.body.requestedAt && first.body.completedAt);
  assert.equal((await send({ sendId: 's1' })).body.sendResult, 'IDEMPOTENT_IGNORE');
  emulator.quirks.repeatedSendResult = 'IDEMPOTENT_FAIL';
  const third = await send({ sendId: 's1', to: 'else@customer.example' });
  assert.equal(third.body.sendResult, 'IDEMPOTENT_FAIL');
  assert.equal((await look(third.body.statusId)).body.sendResult, 'IDEMPOTENT_FAIL');
  assert.equal((await send({ sendId: 's2' })).body.sendResult, 'SENT');
  assert.deepEqual(
    portal.sentEmails().map((one) => [one.sendId, one.to, one.emailId, one.name, one.customProperties]),
    [
      ['s1', to, emailId, 'We have your request', custom],
      ['s2', to, emailId, 'We have your request', {}],
    ],
  );
  assert.deepEqual(
    portal.look().contacts.map((contact) => contact.email),
    [to],
  );
});

test('a send can stay unfinished for some looks or some time', async (t) => {
  const { emulator, portal, send, look } = await createSender(t, { singleSendLooks: 2 });
  const { body } = await send();
  assert.deepEqual([body.status, body.sendResult], ['PENDING', undefined]);
  const seen = [await look(body.statusId), await look(body.statusId), await look(body.statusId)];
  assert.deepEqual(
    seen.map((one) => [one.body.status, one.body.sendResult]),
    [
      ['PROCESSING', undefined],
      ['COMPLETE', 'SENT'],
      ['COMPLETE', 'SENT'],
    ],
  );
  Object.assign(emulator.quirks, { singleSendLooks: 0, singleSendMs: 60 });
  portal.nextSendResult('THROTTLED', 'CANCELED');
  emulator.clock.freeze();
  const [throttled, cancelled] = [await send({ sendId: 'x' }), await send({ sendId: 'x' })];
  assert.equal(throttled.body.status, 'PENDING');
  assert.equal((await look(throttled.body.statusId)).body.status, 'PROCESSING');
  emulator.clock.advance(70);
  assert.equal((await look(throttled.body.statusId)).body.sendResult, 'THROTTLED');
  const ended = (await look(cancelled.body.statusId)).body;
  assert.deepEqual([ended.status, ended.sendResult], ['CANCELED', undefined]);
  assert.equal(portal.sentEmails().length, 1, 'a send that failed leaves its sendId free, and nothing went out for it');
  assert.equal((await look('no-such-status')).status, 404);
});

test('what cannot be sent says why in its result', async (t) => {
  const { portal, send } = await createSender(t);
  const draft = portal.addMarketingEmail({ name: 'Draft', publishedForSingleSend: false }).emailId;
  const needy = portal.addMarketingEmail({ name: 'Needy', requiredCustomProperties: ['subject'] }).emailId;
  const result = async (message: Json, rest: Json = {}) => (await send(message, rest)).body.sendResult;
  assert.equal(await result({ to: 'noreply@customer.example' }), 'INVALID_TO_ADDRESS');
  assert.equal(await result({ to: 'nobody' }), 'INVALID_TO_ADDRESS');
  assert.equal(await result({ from: 'nobody' }), 'INVALID_FROM_ADDRESS');
  assert.equal(await result({ from: 'Support <support@company.example>' }), 'SENT');
  assert.equal(await result({}, { emailId: 5 }), 'MISSING_CONTENT');
  assert.equal(await result({}, { emailId: Number(draft) }), 'MISSING_CONTENT');
  assert.equal(await result({}, { emailId: Number(needy) }), 'MISSING_TEMPLATE_PROPERTIES');
  assert.equal(await result({}, { emailId: Number(needy), customProperties: { subject: 'x' } }), 'SENT');
  portal.nextSendResult('PREVIOUSLY_BOUNCED');
  assert.equal(await result({}), 'PREVIOUSLY_BOUNCED');
  assert.equal(portal.sentEmails().length, 2);
});

test('a request that is no send answers 400 and sends nothing', async (t) => {
  const { portal, call, send, emailId } = await createSender(t);
  for (const [message, rest] of [
    [{ to: undefined }, {}],
    [{ to: 5 }, {}],
    [{ cc: 'x@customer.example' }, {}],
    [{ bcc: undefined }, {}],
    [{ subject: 'x' }, {}],
    [{}, { emailId }],
    [{}, { emailId: undefined }],
    [{}, { customProperties: undefined }],
    [{}, { customProperties: { list: ['x'] } }],
    [{}, { contactProperties: { no_such_property: 'x' } }],
    [{}, { template: 'x' }],
  ])
    assert.equal((await send(message, rest)).status, 400, JSON.stringify([message, rest]));
  assert.equal((await call('POST', path, [])).status, 400);
  const old = await call('POST', path.replace('2026-09', '2026-03'), { emailId: Number(emailId), message: { to } });
  assert.equal(old.status, 200, 'before 2026-09 only emailId and message are required');
  assert.equal(portal.sentEmails().length, 1);
});

test('contact properties are written to the contact', async (t) => {
  const { portal, send, call } = await createSender(t);
  const { contactId } = portal.addContact({ email: to });
  await send({}, { contactProperties: { firstname: 'Casey' } });
  const read = await call('GET', `/crm/objects/2026-09/contacts/${contactId}?properties=firstname`);
  assert.equal(read.body.properties.firstname, 'Casey');
});

test('single sends are not counted by the rolling limit', async (t) => {
  const { emulator, send } = await createSender(t);
  emulator.limits.requestsPerTenSeconds = 0;
  assert.equal((await send()).status, 200);
});

test('a portal without the add-on grants no transactional scope and refuses like a missing scope', async (t) => {
  const { emulator, portal, call, send } = await createSender(t, {}, { transactionalAddOn: false });
  const refused = await send();
  assert.equal(refused.status, 403);
  assert.equal(refused.body.category, 'MISSING_SCOPES');
  assert.deepEqual(refused.body.errors[0].context.requiredGranularScopes, ['transactional-email']);
  assert.equal((await call('GET', '/marketing/v3/email/send-statuses/x')).status, 403);
  const redirectUri = 'http://localhost:3000/oauth/callback';
  const ask = (scope: string[], optional: string[]) =>
    postForm(`${emulator.url}/oauth/authorize`, {
      query: new URLSearchParams({
        client_id: app.clientId,
        redirect_uri: redirectUri,
        scope: scope.join(' '),
        optional_scope: optional.join(' '),
      }).toString(),
      portalId: '41000001',
      decision: 'connect',
    });
  const exchange = async (asked: Json) =>
    postForm(`${emulator.url}/oauth/2026-09/token`, {
      grant_type: 'authorization_code',
      client_id: app.clientId,
      client_secret: app.clientSecret,
      redirect_uri: redirectUri,
      code: new URL(asked.headers.get('location')).searchParams.get('code') ?? '',
    });
  assert.equal((await ask(scopes, [])).status, 400, 'as a required scope it blocks the whole install');
  const without = await exchange(await ask(allScopes, ['transactional-email']));
  assert.deepEqual(without.body.scopes, allScopes);
  portal.configure({ transactionalAddOn: true });
  assert.equal((await send()).status, 403, 'the old grant stays without it');
  const granted = await exchange(await ask(allScopes, ['transactional-email']));
  assert.deepEqual(granted.body.scopes, scopes);
  portal.configure({ transactionalAddOn: false });
  const after = createCaller(emulator.url, granted.body.access_token);
  assert.equal((await after('GET', '/marketing/v3/email/send-statuses/x')).status, 403, 'the add-on was cancelled');
});
