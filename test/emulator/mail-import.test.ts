// Real mail as files: what becomes of .eml and .mbox, how it is threaded, and what is refused.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readMailFile } from '../../src/emulator/mail-file.ts';
import { mailIdOf } from '../../src/emulator/mail-threads.ts';
import { createRig, type Rig, startEmulator } from './rig.ts';
import { createSeeded } from './seeded-pages.ts';

type Written = { headers?: string[]; text?: string };

function eml(id: string, { headers = [], text = 'Hello' }: Written = {}): string {
  const lines = [
    'From: "Vera Okoye" <vera@harbour.example>',
    'To: Support <support@company-41000001.example>',
    'Subject: =?utf-8?Q?Fahrrad_kl=C3=A4ppert?=',
    'Date: Tue, 17 Nov 2026 09:30:15 +0100',
    `Message-ID: <${id}@harbour.example>`,
    'MIME-Version: 1.0',
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}\r\n`;
}

async function importOne({ portal }: Pick<Rig, 'portal'>, raw: string | Uint8Array, keepsDates = false) {
  const [made] = await portal.importMail({ raw, keepsDates });
  assert.ok(made);
  return made;
}

test('a mail that answers none of ours opens a thread, and its ticket like any other', async (t) => {
  const rig = await createRig(t);
  rig.portal.configure({ ticketsForNewConversations: true });
  const made = await importOne(rig, eml('a1'), true);
  assert.equal(made.outcome, 'opened');
  assert.ok(made.ticketId);
  const [item] = rig.portal.thread(made.threadId ?? '').items;
  assert.deepEqual([item?.subject, item?.text, item?.createdAt], ['Fahrrad kläppert', 'Hello', '2026-11-17T08:30:15Z']);
  assert.equal(rig.portal.ticket(made.ticketId).properties.subject, 'Fahrrad kläppert');
});

test('an answer joins by In-Reply-To, or by the newest of its References that is known; the subject never counts', async (t) => {
  const rig = await createRig(t);
  const opened = await importOne(rig, eml('a1'));
  const other = await importOne(rig, eml('b1'));
  assert.notEqual(other.threadId, opened.threadId, 'the same subject is no thread');
  const answer = await importOne(rig, eml('a2', { headers: ['In-Reply-To: <a1@harbour.example>'] }));
  assert.deepEqual([answer.outcome, answer.threadId], ['joined', opened.threadId]);
  const references = 'References: <b1@harbour.example>\r\n <a1@harbour.example>\r\n <lost@harbour.example>';
  assert.equal((await importOne(rig, eml('a3', { headers: [references] }))).threadId, opened.threadId);
  const both = ['In-Reply-To: <b1@harbour.example>', 'References: <a1@harbour.example>'];
  assert.equal((await importOne(rig, eml('b2', { headers: both }))).threadId, other.threadId);
  const stranger = await importOne(rig, eml('c1', { headers: ['In-Reply-To: <nobody@harbour.example>'] }));
  assert.equal(stranger.outcome, 'opened');
});

test("an answer to the agent's own message joins its thread by the Message-ID the page shows", async (t) => {
  const { portal, seeded, html } = await createSeeded(t);
  const thread = portal.thread(seeded.threadId);
  const sent = thread.items.findLast((item) => item.direction === 'OUTGOING');
  assert.ok(sent);
  const [, shown] =
    new RegExp(`Message-ID &#60;(${sent.id}[^&]*)&#62;`).exec(await html(`/threads/${thread.id}`)) ?? [];
  assert.equal(`<${shown}>`, mailIdOf({ domain: 'fjord-cycles.example' } as never, thread, sent));
  const answer = await importOne({ portal }, eml('a1', { headers: [`In-Reply-To: <${shown}>`] }));
  assert.deepEqual([answer.outcome, answer.threadId], ['joined', thread.id]);
  assert.equal(answer.ticketId, seeded.ticketId);
  const forged = eml('a2', { headers: [`In-Reply-To: <x.${thread.id}@fjord-cycles.example>`] });
  assert.equal((await importOne({ portal }, forged)).outcome, 'opened', 'no item has that id');
});

