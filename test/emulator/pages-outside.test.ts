// The pages and the outside: hostile text, other sites, secrets, and what went over the wire.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { createReceiver } from './receiver.ts';
import { allScopes, app, createCaller, postForm } from './rig.ts';
import { createSeeded } from './seeded-pages.ts';

test('the traffic page shows each webhook and each call with its bodies, and no token or secret', async (t) => {
  const receiver = await createReceiver(t);
  const { emulator, portal, seeded, html } = await createSeeded(t);
  emulator.setWebhookUrl(receiver.url);
  const tokens = portal.install({ scopes: allScopes });
  const call = createCaller(emulator.url, tokens.accessToken);
  portal.moveTicket({ ticketId: seeded.ticketId, userId: seeded.agentId, stageId: '3' });
  await emulator.webhooks.idle();
  await call('POST', '/crm/objects/2026-09/tickets/batch/read', { inputs: [{ id: seeded.ticketId }], properties: [] });
  const { clientId, clientSecret } = app;
  const asked = await postForm(`${emulator.url}/oauth/2026-03/token`, {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: tokens.refreshToken,
  });
  assert.equal(asked.status, 200);
  const page = await html('/traffic');
  assert.match(page, /object\.propertyChange/);
  assert.match(page, /&#34;propertyValue&#34;: &#34;3&#34;/);
  assert.match(page, /POST \/crm\/objects\/2026-09\/tickets\/batch\/read: <b>200<\/b>/);
  assert.match(page, /&#34;inputs&#34;/);
  assert.ok(page.indexOf('/oauth/2026-03/token') < page.indexOf('batch/read'), 'newest first');
  assert.match(page, /client_secret=\*\*\*/);
  for (const secret of [tokens.accessToken, tokens.refreshToken, clientSecret, asked.body.access_token])
    assert.equal(page.includes(secret), false);
  const [, id] = /traffic\/(\d+)"/.exec(page) ?? [];
  assert.match(await html(`/traffic/${id}`), /grant_type=refresh_token/);
  assert.equal((await fetch(`${emulator.url}/portals/${seeded.portalId}/traffic/999999`)).status, 404);
});

test('a long body is cut, and only the last 200 exchanges are kept', async (t) => {
  const { emulator, portal, html } = await createSeeded(t);
  emulator.limits.requestsPerTenSeconds = 1_000;
  const call = createCaller(emulator.url, portal.install({ scopes: allScopes }).accessToken);
  for (let count = 0; count < 205; count += 1) await call('GET', `/crm/owners/2026-09?limit=1&n=${count}`);
  await call('POST', '/crm/objects/2026-09/tickets/search', { query: 'x'.repeat(70_000) });
  const page = await html('/traffic');
  assert.match(page, /^.*200 kept/m);
  const [, id] = /traffic\/(\d+)"/.exec(page) ?? [];
  const entry = await html(`/traffic/${id}`);
  assert.match(entry, /cut here: 70\d\d\d characters in all/);
  assert.ok(entry.length < 70_000);
});

test('the page is told of a change by server-sent events', async (t) => {
  const { emulator, portal, seeded } = await createSeeded(t);
  const stopping = new AbortController();
  t.after(() => stopping.abort());
  const stream = await fetch(`${emulator.url}/portals/${seeded.portalId}/events`, { signal: stopping.signal });
  assert.equal(stream.headers.get('content-type'), 'text/event-stream');
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader?.read())?.value, 'retry: 1000\n\n');
  portal.moveTicket({ ticketId: seeded.ticketId, userId: seeded.agentId, stageId: '4' });
  assert.equal((await reader?.read())?.value, 'event: changed\ndata: {}\n\n');
});

