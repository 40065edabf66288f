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
import { sendNotification } from '../src/rules/stage-actions.ts';
import { workflowActionNames } from '../src/web/workflow-actions.ts';

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

const labelsSchema = z.strictObject({
  actionName: z.string().min(1),
  actionDescription: z.string().min(1),
  actionCardContent: z.string().min(1),
  inputFieldLabels: z.record(z.string(), z.string().min(1)).default({}),
  inputFieldDescriptions: z.record(z.string(), z.string().min(1)).default({}),
});
// The enums of PLATFORM.md 7.2, as far as they are used.
const workflowActionSchema = z.strictObject({
  actionUrl: z.url(),
  isPublished: z.literal(true),
  supportedClients: z.tuple([z.strictObject({ client: z.literal('WORKFLOWS') })]),
  inputFields: z.array(
    z.strictObject({
      typeDefinition: z.strictObject({
        name: z.string(),
        type: z.enum(['string', 'number', 'enumeration']),
        fieldType: z.enum(['select', 'text', 'textarea', 'number']),
        options: z.array(z.strictObject({ value: z.string(), label: z.string().min(1) })).optional(),
      }),
      supportedValueTypes: z.tuple([z.literal('STATIC_VALUE')]),
      isRequired: z.boolean(),
    }),
  ),
  labels: z.strictObject({ en: labelsSchema, fr: labelsSchema }),
  objectTypes: z.tuple([z.literal('TICKET')]),
});

type Component = { componentType: string; uid: string; config: unknown };

async function readComponents(): Promise<Component[]> {
  // Validation fetches its schema from HubSpot: `hs project validate` does that with an account.
  const { intermediateRepresentation, skippedHsMetaFiles } = await translate(
    { projectSourceDir: sources, platformVersion: project.platformVersion },
    { skipValidation: true },
  );
  assert.deepEqual(skippedHsMetaFiles, []);
  return Object.values(intermediateRepresentation.intermediateNodesIndexedByUid);
}
const components = await readComponents();
const configsOf = (type: string): unknown[] =>
  components.filter(({ componentType }) => componentType === type).map(({ config }) => config);
const app = appSchema.parse(configsOf('APPLICATION')[0]);
const webhooks = webhooksSchema.parse(configsOf('WEBHOOKS')[0]);

test('the project holds an app, its webhooks, a card and two workflow actions, on a platform version HubSpot accepts', async () => {
  assert.equal(project.platformVersion, LATEST_SUPPORTED_PLATFORM_VERSION);
  assert.deepEqual(components.map(({ componentType }) => componentType).sort(), [
    'APPLICATION',
    'CARD',
    'WEBHOOKS',
    'WORKFLOW_ACTION',
    'WORKFLOW_ACTION',
  ]);
  const { hsMetaFiles } = await getProjectMetadata(sources);
  assert.equal(hsMetaFiles.length, 5);
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
  const card = cardSchema.parse(configsOf('CARD')[0]);
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

test('each workflow action stands on tickets, calls the route Baton serves for it, and is labelled in English and French', () => {
  const actions = configsOf('WORKFLOW_ACTION').map((config) => workflowActionSchema.parse(config));
  const { origin } = new URL(webhooks.settings.targetUrl);
  assert.deepEqual(
    actions.map(({ actionUrl }) => actionUrl).sort(),
    workflowActionNames.map((name) => `${origin}/hubspot/workflow-actions/${name}`).sort(),
  );
  for (const { inputFields, labels } of actions) {
    const names = inputFields.map(({ typeDefinition }) => typeDefinition.name);
    for (const each of [labels.en, labels.fr]) {
      assert.deepEqual(Object.keys(each.inputFieldLabels), names);
      assert.deepEqual(Object.keys(each.inputFieldDescriptions), names);
    }
  }
});

test('the fields of the notification are those the route reads, and a field that one way needs is asked of both as optional', () => {
  const [notification] = configsOf('WORKFLOW_ACTION')
    .map((config) => workflowActionSchema.parse(config))
    .filter(({ actionUrl }) => actionUrl.endsWith('/send-notification'));
  const ways = sendNotification.options.map(({ shape }) => shape);
  const fields = new Map(
    notification?.inputFields.map(({ typeDefinition, ...rest }) => [
      typeDefinition.name,
      { ...typeDefinition, ...rest },
    ]),
  );
  const known = ways.flatMap((shape) => Object.keys(shape)).filter((name) => name !== 'id' && name !== 'kind');
  assert.deepEqual([...fields.keys()].sort(), [...new Set(known)].sort());
  assert.deepEqual(
    fields
      .get('via')
      ?.options?.map(({ value }) => value)
      .sort(),
    ways.map(({ via }) => via.value).sort(),
  );
  for (const [name, { isRequired }] of fields) assert.equal(isRequired, name === 'via');
});
