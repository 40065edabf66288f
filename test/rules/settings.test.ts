// One portal's settings: defaults, what an admin is told of each wrong field, and what differs between two versions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pipeline } from '../../src/crm.ts';
import { defaultSettings, diffSettings, parseSettings, rulesOf, type Settings } from '../../src/rules/settings.ts';
import { pipeline } from './sample-facts.ts';

const sales: Pipeline = { id: 'p-9', label: 'Sales "VIP"', stages: [{ id: '90', label: 'Hot', closed: false }] };
const pipelines = [pipeline, sales];
const noSuchName = 'Baton knows no setting of this name here. Correct the name or leave it out.';

function accept(input: unknown): Settings {
  const parsed = parseSettings(input, pipelines);
  assert.ok('settings' in parsed, JSON.stringify(parsed));
  return parsed.settings;
}

/** Path -> message. */
function refuse(input: unknown): Record<string, string> {
  const parsed = parseSettings(input, pipelines);
  assert.ok('issues' in parsed, 'the settings were taken');
  return Object.fromEntries(parsed.issues.map(({ path, message }) => [path, message]));
}

function note(id: string) {
  return { id, kind: 'add-note', body: 'x' } as const;
}

function ofPipeline(rules: unknown) {
  return { pipelines: { '0': rules } };
}

const printed: Settings = {
  paused: false,
  shadow: false,
  channels: ['1002'],
  pipelines: {
    '0': {
      newConversation: { enabled: false, stageId: null, channelAccountIds: null, graceSeconds: 60 },
      outgoing: { enabled: false, stageId: null, fromStageIds: null },
      incoming: {
        enabled: false,
        stageId: null,
        fromStageIds: null,
        anySender: true,
        closed: { policy: 'within', days: 14, otherwise: 'new-ticket' },
      },
      stageActions: {},
    },
  },
  guards: { automaticReplies: true, thanksKeepsClosed: false, movesPerTicketPerHour: 10 },
  mailbox: { evidence: 'auto' },
};

test('an absent key takes its default as PRODUCT.md 3 prints it, the toggles off', () => {
  assert.deepEqual(accept({}), { ...printed, pipelines: {} });
  assert.deepEqual(accept({}), defaultSettings);
  assert.deepEqual(accept(ofPipeline({})), printed);
  assert.deepEqual(rulesOf(defaultSettings, '0'), printed.pipelines['0']);
});

test('settings that were taken are taken again unchanged', () => {
  const settings = accept({
    paused: true,
    channels: [],
    pipelines: {
      '0': {
        outgoing: { enabled: true, stageId: '2', fromStageIds: ['1', '3'] },
        incoming: { enabled: true, stageId: '4', closed: { policy: 'never', days: 3650, otherwise: 'leave' } },
        stageActions: { '1': [] },
      },
      'p-9': { outgoing: { stageId: '90' } },
    },
    guards: { movesPerTicketPerHour: 1 },
    mailbox: { evidence: 'associated' },
  });
  assert.deepEqual(accept(JSON.parse(JSON.stringify(settings))), settings);
  assert.equal(settings.pipelines['0']?.incoming.stageId, '4', 'a closed stage may be the target');
});

test('each wrong value is told by its path and in plain words', () => {
  const onOrOff = 'Use true for on or false for off.';
  const idAsText = 'Use an id as text, for example "2".';
  const list = 'Use a list, for example ["1", "2"].';
  const named = 'Use an object with named values.';
  const channel = 'Use a channel id of 1 to 10 digits, for example "1002" for email.';
  const choice = 'Choose "auto", "associated", "fingerprint" or "off".';
  const cases: [unknown, Record<string, string>][] = [
    [null, { '': named }],
    ['paused', { '': named }],
    [[], { '': named }],
    [
      { paused: 'yes', shadow: null },
      { paused: onOrOff, shadow: onOrOff },
    ],
    [{ channels: '1002' }, { channels: list }],
    [{ channels: [1002, 'email', ''] }, { 'channels.0': idAsText, 'channels.1': channel, 'channels.2': channel }],
    [{ channels: Array(51).fill('1002') }, { channels: 'Use at most 50 entries.' }],
    [{ pipelines: [] }, { pipelines: 'Use an object whose keys are ids.' }],
    [{ pipelines: { '': {} } }, { 'pipelines.': 'This is no id: use 1 to 64 characters.' }],
    [ofPipeline(null), { 'pipelines.0': named }],
    [ofPipeline({ outgoing: true }), { 'pipelines.0.outgoing': named }],
    [ofPipeline({ outgoing: { stageId: 2 } }), { 'pipelines.0.outgoing.stageId': idAsText }],
    [ofPipeline({ outgoing: { stageId: '' } }), { 'pipelines.0.outgoing.stageId': 'This must not be empty.' }],
    [
      ofPipeline({ outgoing: { stageId: 'x'.repeat(65) } }),
      { 'pipelines.0.outgoing.stageId': 'Use at most 64 characters.' },
    ],
    [ofPipeline({ incoming: { fromStageIds: '1' } }), { 'pipelines.0.incoming.fromStageIds': list }],
    [
      ofPipeline({ incoming: { fromStageIds: Array(101).fill('1') } }),
      { 'pipelines.0.incoming.fromStageIds': 'Use at most 100 entries.' },
    ],
    [ofPipeline({ incoming: { anySender: 1 } }), { 'pipelines.0.incoming.anySender': onOrOff }],
    [
      ofPipeline({ incoming: { closed: { policy: 'sometimes', days: 0, otherwise: 'reopen' } } }),
      {
        'pipelines.0.incoming.closed.policy': 'Choose one of: always, within, never.',
        'pipelines.0.incoming.closed.days': 'Use a whole number from 1 to 3650.',
        'pipelines.0.incoming.closed.otherwise': 'Choose one of: leave, new-ticket.',
      },
    ],
    [
      ofPipeline({ newConversation: { graceSeconds: 3601 } }),
      { 'pipelines.0.newConversation.graceSeconds': 'Use a whole number from 0 to 3600.' },
    ],
    [ofPipeline({ stageActions: { '1': {} } }), { 'pipelines.0.stageActions.1': list }],
    [
      { guards: null, mailbox: 7 },
      { guards: named, mailbox: named },
    ],
    [{ mailbox: { evidence: 'maybe' } }, { 'mailbox.evidence': choice }],
    [{ mailbox: { evidence: null } }, { 'mailbox.evidence': choice }],
  ];
  for (const [input, issues] of cases) assert.deepEqual(refuse(input), issues, JSON.stringify(input));
});

