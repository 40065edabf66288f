// Deliveries nobody would send but a broken or hostile sender, made from a seed: the same seed, the same deliveries.

/** mulberry32: 32 bits of state are plenty for a run of some millions. */
export function createRandom(seed: number) {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const below = (count: number) => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  return { next, below, pick };
}
type Random = ReturnType<typeof createRandom>;

const subscriptionTypes = [
  'conversation.newMessage',
  'conversation.creation',
  'conversation.privacyDeletion',
  'conversation.propertyChange',
  'object.creation',
  'object.associationChange',
  'object.propertyChange',
  'object.merge',
  'ticket.propertyChange',
  'ticket.merge',
  'ticket.deletion',
  'contact.privacyDeletion',
  'company.creation',
];

/** JSON texts, not values: what JSON.stringify would never write is half of the point. */
const oddValues = [
  'null',
  'true',
  '-0',
  '1e999',
  '-1e-999',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '123456789012345678901234567890',
  '0.1',
  '1e3',
  '""',
  '" "',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u202e\\u2066"',
  '"😀\u0301é漢"',
  '"__proto__"',
  '"constructor"',
  '"12"',
  '"-1"',
  '"0012"',
  '"1e3"',
  '"\'; drop table inbox; --"',
  '"{{contact.email}}"',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"polluted":1}}',
  '{"toString":null}',
  '[null,"1",2,{}]',
];

const fields = [
  'eventId',
  'subscriptionId',
  'portalId',
  'appId',
  'occurredAt',
  'subscriptionType',
  'eventType',
  'attemptNumber',
  'objectId',
  'objectTypeId',
  'propertyName',
  'propertyValue',
  'changeSource',
  'sourceId',
  'messageId',
  'messageType',
  'fromObjectId',
  'toObjectId',
  'fromObjectTypeId',
  'toObjectTypeId',
  'associationRemoved',
  'primaryObjectId',
  'mergedObjectIds',
  'newObjectId',
  '__proto__',
  'constructor',
  '',
];

function nest(random: Random): string {
  const depth = 1 + random.below(random.below(50) === 0 ? 20_000 : 60);
  return random.below(2) === 0
    ? '['.repeat(depth) + ']'.repeat(depth)
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

function oddValue(random: Random): string {
  const kind = random.below(40);
  if (kind === 0) return nest(random);
  if (kind === 1) return JSON.stringify('x'.repeat(random.below(random.below(20) === 0 ? 60_000 : 300)));
  if (kind === 2) return JSON.stringify(String.fromCharCode(...Array.from({ length: 8 }, () => random.below(65_536))));
  return random.pick(oddValues);
}

/** An event as HubSpot sends it, before something happens to it: values as JSON texts. */
function makeFields(random: Random, portalIds: readonly string[], now: number): Map<string, string> {
  const id = () => String(1 + random.below(1_000_000_000));
  const type = random.pick(subscriptionTypes);
  return new Map([
    ['eventId', id()],
    ['subscriptionId', id()],
    ['portalId', random.pick(portalIds)],
    ['appId', '2000001'],
    ['occurredAt', String(now - random.below(60_000))],
    ['subscriptionType', JSON.stringify(type)],
    ['attemptNumber', String(random.below(10))],
    ['objectId', id()],
    ['objectTypeId', random.pick(['"0-5"', '"0-49"', '"0-1"'])],
    ['propertyName', random.pick(['"hs_pipeline_stage"', '"hs_email_status"', '"subject"'])],
    ['propertyValue', random.pick(['"1"', '"SENT"', '"REDACTED"'])],
    ['messageId', `"${id()}"`],
    ['messageType', '"MESSAGE"'],
    ['fromObjectId', id()],
    ['toObjectId', id()],
    ['fromObjectTypeId', random.pick(['"0-5"', '"0-49"'])],
    ['toObjectTypeId', random.pick(['"0-5"', '"0-49"'])],
    ['mergedObjectIds', `[${id()},${id()}]`],
  ]);
}

function makeEvent(random: Random, portalIds: readonly string[], now: number): string {
  const event = makeFields(random, portalIds, now);
  const changes = random.below(4);
  for (let change = 0; change < changes; change += 1) {
    const field = random.pick(fields);
    if (random.below(3) === 0) event.delete(field);
    else event.set(field, oddValue(random));
  }
  const members = [...event].map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  if (random.below(20) === 0) members.push(random.pick(members)); // a name twice
  return `{${members.join(',')}}`;
}

function makeElement(random: Random, portalIds: readonly string[], now: number): string {
  return random.below(8) === 0 ? oddValue(random) : makeEvent(random, portalIds, now);
}

/** Some bytes changed, cut off or put in: hardly ever JSON, not always UTF-8. */
function damage(random: Random, body: Buffer): Buffer {
  const bytes = Buffer.from(body);
  for (let hit = 0; hit <= random.below(4) && bytes.length > 0; hit += 1) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return random.below(3) === 0 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

/** Answers one body after the other; `now` = epoch ms of what its events tell. */
export function createDeliveryMaker(seed: number, portalIds: readonly string[]): (now: number) => Buffer {
  const random = createRandom(seed);
  const earlier: Buffer[] = [];
  function make(now: number): Buffer {
    const kind = random.below(100);
    if (kind < 6 && earlier.length > 0) return random.pick(earlier);
    if (kind < 10) return Buffer.from(oddValue(random));
    const events = kind < 12 ? random.below(100) : 1 + random.below(4);
    const elements = Array.from({ length: events }, () => makeElement(random, portalIds, now));
    const body = Buffer.from(`[${elements.join(',')}]`);
    return kind < 20 ? damage(random, body) : body;
  }
  return (now) => {
    const body = make(now);
    earlier[earlier.length < 100 ? earlier.length : random.below(100)] = body;
    return body;
  };
}
