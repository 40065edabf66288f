// What four test mails show: whether mail keeps to its record, and which properties tell the two apart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CheckMail,
  compareMail,
  concludeCheck,
  hashValues,
  judgeFingerprint,
  type MailOrigin,
} from '../../src/rules/mailbox-check.ts';
import { enMailbox } from '../../src/web/words/en-mailbox.ts';

type Made = { ticketIds?: string[]; values?: Record<string, string | null> };

const ticketId = '4711';
const ids = [ticketId, '815'];

function mail(from: MailOrigin, { ticketIds, values }: Made = {}): CheckMail {
  const at = '2026-11-22T12:00:00.000Z';
  const onTickets = ticketIds ?? (from === 'ticket' ? [ticketId] : []);
  return { emailId: '1', from, at, ticketIds: onTickets, values: hashValues(values ?? {}, ids) };
}

/** Two of each; `ticket` and `contact` are made of what stands in the list, one after the other. */
function conclude(ticket: Made[], contact: Made[]) {
  return concludeCheck(
    [...ticket.map((made) => mail('ticket', made)), ...contact.map((made) => mail('contact', made))],
    ticketId,
  );
}

test('a check ends when two mails of each record have come', () => {
  assert.equal(conclude([{}, {}], [{}]), undefined);
  assert.equal(conclude([{}], [{}, {}]), undefined);
  assert.deepEqual(conclude([{}, {}], [{}, {}]), { finding: 'apart', fingerprint: null });
  assert.deepEqual(conclude([{}, {}, {}], [{}, {}]), { finding: 'apart', fingerprint: null });
});

test('one mail of the contact record on a ticket is enough to say that they are mixed', () => {
  const onTicket = { ticketIds: [ticketId] };
  assert.equal(conclude([{}, {}], [onTicket, onTicket])?.finding, 'mixed');
  assert.equal(conclude([{}, {}], [{}, onTicket])?.finding, 'mixed');
  assert.equal(conclude([{}, {}], [{}, { ticketIds: ['another'] }])?.finding, 'mixed');
});

test('a mail from the ticket that is not on it alone leaves it unclear', () => {
  assert.equal(conclude([{ ticketIds: [] }, {}], [{}, {}])?.finding, 'unclear');
  assert.equal(conclude([{ ticketIds: [ticketId, '5'] }, {}], [{}, {}])?.finding, 'unclear');
  assert.equal(conclude([{ ticketIds: ['5'] }, {}], [{}, {}])?.finding, 'unclear');
});

const tells: [what: string, ticket: (string | null)[], contact: (string | null)[], found: boolean][] = [
  ['differs the same way in both pairs', ['0-5', '0-5'], ['0-1', '0-1'], true],
  ['is missing with the contact', ['0-5', '0-5'], [null, null], true],
  ['is missing with the ticket', [null, null], ['0-1', '0-1'], false],
  ['is the same everywhere', ['CRM', 'CRM'], ['CRM', 'CRM'], false],
  ['differs in one pair only', ['0-5', '0-1'], ['0-1', '0-1'], false],
  ['is another one in each mail', ['a', 'b'], ['c', 'd'], false],
  ['differs from contact to contact', ['0-5', '0-5'], ['0-1', '0-2'], false],
];
for (const [what, ticket, contact, found] of tells) {
  test(`a property that ${what} is ${found ? '' : 'no '}fingerprint`, () => {
    const made = (value: string | null | undefined) => ({ values: { hs_object_source_detail_1: value ?? null } });
    const { fingerprint } = conclude(ticket.map(made), contact.map(made)) ?? {};
    assert.deepEqual(Object.keys(fingerprint ?? {}), found ? ['hs_object_source_detail_1'] : []);
  });
}

test('a value that names the ticket or the contact of the check says nothing of other mails', () => {
  const encode = (record: string) => Buffer.from(JSON.stringify({ id: Number(record) })).toString('base64');
  for (const [ticket, contact] of [
    ['ticket:4711', 'contact:815'],
    [encode('4711'), encode('815')],
  ]) {
    const made = (value: string | undefined) => ({
      values: { hs_email_encoded_email_associations_request: value ?? null },
    });
    assert.equal(conclude([made(ticket), made(ticket)], [made(contact), made(contact)])?.fingerprint, null);
  }
});

test('no value is kept as it is', () => {
  const { fingerprint } = conclude(
    [
      { values: { hs_email_sent_via: 'casey@customer.example' } },
      { values: { hs_email_sent_via: 'casey@customer.example' } },
    ],
    [{}, {}],
  ) as { fingerprint: object };
  assert.ok(fingerprint);
  assert.ok(!JSON.stringify(fingerprint).includes('casey'));
});

test('a later mail must agree in every property of the fingerprint', () => {
  const ticket = { hs_object_source_detail_1: '0-5', hs_email_logged_from: 'CRM_TICKET' };
  const contact = { hs_object_source_detail_1: '0-1', hs_email_logged_from: null };
  const { fingerprint } =
    conclude([{ values: ticket }, { values: ticket }], [{ values: contact }, { values: contact }]) ?? {};
  assert.ok(fingerprint);
  const compare = (values: Record<string, string | null>) => compareMail(fingerprint, hashValues(values));
  assert.equal(compare(ticket), 'ticket');
  assert.equal(compare(contact), 'contact');
  assert.equal(compare({ ...ticket, hs_email_logged_from: null }), 'neither');
  assert.equal(compare({ hs_object_source_detail_1: '0-3', hs_email_logged_from: 'CRM' }), 'neither');
  assert.equal(compare({}), 'neither');
});

test('a fingerprint is taken back by a mail that carries it and is on no ticket, until a newer check', () => {
  const [before, after] = [new Date('2026-11-20T00:00:00Z'), new Date('2026-11-22T00:00:00Z')];
  assert.equal(judgeFingerprint({ at: before }, null).counts, true);
  assert.equal(judgeFingerprint({ at: before }, after).counts, false);
  assert.equal(judgeFingerprint({ at: after }, before).counts, true);
  assert.equal(judgeFingerprint(undefined, null).counts, false);
  for (const [check, astray] of [
    [undefined, null],
    [{ at: before }, null],
    [{ at: before }, after],
  ] as const) {
    assert.ok(Object.hasOwn(enMailbox.seen, judgeFingerprint(check, astray).why), 'people read why');
  }
});
