// Lists in pages of 50: every row once, in order, whatever changed since the first look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PortalControl } from '../../src/emulator/portal-control.ts';
import { allScopes, createCaller } from './rig.ts';
import { createSeeded } from './seeded-pages.ts';

const textOf = (html: string) => html.replaceAll(/<[^>]+>/g, '');
const pagerOf = (html: string, label: string) =>
  new RegExp(`<nav class="pager" aria-label="Pages: ${label}">(.*?)</nav>`).exec(html)?.[1];
const unescape = (href: string) => href.replaceAll('&#38;', '&');

/** From page to page by the links people click: what `read` finds on each, and what the pagers say. */
async function turn<T>(
  html: (path: string) => Promise<string>,
  first: string,
  label: string,
  read: (html: string) => T[],
) {
  const found: T[] = [];
  const said: (string | undefined)[] = [];
  let path: string | undefined = first;
  while (path !== undefined) {
    const page = await html(path);
    found.push(...read(page));
    const pager = pagerOf(page, label);
    said.push(pager && textOf(pager).trim());
    const [, href] = /<a href="([^"]+)">Older/.exec(pager ?? '') ?? [];
    path = href && unescape(href).replace(/^\/portals\/\d+/, '');
  }
  return { found, said };
}

const all = (pattern: RegExp) => (html: string) => [...html.matchAll(pattern)].map(([, one]) => one ?? '');

function makeTickets(portal: PortalControl, userId: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => portal.createTicket({ userId, subject: `T${index}` }).ticketId);
}

const column = (html: string, stageId: string) =>
  new RegExp(`<section id="stage-${stageId}".*?</section>`, 's').exec(html)?.[0] ?? '';

test('a column of the board is turned by itself, and moving a ticket leads back to the same pages', async (t) => {
  const { portal, seeded, html, press } = await createSeeded(t);
  const { agentId: userId } = seeded;
  const made = makeTickets(portal, userId, 110);
  for (const ticketId of made.slice(0, 52)) portal.moveTicket({ ticketId, userId, stageId: '2' });
  const shown = all(/\/tickets\/(\d+)">/g);
  const first = await turn(html, '/tickets', 'New', (page) => shown(column(page, '1')));
  assert.deepEqual(first.said, ['1 to 50 of 60 Older', 'Newer 51 to 60 of 60']);
  assert.equal(new Set(first.found).size, 60);
  const second = await turn(html, '/tickets?pipeline=0&page.1=2', 'Waiting on contact', (page) => {
    assert.match(column(page, '1'), /51 to 60 of 60/, 'the other column stays where it is');
    return shown(column(page, '2'));
  });
  assert.deepEqual(second.found, made.slice(0, 52).reverse(), 'the last changed first');
  const page = await html('/tickets?pipeline=0&page.1=2&page.2=2');
  const [, back = ''] = /name="back" value="([^"]+page\.2=2)"/.exec(page) ?? [];
  const moved = await press('moveTicket', { ticketId: made[0] ?? '', userId, stageId: '4', back: unescape(back) });
  assert.equal(moved.headers.get('location'), `/portals/${seeded.portalId}/tickets?pipeline=0&page.1=2&page.2=2`);
});

test('the board follows what is made, moved, merged, deleted and reopened after the first look', async (t) => {
  const { emulator, portal, seeded, html } = await createSeeded(t);
  const { agentId: userId, ticketId, handMadeTicketId } = seeded;
  const counts = async () =>
    [...(await html('/tickets')).matchAll(/<h2>[^<]+<span class="tag">(\d+)/g)].map(([, n]) => n);
  const total = async () => /<td>(\d+)<\/td><td>(?:not )?connected/.exec(await (await fetch(emulator.url)).text())?.[1];
  assert.deepEqual(await counts(), ['2', '0', '0', '0']);
  portal.moveTicket({ ticketId, userId, stageId: '3' });
  const [third = ''] = makeTickets(portal, userId, 1);
  assert.deepEqual([await counts(), await total()], [['2', '0', '1', '0'], '3']);
  portal.mergeTickets({ primaryId: ticketId, mergedId: handMadeTicketId, userId });
  assert.deepEqual(await counts(), ['1', '0', '1', '0']);
  portal.deleteTicket(third);
  assert.deepEqual([await counts(), await total()], [['0', '0', '1', '0'], '1']);
  const call = createCaller(emulator.url, portal.install({ scopes: allScopes }).accessToken);
  await call('PATCH', `/crm/objects/2026-09/tickets/${ticketId}`, { properties: { hs_pipeline_stage: '4' } });
  assert.deepEqual(await counts(), ['0', '0', '0', '1']);
});

