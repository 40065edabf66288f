// Stage actions and addresses in the settings: what an admin is told of each wrong field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChannelAccount } from '../../src/crm.ts';
import { parseSettings } from '../../src/rules/settings.ts';
import type { SettingsContext } from '../../src/rules/settings-issues.ts';
import { words } from '../../src/web/words/words.ts';
import { pipeline } from './sample-facts.ts';

const billing = { id: '5', label: 'Billing', stages: [{ id: '51', label: 'Open', closed: false }] };
const channelAccounts: ChannelAccount[] = [
  { id: '9001', channelId: '1002', inboxId: '1', name: 'Support' },
  { id: '9002', channelId: '1002', inboxId: '1', name: '' },
  { id: '9003', channelId: '1000', inboxId: '1', name: 'Chat' },
];

/** Path -> message; empty when the settings were taken. */
function findIssues(input: unknown, context: SettingsContext = {}): Record<string, string> {
  const parsed = parseSettings(input, [pipeline, billing], context);
  if ('settings' in parsed) return {};
  return Object.fromEntries(parsed.issues.map(({ path, message }) => [path, message]));
}

const thread = { id: 'a', kind: 'send-notification', via: 'thread', senderUserId: '7', body: 'Hi' };
const transactional = { id: 'a', kind: 'send-notification', via: 'transactional', emailId: 5 };
const task = { id: 'a', kind: 'create-task', subject: 'Call', dueInHours: 4, owner: 'ticket-owner' };
const note = { id: 'a', kind: 'add-note', body: 'Hi' };
const property = { id: 'a', kind: 'set-property', property: 'hs_ticket_priority', value: 'HIGH' };
const owner = { id: 'a', kind: 'assign-owner', ownerId: '42' };
const webhook = { id: 'a', kind: 'post-webhook', url: 'https://example.com/hook' };

const ofAction = (...actions: unknown[]) => ({ pipelines: { '0': { stageActions: { '1': actions } } } });

test('every kind of action is taken as PRODUCT.md 3 prints it, and the owner of a task has a default', () => {
  const kinds = [thread, transactional, task, note, property, owner, webhook];
  const named = kinds.map((action, index) => ({ ...action, id: `a${index}` }));
  assert.deepEqual(findIssues(ofAction(...named)), {});
  const { owner: _left, ...without } = task;
  const parsed = parseSettings(ofAction(without), [pipeline]);
  assert.ok('settings' in parsed);
  assert.deepEqual(parsed.settings.pipelines['0']?.stageActions['1'], [task]);
});

const hours = 'Use a number of hours from 0 to 8760.';
const email = 'Use the number of a HubSpot email, for example 123456.';
const actionId = 'Use an id of 1 to 64 letters, digits, hyphens and underscores.';
const wrongFields: [action: unknown, field: string, message: string][] = [
  [{ ...note, id: undefined }, 'id', 'Give the action an id.'],
  [{ ...note, id: 'a b' }, 'id', actionId],
  [{ ...note, id: 'x'.repeat(65) }, 'id', actionId],
  [
    { id: 'a', kind: 'send-fax' },
    'kind',
    'Choose a kind of action: send-notification, create-task, add-note, set-property, assign-owner or post-webhook.',
  ],
  [{ ...thread, via: 'fax' }, 'via', 'Choose how the notification goes out: "transactional" or "thread".'],
  [{ ...thread, senderUserId: 'Ada' }, 'senderUserId', 'Choose in whose name the mail goes out.'],
  [{ ...thread, senderUserId: undefined }, 'senderUserId', 'Choose in whose name the mail goes out.'],
  [{ ...thread, body: '' }, 'body', 'Write a text.'],
  [{ ...thread, body: ' \n' }, 'body', 'Write a text.'],
  [{ ...thread, body: 7 }, 'body', 'Write a text.'],
  [{ ...note, body: 'x'.repeat(10_001) }, 'body', 'Use at most 10000 characters.'],
  [{ ...transactional, emailId: 'welcome' }, 'emailId', email],
  [{ ...transactional, emailId: 0 }, 'emailId', email],
  [{ ...transactional, emailId: 1.5 }, 'emailId', email],
  [{ ...task, subject: 'x'.repeat(501) }, 'subject', 'Use at most 500 characters.'],
  [{ ...task, dueInHours: -1 }, 'dueInHours', hours],
  [{ ...task, dueInHours: 8761 }, 'dueInHours', hours],
  [{ ...task, dueInHours: '4' }, 'dueInHours', hours],
  [{ ...task, owner: 'me' }, 'owner', 'Choose "ticket-owner", "none" or the id of an owner.'],
  [
    { ...property, property: 'Priority' },
    'property',
    'Use the internal name of a ticket property, for example hs_ticket_priority.',
  ],
  [
    { ...property, property: 'hs_pipeline_stage' },
    'property',
    'An action cannot move the ticket: choose another property.',
  ],
  [{ ...property, property: 'hs_pipeline' }, 'property', 'An action cannot move the ticket: choose another property.'],
  [{ ...property, value: 5 }, 'value', 'Write the value as text.'],
  [{ ...property, value: 'x'.repeat(1_001) }, 'value', 'Use at most 1000 characters.'],
  [{ ...owner, ownerId: 'me' }, 'ownerId', 'Choose an owner.'],
  [{ ...webhook, url: 7 }, 'url', 'Write the address, for example https://example.com/hook.'],
  [{ ...webhook, url: 'example' }, 'url', 'This is no address. Write it whole, for example https://example.com/hook.'],
  [{ ...webhook, url: 'http://example.com/' }, 'url', 'Use an address that begins with https://.'],
  [{ ...webhook, url: 'ftp://127.0.0.1/' }, 'url', 'Use an address that begins with https://.'],
  [{ ...webhook, url: 'https://a:b@example.com/' }, 'url', 'Leave the name and password out of the address.'],
  [
    { ...webhook, url: 'https://192.168.0.1/' },
    'url',
    'This address lies inside a private network. Use one that can be reached from the internet.',
  ],
  [{ ...webhook, url: `https://example.com/${'x'.repeat(2_000)}` }, 'url', 'Use at most 2000 characters.'],
  [{ ...note, via: 'thread' }, 'via', 'Baton knows no setting of this name here. Correct the name or leave it out.'],
];

