// What every address answers to requests that fit nowhere, and the headers every answer carries.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { openBrowser, startWebHalf, type WebHalf } from './web-half.ts';

let web: WebHalf;

before(async () => {
  web = await startWebHalf();
});
after(() => web.close());

/** Sends bytes as they are, for what fetch would not send; answers the status line. */
function sendRaw(text: string, url = web.url): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.includes('\r\n\r\n')) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
  });
}

async function isAlive(): Promise<void> {
  assert.equal((await fetch(`${web.url}/health`)).status, 200);
}

test('an unknown address is a plain page for people and JSON for programs', async () => {
  const { visit } = openBrowser();
  const page = await visit(`${web.url}/nowhere`);
  assert.equal(page.status, 404);
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
  const json = await fetch(`${web.url}/nowhere`, { headers: { Accept: 'application/json' } });
  assert.equal(json.status, 404);
  assert.deepEqual(await json.json(), { error: { code: 'not-found', message: 'There is nothing here.' } });
  for (const path of ['/webhooks', '/webhooks/hubspot/more', '/hubspot/card/more', '/metrics/more', '/health/x']) {
    const answer = await visit(web.url + path);
    assert.equal(answer.status, 404, path);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, path);
  }
});

test('a known address answers a method it does not take with 405 and Allow', async () => {
  const known: [path: string, method: string, allow: string][] = [
    ['/', 'POST', 'GET, HEAD'],
    ['/settings', 'DELETE', 'GET, HEAD, POST'],
    ['/settings/forget', 'PUT', 'GET, HEAD, POST'],
    ['/settings/actions', 'PUT', 'GET, HEAD, POST'],
    ['/settings/preview', 'DELETE', 'GET, HEAD, POST'],
    ['/settings/versions', 'POST', 'GET, HEAD'],
    ['/settings/restore', 'PUT', 'GET, HEAD, POST'],
    ['/settings/webhook-secret', 'DELETE', 'GET, HEAD, POST'],
    ['/activity', 'POST', 'GET, HEAD'],
    ['/tickets/12', 'PUT', 'GET, HEAD'],
    ['/privacy', 'POST', 'GET, HEAD'],
    ['/disconnected', 'POST', 'GET, HEAD'],
    ['/oauth/install', 'POST', 'GET, HEAD'],
    ['/oauth/callback', 'HEAD', 'GET'],
    ['/oauth/callback', 'POST', 'GET'],
    ['/oauth/disconnect', 'GET', 'POST'],
    ['/health', 'POST', 'GET, HEAD'],
    ['/ready', 'DELETE', 'GET, HEAD'],
    ['/metrics', 'POST', 'GET, HEAD'],
  ];
  for (const [path, method, allow] of known) {
    const response = await fetch(web.url + path, { method });
    assert.equal(response.status, 405, `${method} ${path}`);
    assert.equal(response.headers.get('allow'), allow, path);
  }
});

test('every answer forbids framing and foreign content, names a correlation id and no framework', async () => {
  for (const path of ['/', '/nowhere', '/health', '/api/settings', '/public/baton.css', '/webhooks/hubspot']) {
    const { headers } = await fetch(web.url + path);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /unsafe/, path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(headers.get('x-correlation-id') ?? '', /^[0-9a-f-]{36}$/, path);
    assert.equal(headers.get('x-powered-by'), null, path);
    assert.equal(headers.get('strict-transport-security'), null, path);
  }
});

test('malformed addresses are 4xx', async () => {
  const { visit } = openBrowser();
  for (const path of [
    '/%',
    '/tickets/%zz',
    '/tickets/%E0%A4%A',
    '/public/%zz',
    '/public/../package.json',
    '/public/%2e%2e%2fpackage.json',
    '/public/%00',
    '/?a[b]=%',
    '/..%2f..%2fetc',
  ]) {
    const response = await visit(web.url + path);
    if (path.startsWith('/?')) assert.equal(response.status, 200, path);
    else assert.ok(response.status >= 400 && response.status < 500, `${path} ${response.status}`);
    assert.doesNotMatch(await response.text(), /node_modules|at .*\.ts/, path);
  }
  await isAlive();
});

test('requests no client library would send are 4xx and do no harm', async () => {
  const host = 'Host: 127.0.0.1\r\n';
  const requests = {
    'no HTTP at all': 'hello\r\n\r\n',
    'an address that is no address': `GET ?nowhere HTTP/1.1\r\n${host}\r\n`,
    'an address of another host': `GET http://other.example/nowhere HTTP/1.1\r\n${host}\r\n`,
    'two slashes': `GET //nowhere//x HTTP/1.1\r\n${host}\r\n`,
    'an unknown method': `BREW / HTTP/1.1\r\n${host}\r\n`,
    'a contradictory length': `POST /webhooks/hubspot HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'a bad length': `POST /webhooks/hubspot HTTP/1.1\r\n${host}Content-Length: many\r\n\r\n`,
    'huge headers': `GET / HTTP/1.1\r\n${host}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
    'a bad cookie': `GET /nowhere HTTP/1.1\r\n${host}Cookie: baton=s%3A%zz.%; =;;; __proto__=1\r\n\r\n`,
    'a bad Accept': `GET /nowhere HTTP/1.1\r\n${host}Accept: ;;;q=x,,/\r\nAccept-Language: ;;q=\r\n\r\n`,
  };
  for (const [what, text] of Object.entries(requests)) {
    assert.match(await sendRaw(text), /^HTTP\/1\.1 4\d\d /, what);
  }
  await isAlive();
});

