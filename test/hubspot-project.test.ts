// The HubSpot project, read by HubSpot's own parsing library, asks for exactly what the code uses and handles.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  getProjectMetadata,
  LATEST_SUPPORTED_PLATFORM_VERSION,
  parseProjectConfig,
} from '@hubspot/project-parsing-lib/projects';
import { translate } from '@hubspot/project-parsing-lib/translate';
import { z } from 'zod';
import { optionalScopes, requiredScopes } from '../src/hubspot/scopes.ts';
import { subscriptions } from '../src/hubspot/subscriptions.ts';

const folder = fileURLToPath(new URL('../hubspot', import.meta.url));
const project = parseProjectConfig(folder);
const sources = `${folder}/${project.srcDir}`;

// Strict: a key HubSpot does not know fails the upload, whose schema only HubSpot has.
const appSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().min(1),
  distribution: z.literal('marketplace'),
  auth: z.strictObject({
    type: z.literal('oauth'),
    redirectUrls: z.array(z.url()),
    requiredScopes: z.array(z.string()),
    optionalScopes: z.array(z.string()),
    conditionallyRequiredScopes: z.array(z.string()),
  }),
  permittedUrls: z.strictObject({ fetch: z.array(z.url()), iframe: z.array(z.url()), img: z.array(z.url()) }),
  support: z.strictObject({ supportEmail: z.email(), documentationUrl: z.url(), supportUrl: z.url() }),
});
const active = z.literal(true);
const webhooksSchema = z.strictObject({
  settings: z.strictObject({ targetUrl: z.url(), maxConcurrentRequests: z.int().min(6) }),
  subscriptions: z.strictObject({
    crmObjects: z.array(
      z.strictObject({
        subscriptionType: z.string(),
        objectType: z.string(),
        propertyName: z.string().optional(),
        active,
      }),
    ),
    legacyCrmObjects: z.array(z.never()),
    hubEvents: z.array(z.strictObject({ subscriptionType: z.string(), active })),
  }),
});

const cardSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().min(1),
  location: z.literal('crm.record.sidebar'),
  entrypoint: z.string().startsWith('/app/cards/'),
  objectTypes: z.array(z.string()),
});

async function readComponents(): Promise<Record<string, { uid: string; config: unknown }>> {
  // Validation fetches its schema from HubSpot: `hs project validate` does that with an account.
  const { intermediateRepresentation, skippedHsMetaFiles } = await translate(
    { projectSourceDir: sources, platformVersion: project.platformVersion },
    { skipValidation: true },
  );
  assert.deepEqual(skippedHsMetaFiles, []);
  const nodes = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid);
  return Object.fromEntries(nodes.map((node) => [node.componentType, node]));
}
const components = await readComponents();
const app = appSchema.parse(components.APPLICATION?.config);
const webhooks = webhooksSchema.parse(components.WEBHOOKS?.config);

test('the project holds one app, one webhooks component and one card, on a platform version HubSpot accepts', async () => {
  assert.equal(project.platformVersion, LATEST_SUPPORTED_PLATFORM_VERSION);
  assert.deepEqual(Object.keys(components).sort(), ['APPLICATION', 'CARD', 'WEBHOOKS']);
  const { hsMetaFiles } = await getProjectMetadata(sources);
  assert.equal(hsMetaFiles.length, 3);
});

test('the app asks for the scopes the code asks for', () => {
  assert.deepEqual(app.auth.requiredScopes, [...requiredScopes]);
  assert.deepEqual(app.auth.optionalScopes, [...optionalScopes]);
});

test('HubSpot sends people and webhooks to routes Baton serves, all on one origin', () => {
  const [live, local, ...others] = app.auth.redirectUrls.map((url) => new URL(url));
  assert.deepEqual(others, []);
  assert.equal(live?.protocol, 'https:');
  assert.equal(live?.pathname, '/oauth/callback');
  assert.equal(local?.href, 'http://localhost:3000/oauth/callback'); // the default PUBLIC_URL
  assert.equal(webhooks.settings.targetUrl, `${live?.origin}/webhooks/hubspot`);
});

test('the card stands on tickets, and asks a route Baton serves on the origin HubSpot may fetch from', async () => {
  const card = cardSchema.parse(components.CARD?.config);
  assert.deepEqual(card.objectTypes, ['tickets']);
  const source = await readFile(`${sources}${card.entrypoint}`, 'utf8');
  const [origin, ...others] = app.permittedUrls.fetch;
  assert.deepEqual(others, []);
  assert.equal(origin, new URL(app.auth.redirectUrls[0] ?? '').origin);
  assert.match(source, new RegExp(`const origin = '${origin}';`));
  assert.match(source, /\/hubspot\/card\?/);
});

test('the subscriptions are those the code understands', () => {
  const strip = <T extends { active: boolean }>({ active: _, ...rest }: T) => rest;
  assert.deepEqual(webhooks.subscriptions.crmObjects.map(strip), subscriptions.crmObjects);
  assert.deepEqual(webhooks.subscriptions.legacyCrmObjects, subscriptions.legacyCrmObjects);
  assert.deepEqual(webhooks.subscriptions.hubEvents.map(strip), subscriptions.hubEvents);
});