test('every contact is on one page, the newest first, and is found by any of its addresses', async (t) => {
  const { portal, html } = await createSeeded(t);
  await html('/contacts');
  const made = Array.from({ length: 99 }, (_, index) => portal.addContact({ email: `c${index}@customer.example` }));
  const erased = made[40]?.contactId ?? '';
  portal.eraseContact(erased);
  const { found, said } = await turn(
    html,
    '/contacts',
    'Contacts',
    all(/<td><a href="\/portals\/\d+\/contacts\/(\d+)"/g),
  );
  assert.deepEqual(said, ['1 to 50 of 101 Older', 'Newer 51 to 100 of 101 Older', 'Newer 101 to 101 of 101']);
  assert.deepEqual(
    found.slice(0, 98),
    made
      .map(({ contactId }) => contactId)
      .filter((id) => id !== erased)
      .reverse(),
  );
  const { contactId } = portal.addContact({ email: 'a@customer.example', additionalEmails: ['b@customer.example'] });
  assert.match(await html('/contacts?address=B@customer.example'), new RegExp(`contacts/${contactId}"`));
  assert.match(await html('/contacts?address=nobody%3Cb%3E'), /Nobody has the address nobody&#60;b&#62;/);
});

test('the inbox has its pages by the latest message, and a page that is none says so', async (t) => {
  const { portal, seeded, html } = await createSeeded(t);
  // Incoming mail has whole seconds.
  const start = Date.now() - 60_000;
  const threads = Array.from({ length: 54 }, (_, index) => {
    const { threadId } = portal.receiveMessage({
      from: 'n@customer.example',
      subject: `S${index}`,
      text: 'x',
      at: start + index * 1_000,
    });
    return threadId;
  });
  const [first = ''] = threads;
  portal.receiveMessage({ threadId: first, from: 'n@customer.example', text: 'again', at: start + 99_000 });
  const { found, said } = await turn(html, '', 'Conversations', all(/<td><a href="\/portals\/\d+\/threads\/(\d+)"/g));
  assert.deepEqual(said, ['1 to 50 of 55 Older', 'Newer 51 to 55 of 55']);
  assert.deepEqual(found, [first, ...threads.slice(1).reverse(), seeded.threadId]);
  assert.match(textOf(pagerOf(await html('?page=9'), 'Conversations') ?? ''), /^Newer none of 55$/);
  assert.match(await html('?page=9'), /href="[^"]+\?page=2">Newer/);
  for (const wrong of ['0', '-1', 'x', '99999999', '1&page=2'])
    assert.match(await html(`?page=${wrong}`), /1 to 50 of 55/, wrong);
});

test('sent mail is the newest of all conversations and single sends, however they interleave', async (t) => {
  const { portal, seeded, html } = await createSeeded(t);
  const { agentId: userId } = seeded;
  const start = Date.now() - 1_000_000;
  const threads = Array.from({ length: 120 }, (_, index) =>
    portal.receiveMessage({ from: `n${index}@customer.example`, text: 'x', at: start + index }),
  );
  // Each thread's mails lie apart, and some threads have none.
  for (let index = 0; index < 130; index += 1) {
    const { threadId = '' } = threads[(index * 37) % 100] ?? {};
    portal.sendMessage({ threadId, userId, text: `mail ${index}`, at: start + 1_000 + ((index * 7_919) % 997) });
  }
  const { found, said } = await turn(
    html,
    '/sent',
    'Sent mail',
    all(/<div class="message out"><time datetime="([^"]+)"/g),
  );
  assert.deepEqual(
    found,
    portal
      .sentMail()
      .map((mail) => mail.at)
      .reverse(),
  );
  assert.deepEqual(said, ['1 to 50 Older', 'Newer 51 to 100 Older', 'Newer 101 to 132 of 132']);
});

test('the traffic is turned page by page, and says what each entry was about', async (t) => {
  const { emulator, portal, seeded, html } = await createSeeded(t);
  const call = createCaller(emulator.url, portal.install({ scopes: allScopes }).accessToken);
  for (let index = 0; index < 60; index += 1) await call('GET', `/crm/owners/2026-09?limit=${(index % 9) + 1}`);
  const path = `/crm/objects/2026-09/tickets/${seeded.ticketId}`;
  await call('PATCH', path, { properties: { hs_pipeline_stage: '3' } });
  await call('PATCH', path, { properties: { hs_pipeline_stage: '<99>' } });
  const { found, said } = await turn(html, '/traffic', 'Traffic', all(/id="exchange-(\d+)"/g));
  assert.deepEqual(said, ['1 to 50 of 62 Older', 'Newer 51 to 62 of 62']);
  assert.equal(new Set(found).size, 62);
  const page = await html('/traffic');
  assert.match(page, /62 kept, 1 failed/);
  assert.match(page, /class="gist">[\d:]{8} hs_pipeline_stage = 3 \(Waiting on us\)</);
  assert.match(page, /class="gist">[\d:]{8} [^<]*&#60;99&#62; was not one of the allowed options/);
  assert.match(page, /class="gist">[\d:]{8} \?limit=6</);
  assert.match(await html(), /All that is kept/);
});

test('the emails of a record have their pages, and its conversations are listed after a look at other pages', async (t) => {
  const { portal, seeded, html } = await createSeeded(t);
  const [contactId = ''] = seeded.contactIds;
  const mail = { userId: seeded.agentId, to: 'mara@harbour-bikes.example', subject: 'S', text: 'x', contactId };
  for (let index = 0; index < 51; index += 1) portal.sendMailboxEmail({ ...mail, from: 'contact' });
  const { found, said } = await turn(html, `/contacts/${contactId}`, 'Emails', all(/class="note">Email (\d+) from/g));
  assert.deepEqual(said, ['1 to 50 of 51 Older', 'Newer 51 to 51 of 51']);
  assert.equal(new Set(found).size, 51);
  const { threadId } = portal.receiveMessage({ from: mail.to, subject: 'Later', text: 'x' });
  assert.match(await html(`/contacts/${contactId}`), new RegExp(`/threads/${threadId}">Later`));
  portal.eraseThread(threadId);
  assert.doesNotMatch(await html(`/contacts/${contactId}`), new RegExp(`/threads/${threadId}"`));
});