test('addresses that begin with two slashes and name no host are answered as pages', async () => {
  for (const path of ['//', '///', '//:99999', '//[', '//a:b@/x', 'http://[/']) {
    const status = await sendRaw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n`);
    assert.match(status, /^HTTP\/1\.1 (200|40\d) /, path);
  }
  await isAlive();
});

test('a client that goes away in the middle of its body is nobody’s fault', async () => {
  const { hostname, port } = new URL(web.url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write('POST /webhooks/hubspot HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[');
      setTimeout(() => socket.destroy(), 50);
    });
    socket.on('close', () => resolve());
  });
  await isAlive();
  assert.deepEqual(
    web.lines.filter((line) => line.level === 'error'),
    [],
  );
});

test('a page behind the session sends to the sign-in, the JSON API says 401', async () => {
  const { visit } = openBrowser();
  for (const path of ['/settings', '/activity', '/tickets/12', '/settings?pipeline=0']) {
    const response = await visit(web.url + path);
    assert.equal(response.status, 302, path);
    assert.equal(response.headers.get('location'), '/oauth/install', path);
  }
  const posted = await visit(`${web.url}/settings`, { method: 'POST', body: new URLSearchParams({ a: '1' }) });
  assert.equal(posted.headers.get('location'), '/oauth/install');
  for (const [method, path] of [
    ['GET', '/api/settings'],
    ['PUT', '/api/settings'],
    ['GET', '/api/records'],
    ['GET', '/api/unknown'],
    ['POST', '/API/settings'],
  ] as const) {
    const response = await visit(web.url + path, { method });
    assert.equal(response.status, 401, `${method} ${path}`);
    const body = (await response.json()) as { error: { code: string } };
    assert.equal(body.error.code, 'no-session');
  }
});

test('a visitor without a session gets no cookie and leaves no row', async () => {
  const { visit, cookies } = openBrowser();
  for (const path of ['/', '/privacy', '/disconnected', '/nowhere', '/settings', '/api/settings'])
    await visit(web.url + path);
  assert.deepEqual([...cookies.keys()], []);
});

test('the stylesheet is public, folders and files outside are not', async () => {
  const css = await fetch(`${web.url}/public/baton.css`);
  assert.equal(css.status, 200);
  assert.match(css.headers.get('content-type') ?? '', /^text\/css/);
  assert.equal((await fetch(`${web.url}/public/`)).status, 404);
  assert.equal((await fetch(`${web.url}/public`)).status, 404);
});

test('the 121st sign-in of a minute from one address is 429, whatever X-Forwarded-For it claims', async () => {
  const own = await startWebHalf();
  try {
    const statuses: number[] = [];
    for (let i = 0; i < 121; i += 1) {
      const response = await fetch(`${own.url}/oauth/callback`, { headers: { 'X-Forwarded-For': `10.0.0.${i}` } });
      statuses.push(response.status);
    }
    assert.deepEqual(statuses.slice(0, 120), Array(120).fill(400));
    assert.equal(statuses[120], 429);
    const refused = await fetch(`${own.url}/oauth/callback`);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal((await fetch(`${own.url}/privacy`)).status, 200);
  } finally {
    await own.close();
  }
});

test('behind https the last hop names the client, cookies are host-bound and https is remembered', async () => {
  const own = await startWebHalf({ config: { publicUrl: 'https://baton.example' } });
  try {
    const statuses = new Set<number>();
    for (let i = 0; i < 130; i += 1) {
      // What the client itself claims stands in front of what our proxy adds.
      const headers = { 'X-Forwarded-For': `1.1.1.1, 10.0.0.${i}`, 'X-Forwarded-Proto': 'https' };
      statuses.add((await fetch(`${own.url}/oauth/callback`, { headers })).status);
    }
    assert.deepEqual([...statuses], [400]);
    const headers = { 'X-Forwarded-For': '10.1.0.1', 'X-Forwarded-Proto': 'https' };
    const started = await fetch(`${own.url}/oauth/install`, { headers, redirect: 'manual' });
    assert.match(started.headers.get('set-cookie') ?? '', /^__Host-baton=.*Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
    assert.match(started.headers.get('strict-transport-security') ?? '', /^max-age=31536000$/);
    assert.equal(own.lines.filter((line) => line.level === 'warn').length, 0);
    const unproxied = await fetch(`${own.url}/oauth/install`, { redirect: 'manual' });
    assert.equal(unproxied.headers.get('set-cookie'), null);
    assert.match(own.lines.find((line) => line.level === 'warn')?.message ?? '', /X-Forwarded-Proto: https/);
    const redirect = new URL(started.headers.get('location') ?? '').searchParams.get('redirect_uri');
    assert.equal(redirect, 'https://baton.example/oauth/callback');
  } finally {
    await own.close();
  }
});