test('a mail that came already comes once, and an answer to an erased thread opens a new one', async (t) => {
  const rig = await createRig(t);
  const opened = await importOne(rig, eml('a1'));
  const again = await importOne(rig, eml('a1'));
  assert.deepEqual([again.outcome, again.threadId], ['repeated', opened.threadId]);
  assert.equal(rig.portal.thread(opened.threadId ?? '').items.filter((item) => item.type === 'MESSAGE').length, 1);
  rig.portal.eraseThread(opened.threadId ?? '');
  const late = await importOne(rig, eml('a2', { headers: ['In-Reply-To: <a1@harbour.example>'] }));
  assert.equal(late.outcome, 'opened');
  const constructed = eml('a3', { headers: ['In-Reply-To: <constructor>', 'Message-ID: <__proto__>'] });
  assert.equal((await importOne(rig, constructed)).outcome, 'opened');
});

const multipart = [
  'Content-Type: multipart/mixed; boundary="b1"',
  'Cc: boss@harbour.example, Team: one@harbour.example, two@harbour.example;',
];
const multipartText = [
  '--b1',
  'Content-Type: multipart/alternative; boundary="b2"',
  '',
  '--b2',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=FC=DFe aus der Werkstatt',
  '--b2',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>Gr&uuml;&szlig;e<script>alert(1)</script></p>',
  '--b2--',
  '--b1',
  'Content-Type: image/jpeg; name="fork.jpg"',
  'Content-Disposition: attachment; filename="fork.jpg"',
  'Content-Transfer-Encoding: base64',
  '',
  '/9j/4AAQ',
  '--b1--',
].join('\r\n');

test('text of any charset, people in copy and the names of files come with the message', async (t) => {
  const { portal, html } = await createSeeded(t);
  const made = await importOne({ portal }, eml('a1', { headers: multipart, text: multipartText }));
  const item = portal.thread(made.threadId ?? '').items[0];
  assert.equal(item?.text, 'Grüße aus der Werkstatt');
  assert.match(String(item?.richText), /<p>Gr&uuml;/);
  assert.deepEqual(
    ((item?.attachments ?? []) as Array<{ name: string }>).map((file) => file.name),
    ['fork.jpg'],
  );
  const page = await html(`/threads/${made.threadId}`);
  assert.match(page, /Attached: fork\.jpg/);
  assert.match(page, /CC support@company-41000001\.example, boss@harbour\.example, one@harbour\.example/);
  assert.equal(page.includes('<script>alert'), false);
});

test('automatic answers are told by their headers, and only the twin of the message says so', async (t) => {
  const rig = await createRig(t);
  rig.portal.configure({ twins: true });
  const written = [
    ['Auto-Submitted: auto-replied'],
    ['Auto-Submitted: no'],
    ['X-Autoreply: yes'],
    ['Precedence: auto_reply'],
    ['Precedence: bulk'],
    [],
  ];
  for (const [index, headers] of written.entries()) await importOne(rig, eml(`a${index}`, { headers }));
  const flags = rig.portal.look().emails.map((email) => email.properties.hs_incoming_email_is_out_of_office);
  assert.deepEqual(flags, ['true', 'false', 'true', 'true', 'false', 'false']);
});

const mailbox = [
  'From vera@harbour.example Tue Nov 17 09:30:15 2026\n',
  eml('m1', { text: 'First\r\n\r\n>From the top: it rattles\r\n>>From two\r\nFrom here on it is a line of text' }),
  '\n',
  'From MAILER Tue Nov 17 10:30:15 2026\n',
  eml('m2', { headers: ['In-Reply-To: <m1@harbour.example>'], text: 'Second' }).replaceAll('\r\n', '\n'),
  '\nFrom - Tue Nov 17 11:30:15 2026\n',
  eml('m3', { headers: ['In-Reply-To: <m2@harbour.example>'] }).replace('vera@harbour', 'support@company-41000001'),
  '\n\n',
  'From vera@harbour.example Tue Nov 17 12:30:15 2026\r\n',
  eml('m4', { headers: ['In-Reply-To: <m3@harbour.example>'], text: 'Fourth' }),
].join('');