test('every number must be whole and within its limits', () => {
  for (const value of [0, 1001, -1, 1.5, '5', null, Number.NaN, Number.POSITIVE_INFINITY, 1e300, true]) {
    const issues = { 'guards.movesPerTicketPerHour': 'Use a whole number from 1 to 1000.' };
    assert.deepEqual(refuse({ guards: { movesPerTicketPerHour: value } }), issues, String(value));
  }
  for (const value of [1, 1000]) accept({ guards: { movesPerTicketPerHour: value } });
});

test('a key Baton does not know is refused by the path to it', () => {
  const deep = ofPipeline({ incoming: { closed: { hours: 3 } }, inkoming: {} });
  assert.deepEqual(refuse({ ...deep, payload: 1 }), {
    'pipelines.0.incoming.closed.hours': noSuchName,
    'pipelines.0.inkoming': noSuchName,
    payload: noSuchName,
  });
  assert.deepEqual(refuse({ guards: { automaticreplies: true } }), { 'guards.automaticreplies': noSuchName });
});

test('keys that mean something to JavaScript are keys nobody knows, and change nothing', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'prototype']) {
    const value = `{"${key}":{"paused":true,"enabled":true}}`;
    const paths = [
      [value, key],
      [`{"guards":${value}}`, `guards.${key}`],
      [`{"pipelines":{"${key}":{}}}`, `pipelines.${key}`],
      [`{"pipelines":{"0":${value}}}`, `pipelines.0.${key}`],
      [
        `{"pipelines":{"0":{"stageActions":{"${key}":[{"id":"a","kind":"add-note","body":"x"}]}}}}`,
        `pipelines.0.stageActions.${key}`,
      ],
    ] as const;
    for (const [text, path] of paths) assert.deepEqual(Object.keys(refuse(JSON.parse(text))), [path], text);
  }
  assert.equal(({} as { paused?: boolean }).paused, undefined);
  assert.deepEqual(rulesOf(defaultSettings, 'constructor'), printed.pipelines['0']);
  assert.deepEqual(rulesOf(defaultSettings, '__proto__'), printed.pipelines['0']);
});

test('a pipeline that HubSpot does not have is refused by name', () => {
  assert.deepEqual(refuse({ pipelines: { '77': {} } }), {
    'pipelines.77': 'Pipeline "77" does not exist in HubSpot. Take its rules out.',
  });
  assert.ok('issues' in parseSettings(ofPipeline({}), []));
});

test('a stage that HubSpot does not have is refused by path and name, also in a rule that is off', () => {
  const gone = 'Stage "99" does not exist in HubSpot. Choose a stage of pipeline "Support Pipeline".';
  const rules = {
    newConversation: { stageId: '99' },
    outgoing: { enabled: true, stageId: '99', fromStageIds: ['1', '99'] },
    incoming: { stageId: '99' },
    stageActions: { '99': [note('a1')] },
  };
  assert.deepEqual(refuse(ofPipeline(rules)), {
    'pipelines.0.newConversation.stageId': gone,
    'pipelines.0.outgoing.stageId': gone,
    'pipelines.0.outgoing.fromStageIds.1': gone,
    'pipelines.0.incoming.stageId': gone,
    'pipelines.0.stageActions.99': gone,
  });
});

