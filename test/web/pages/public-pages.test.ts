// The pages anyone may open, the choice of language, and what every page has in common.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type SignedInApp, startSignedInApp } from './signed-in-app.ts';

let app: SignedInApp;
before(async () => {
  app = await startSignedInApp();
});
after(() => app.close());

const nobody = 'none=1';
const publicPaths = ['/', '/privacy', '/disconnected'];

test('landing, privacy and farewell open without a session, in both languages', async () => {
  for (const path of publicPaths) {
    for (const language of ['en', 'fr']) {
      const { status, headers, html } = await app.request(path, { cookie: nobody, language });
      assert.equal(status, 200);
      assert.equal(headers.get('content-language'), language);
      assert.match(html, new RegExp(`<html lang="${language}">`));
      assert.doesNotMatch(html, /undefined|\[object|href="\/settings"/);
    }
  }
  assert.match((await app.request('/', { cookie: nobody })).html, /href="\/oauth\/install"/);
});

test('nobody who is signed in is told that Baton is disconnected', async () => {
  const { status, headers } = await app.request('/disconnected');
  assert.equal(status, 302);
  assert.equal(headers.get('location'), '/settings');
});

test('the pages of a portal lead to the sign-in without a session', async () => {
  for (const path of ['/settings', '/activity', '/tickets/1']) {
    const { status, headers } = await app.request(path, { cookie: nobody });
    assert.equal(status, 302);
    assert.equal(headers.get('location'), '/oauth/install');
  }
});

test('the pages of a portal are never kept by a cache', async () => {
  for (const path of ['/settings', '/activity', '/']) {
    assert.equal((await app.request(path)).headers.get('cache-control'), 'no-store');
  }
});

test('no page needs a script or a style of its own, and none is left half filled', async () => {
  for (const path of ['/', '/privacy', '/settings', '/activity', '/tickets/1']) {
    for (const language of ['en', 'fr']) {
      const { html } = await app.request(path, { language });
      assert.doesNotMatch(html, /<style|style="|<script(?! src="\/public\/)| on[a-z]+="|javascript:/);
      assert.doesNotMatch(html, /undefined|\[object|NaN/);
    }
  }
});

test('a language asked for is remembered, and outweighs the browser’s', async () => {
  const asked = await app.request('/?lang=fr', { cookie: nobody, language: 'en' });
  assert.match(asked.html, /<html lang="fr">/);
  const cookie = asked.headers.getSetCookie().find((each) => each.startsWith('lang='));
  assert.match(cookie ?? '', /^lang=fr; .*HttpOnly; SameSite=Lax/);
  const later = await app.request('/', { cookie: 'lang=fr', language: 'en' });
  assert.match(later.html, /<html lang="fr">/);
  const unknown = await app.request('/?lang=tlh', { cookie: nobody, language: 'en' });
  assert.match(unknown.html, /<html lang="en">/);
  assert.equal(
    unknown.headers.getSetCookie().some((each) => each.startsWith('lang=')),
    false,
  );
  assert.match((await app.request('/', { cookie: 'lang=tlh', language: 'ja' })).html, /<html lang="en">/);
});

test('the links to the other language keep what the page shows, and never leave the site', async () => {
  const { html } = await app.request('/activity?ticketId=900&saved=3');
  assert.match(html, /href="\/activity\?ticketId=900&amp;lang=fr"/);
  for (const path of ['//evil.example/', '/\\evil.example', '///evil.example//x']) {
    const answer = await app.request(path);
    assert.doesNotMatch(answer.html, /href="(\/[/\\]|[a-z]+:\/\/)/i, path);
  }
});

test('an unknown address is a page in the language of the reader', async () => {
  const { status, html } = await app.request('/nowhere', { language: 'fr' });
  assert.equal(status, 404);
  assert.match(html, /Il n’y a pas de page à cette adresse/);
});