test("a mailbox comes in its order, its From lines are put back, and the team's own mails only lead the way", async (t) => {
  const { portal } = await createRig(t);
  const made = await portal.importMail({ raw: mailbox });
  const outcomes = made.map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['opened', 'joined', 'own', 'joined']);
  assert.equal(new Set(made.map(({ threadId }) => threadId)).size, 1);
  const items = portal.thread(made[0]?.threadId ?? '').items.filter((item) => item.type === 'MESSAGE');
  assert.deepEqual(
    items.map((item) => item.text),
    ['First\n\nFrom the top: it rattles\n>From two\nFrom here on it is a line of text', 'Second', 'Fourth'],
  );
});

test('bad files say what is wrong, and nothing of them is received', async (t) => {
  const rig = await createRig(t);
  const wrong: Array<[string | Uint8Array, RegExp]> = [
    ['', /empty/],
    ['Just some words', /no From address/],
    [Buffer.from([0, 255, 1, 254, 13, 10]), /no From address/],
    [`From x\n${eml('a1')}\nFrom y\nSubject: nobody\n\nx`, /mail 2 of the mailbox has no From address/],
    ['From x', /holds no mail/],
  ];
  for (const [raw, reason] of wrong) await assert.rejects(() => rig.portal.importMail({ raw }), reason);
  assert.equal(rig.portal.look().threads.length, 0);
});

test('a mailbox of several megabytes is read in seconds', async () => {
  const part = `${eml('x', { text: `${'All work and no play. '.repeat(40)}\r\n`.repeat(20) })}\n`;
  const raw = `From a\n${part}`.repeat(400);
  assert.ok(raw.length > 6_000_000);
  const started = Date.now();
  assert.equal((await readMailFile(raw)).length, 400);
  assert.ok(Date.now() - started < 5_000);
});

test('a file is uploaded by the form of the inbox or sent as the body, and a refused one leads back', async (t) => {
  const { emulator, portal, seeded } = await createSeeded(t);
  const page = `${emulator.url}/portals/${seeded.portalId}`;
  const upload = async (content: string) => {
    const body = new FormData();
    body.set('back', `/portals/${seeded.portalId}/tickets`);
    body.set('keepsDates', 'true');
    body.set('file', new Blob([content], { type: 'message/rfc822' }), 'mail.eml');
    const answered = await fetch(`${page}/importMail`, { method: 'POST', body, redirect: 'manual' });
    return { status: answered.status, text: await answered.text(), to: answered.headers.get('location') };
  };
  assert.deepEqual((await upload(eml('u1'))).to, `/portals/${seeded.portalId}/tickets`);
  const items = () => portal.look().threads.flatMap((thread) => thread.items);
  assert.equal(items().at(-2)?.createdAt, '2026-11-17T08:30:15Z');
  const refused = await upload('nothing');
  assert.equal(refused.status, 400);
  assert.match(refused.text, /no From address/);
  assert.match(refused.text, new RegExp(`href="/portals/${seeded.portalId}/tickets"`));
  const post = (type: string, body: string) =>
    fetch(`${emulator.url}/emulator/portals/${seeded.portalId}/importMail`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
  const raw = await post('message/rfc822', eml('u2', { headers: ['In-Reply-To: <u1@harbour.example>'] }));
  assert.equal(((await raw.json()) as { result: Array<{ outcome: string }> }).result[0]?.outcome, 'joined');
  const json = await post('application/json', JSON.stringify({ raw: eml('u3') }));
  assert.equal(((await json.json()) as { result: Array<{ outcome: string }> }).result[0]?.outcome, 'opened');
  const large = await fetch(`${page}/importMail`, {
    method: 'POST',
    headers: { 'content-type': 'application/mbox' },
    body: Buffer.alloc(33 * 1024 * 1024, 97),
  });
  assert.equal(large.status, 413);
  assert.match(await large.text(), /at most/);
});

test('threads of imported mail live on in the data file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mail-import-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const dataFile = join(folder, 'hubspot.json');
  const first = await createRig(t, { dataFile });
  const opened = await importOne(first, eml('a1'));
  await first.emulator.close();
  const second = await startEmulator(t, { dataFile });
  const portal = second.portal('41000001');
  const answer = await importOne({ portal }, eml('a2', { headers: ['In-Reply-To: <a1@harbour.example>'] }));
  assert.deepEqual([answer.outcome, answer.threadId], ['joined', opened.threadId]);
});