test('a stage of another pipeline is refused, and both pipelines are named', () => {
  assert.deepEqual(refuse(ofPipeline({ outgoing: { enabled: true, stageId: '90' } })), {
    'pipelines.0.outgoing.stageId':
      'Stage "90" ("Hot") belongs to pipeline "Sales "VIP"". Choose a stage of pipeline "Support Pipeline".',
  });
});

test('a rule that is on needs a stage, and at least one stage to move from where it names any', () => {
  assert.deepEqual(refuse(ofPipeline({ outgoing: { enabled: true }, incoming: { enabled: true, stageId: null } })), {
    'pipelines.0.outgoing.stageId': 'Choose a stage, or switch this rule off.',
    'pipelines.0.incoming.stageId': 'Choose a stage, or switch this rule off.',
  });
  assert.deepEqual(refuse(ofPipeline({ incoming: { enabled: true, stageId: '3', fromStageIds: [] } })), {
    'pipelines.0.incoming.fromStageIds': 'Choose at least one stage to move tickets from, or null for any stage.',
  });
  accept(ofPipeline({ incoming: { enabled: false, fromStageIds: [] } }));
});

test('`fingerprint` can be chosen only where a check has found one', () => {
  const input = { mailbox: { evidence: 'fingerprint' } };
  assert.deepEqual(refuse(input), {
    'mailbox.evidence':
      '"fingerprint" can be chosen only after a mailbox check has found one, and none has. Choose "auto", "associated" or "off".',
  });
  assert.ok('settings' in parseSettings(input, pipelines, { fingerprintFound: true }));
});

test('a document of huge size is answered with at most 100 short issues', () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, {}]));
  assert.deepEqual(refuse({ pipelines: many }), { pipelines: 'Use at most 200 entries.' });
  assert.deepEqual(refuse(ofPipeline({ stageActions: many })), {
    'pipelines.0.stageActions': 'Use at most 100 entries.',
  });
  assert.equal(Object.keys(refuse(many)).length, 100);
  assert.deepEqual(refuse({ ['x'.repeat(100_000)]: 1 }), { ['x'.repeat(64)]: noSuchName });
  let deep: unknown = 0;
  for (let depth = 0; depth < 20_000; depth += 1) deep = { deep };
  assert.deepEqual(refuse({ deep, guards: { automaticReplies: deep } }), {
    deep: noSuchName,
    'guards.automaticReplies': 'Use true for on or false for off.',
  });
});

test('whatever is given, there is an answer in words: never an exception, never more than 100 issues', () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
  const keys = fc.constantFrom(...Object.keys(printed), '0', 'outgoing', 'incoming', 'stageId', 'enabled', '__proto__');
  const shaped = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 5 }, anything, fc.dictionary(keys, tie('node'), { maxKeys: 5 })),
  })).node;
  fc.assert(
    fc.property(fc.oneof(anything, shaped), (input) => {
      const parsed = parseSettings(input, pipelines);
      if ('settings' in parsed) return assert.deepEqual(accept(parsed.settings), parsed.settings);
      assert.ok(parsed.issues.length > 0 && parsed.issues.length <= 100);
      for (const { message } of parsed.issues) {
        assert.match(message, /\.$/);
        assert.doesNotMatch(message, /invalid|expected|received|undefined|zod|NaN/i);
      }
    }),
    { numRuns: 500 },
  );
});

test('a difference names each value that changed, with before and after', () => {
  const before = accept(ofPipeline({ outgoing: { enabled: true, stageId: '2', fromStageIds: ['1'] } }));
  const after = accept({
    paused: true,
    pipelines: {
      '0': { outgoing: { enabled: true, stageId: '2', fromStageIds: ['1', '3'] } },
      'p-9': { incoming: { enabled: true, stageId: '90' } },
    },
  });
  assert.deepEqual(diffSettings(before, after), [
    { path: 'paused', before: false, after: true },
    { path: 'pipelines.0.outgoing.fromStageIds', before: ['1'], after: ['1', '3'] },
    { path: 'pipelines.p-9.incoming.enabled', before: false, after: true },
    { path: 'pipelines.p-9.incoming.stageId', before: null, after: '90' },
  ]);
});

test('a pipeline without rules is no different from one whose rules are all defaults, and key order is no difference', () => {
  assert.deepEqual(diffSettings(accept({}), accept(ofPipeline({}))), []);
  const actions = (action: ReturnType<typeof note>): Settings => ({
    ...printed,
    pipelines: { '0': { ...rulesOf(printed, '0'), stageActions: { '1': [action] } } },
  });
  const turned = { body: 'x', kind: 'add-note', id: 'a' } as const;
  assert.deepEqual(diffSettings(actions(note('a')), actions(turned)), []);
  assert.equal(diffSettings(actions(note('a')), actions(note('b'))).length, 1);
});