test('every page of a portal is there, and what is not there answers 404', async (t) => {
  const { emulator, seeded } = await createSeeded(t);
  const root = `${emulator.url}/portals/${seeded.portalId}`;
  const paths = ['', '/tickets', '/contacts', '/sent', '/settings', '/traffic'];
  const records = [`/threads/${seeded.threadId}`, `/tickets/${seeded.ticketId}`, `/contacts/${seeded.contactIds[0]}`];
  for (const path of [...paths, ...records]) {
    const answered = await fetch(root + path);
    assert.equal(answered.status, 200, path);
    assert.match(answered.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  }
  for (const path of ['/threads/1', '/threads/constructor', '/tickets/1', '/contacts/1', '/nothing'])
    assert.equal((await fetch(root + path)).status, 404, path);
});

test('text from outside is shown as text', async (t) => {
  const { portal, press, html, seeded } = await createSeeded(t);
  const evil = '"\'><script>alert(1)</script>';
  const from = `"${evil}"@customer.example`;
  await press('receiveMessage', { from, name: evil, subject: evil, text: `<b>"x"</b>${evil}`, cc: 'a<b@c.example' });
  const thread = portal.look().threads.find((one) => one.id !== seeded.threadId);
  const { contactIds, id } = portal.look().tickets.find((one) => one.id === thread?.ticketId) ?? {
    contactIds: [],
    id: '',
  };
  portal.sendMessage({ threadId: thread?.id ?? '', userId: seeded.agentId, text: evil });
  portal.sendMailboxEmail({
    from: 'ticket',
    ticketId: id,
    userId: seeded.agentId,
    to: from,
    subject: evil,
    text: evil,
  });
  const paths = [
    '',
    '/tickets',
    `/tickets/${id}`,
    `/threads/${thread?.id}`,
    '/contacts',
    `/contacts/${contactIds[0]}`,
    '/sent',
  ];
  for (const path of paths) {
    const page = await html(path);
    assert.match(page, /&#60;script&#62;alert/, path);
    assert.equal(page.includes('<script>alert') || page.includes('<b>"x"') || page.includes('a<b@'), false, path);
  }
});

test('a form of another site is refused, whatever it calls itself', async (t) => {
  const { emulator, portal, seeded } = await createSeeded(t);
  const { host, port } = new URL(emulator.url);
  const send = (headers: Record<string, string>, path: string) =>
    new Promise<number>((resolve, reject) => {
      const body = new URLSearchParams({ ticketId: seeded.ticketId, userId: seeded.agentId, stageId: '4' }).toString();
      const all = { host, 'content-type': 'application/x-www-form-urlencoded', ...headers };
      const sent = request({ port, path, method: 'POST', headers: all }, (answered) => {
        answered.resume().on('end', () => resolve(answered.statusCode ?? 0));
      });
      sent.on('error', reject).end(body);
    });
  for (const path of [
    `/portals/${seeded.portalId}/moveTicket`,
    `/emulator/portals/${seeded.portalId}/moveTicket`,
    '/laboratory/quirks',
  ]) {
    assert.equal(await send({ origin: 'https://evil.example' }, path), 403);
    assert.equal(await send({ origin: 'null' }, path), 403);
    assert.equal(await send({ 'sec-fetch-site': 'cross-site' }, path), 403);
    // A name that was made to lead to this machine.
    assert.equal(await send({ host: 'evil.example', origin: 'http://evil.example' }, path), 403);
  }
  assert.equal(portal.stage(seeded.ticketId), '1');
  const own = { origin: emulator.url, 'sec-fetch-site': 'same-origin' };
  assert.equal(await send(own, `/portals/${seeded.portalId}/moveTicket`), 303);
  assert.equal(portal.stage(seeded.ticketId), '4');
});

test('a form leads back to a page of its portal and nowhere else', async (t) => {
  const { press, seeded } = await createSeeded(t);
  const root = `/portals/${seeded.portalId}`;
  const back = async (to: string) => {
    const answered = await press('addContact', { email: 'new@customer.example', back: to });
    return answered.headers.get('location');
  };
  assert.equal(await back(`${root}/tickets?pipeline=0`), `${root}/tickets?pipeline=0`);
  for (const wrong of [
    'https://evil.example',
    '//evil.example',
    `${root}.evil.example`,
    `${root}@evil.example`,
    '/portals/2',
  ])
    assert.equal(await back(wrong), root, wrong);
});
