// The page on which a portal's webhook secret is made.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fillForm, readText } from './forms.ts';
import { portalId, type SignedInApp, startSignedInApp } from './signed-in-app.ts';

let app: SignedInApp;
before(async () => {
  app = await startSignedInApp();
});
after(() => app.close());

test('a new secret is shown once, on the answer to the request for it', async () => {
  const { html } = await app.request('/settings/webhook-secret');
  assert.doesNotMatch(html, /whsec_/);
  const { action, form } = fillForm(html, '/settings/webhook-secret');
  const answer = await app.request(action, { form });
  const shown = readText(/<code class="secret">([^<]*)<\/code>/.exec(answer.html)?.[1] ?? '');
  assert.match(shown, /^whsec_[A-Za-z0-9+/=]{32,}$/);
  assert.deepEqual((await app.db.webhookSecrets.getSigningSecrets(portalId))[0], shown);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.doesNotMatch((await app.request('/settings/webhook-secret')).html, /whsec_/);
});