test('each wrong field of an action is told by its path, in words an admin can follow', () => {
  const at = (field: string) => `pipelines.0.stageActions.1.0.${field}`;
  for (const [action, field, message] of wrongFields) {
    assert.deepEqual(findIssues(ofAction(action)), { [at(field)]: message }, JSON.stringify(action).slice(0, 200));
  }
});

test('a stage takes 20 actions, and each action of a pipeline has an id of its own', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...note, id: `a${index}` }));
  assert.deepEqual(findIssues(ofAction(...many(20))), {});
  assert.deepEqual(findIssues(ofAction(...many(21))), {
    'pipelines.0.stageActions.1': 'Use at most 20 actions for a stage.',
  });
  assert.deepEqual(findIssues({ pipelines: { '0': { stageActions: { '1': [note], '2': [note] } } } }), {
    'pipelines.0.stageActions.2.0.id': 'Two actions of this pipeline have the id "a". Give each its own.',
  });
});

test('in production an action posts to the open internet only; elsewhere this very machine is allowed', () => {
  const local = ofAction({ ...webhook, url: 'http://127.0.0.1:8080/hook' });
  assert.deepEqual(findIssues(local), {});
  assert.deepEqual(Object.keys(findIssues(local, { production: true })), ['pipelines.0.stageActions.1.0.url']);
  assert.deepEqual(findIssues(ofAction(webhook), { production: true }), {});
});

const creation = (channelAccountIds: string[] | null, stageId: string | null) => ({
  newConversation: { enabled: true, stageId, channelAccountIds },
});

test('one address makes tickets in one pipeline only, and the other pipeline and the addresses are named', () => {
  const both = (first: string[] | null, second: string[] | null) =>
    findIssues({ pipelines: { '0': creation(first, '1'), '5': creation(second, '51') } }, { channelAccounts });
  const path = 'pipelines.5.newConversation.channelAccountIds';
  const said = (what: string) => ({
    [path]: `Pipeline "Support Pipeline" already creates tickets for ${what}. One address can create tickets in one pipeline only.`,
  });
  assert.deepEqual(both(['9001'], ['9002']), {});
  assert.deepEqual(both(null, ['9003']), {}, 'every email address leaves the chat free');
  assert.deepEqual(both(['9003'], null), {});
  assert.deepEqual(both(['9001', '9002'], ['9002', '9001']), said('"9002", "Support"'));
  assert.deepEqual(both(null, ['9001']), said('"Support"'));
  assert.deepEqual(both(['9001'], null), said('"Support"'));
  assert.deepEqual(both(null, null), said('every email address'));
});

test('an address is one HubSpot has, as far as it tells; a rule that is on needs one and a stage', () => {
  const path = 'pipelines.0.newConversation.channelAccountIds';
  const input = { pipelines: { '0': creation(['9001', '77'], '1') } };
  assert.deepEqual(findIssues(input), {});
  assert.deepEqual(findIssues(input, { channelAccounts }), {
    [`${path}.1`]: 'Channel account "77" does not exist in HubSpot. Take it out.',
  });
  assert.deepEqual(findIssues({ pipelines: { '0': creation([], null) } }), {
    [path]: 'Choose at least one address, or null for all of them.',
    'pipelines.0.newConversation.stageId': 'Choose a stage, or switch this rule off.',
  });
});

test('new conversations without any channel are refused in the words of the settings page', () => {
  const channels: string[] = [];
  assert.deepEqual(findIssues({ channels, pipelines: { '0': creation(null, '1') } }), {
    channels: words.en.settings.issues.channelNone,
  });
  assert.deepEqual(findIssues({ channels }), {});
});
