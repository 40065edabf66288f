// The emulator's pages in a real browser: accessible, nothing cut off, by keyboard, and following by themselves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { type Seeded, seedPortal } from '../../src/emulator/seed.ts';
import { assertAccessible, assertFits } from '../web/pages/browser-page.ts';
import { findChromium, launchChromium } from '../web/pages/chromium.ts';
import { allScopes, app, createCaller } from './rig.ts';

// test/web/pages/browser.test.ts says how to get a Chromium where there is none.
const executable = findChromium();
const parts = {} as { emulator: Emulator; browser: Browser; seeded: Seeded };
if (executable) {
  before(async () => {
    parts.emulator = await createEmulator(app);
    parts.seeded = seedPortal(parts.emulator);
    parts.browser = await launchChromium(executable);
  });
  after(async () => {
    await parts.browser.close();
    await parts.emulator.close();
  });
}

function browserTest(title: string, work: (page: Page) => Promise<void>, javaScriptEnabled = true): void {
  if (!executable) return;
  test(title, async () => {
    const context = await parts.browser.newContext({ javaScriptEnabled, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    try {
      await work(page);
    } finally {
      await context.close();
    }
  });
}

const portal = () => parts.emulator.portal(parts.seeded.portalId);
const addressOf = (path: string) => `${parts.emulator.url}/portals/${parts.seeded.portalId}${path}`;

browserTest('axe-core finds nothing on any page, wide and narrow, and nothing is cut off or refused', async (page) => {
  const { seeded, emulator } = parts;
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const mail = {
    userId: seeded.agentId,
    to: 'mara@harbour-bikes.example',
    subject: 'A'.repeat(90),
    text: 'B'.repeat(300),
  };
  portal().sendMailboxEmail({ ...mail, from: 'ticket', ticketId: seeded.ticketId });
  portal().receiveMessage({
    from: 'x@customer.example',
    subject: 'C'.repeat(90),
    text: 'x',
    cc: ['boss@customer.example'],
  });
  const call = createCaller(emulator.url, portal().install({ scopes: allScopes }).accessToken);
  await call('GET', `/crm/objects/2026-09/tickets/${seeded.ticketId}`);
  await call('GET', '/crm/objects/v9/nothing');
  emulator.faults.add({ kind: 'status', status: 503, path: /owners/ });
  const records = [`/threads/${seeded.threadId}`, `/tickets/${seeded.ticketId}`, `/contacts/${seeded.contactIds[0]}`];
  const places = ['', '/tickets', '/contacts', '/sent', '/settings', '/traffic', '/traffic/1', ...records].map(
    addressOf,
  );
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const address of [`${emulator.url}/`, `${emulator.url}/laboratory`, ...places]) {
      await page.goto(address);
      await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })");
      await assertAccessible(page, `${address} at ${width}`);
      await assertFits(page, `${address} at ${width}`);
    }
  }
  emulator.faults.clear();
  assert.deepEqual(complaints, []);
});

browserTest('a status, a message and the traffic appear without a reload, and what one writes stays', async (page) => {
  const { seeded, emulator } = parts;
  const { ticketId, threadId } = seeded;
  await page.goto(addressOf(`/tickets/${ticketId}`));
  await page.evaluate('globalThis.isSamePage = true');
  await page.getByText('Answer on its conversation').waitFor();
  const text = page.getByLabel('Text').first();
  await text.fill('Half a sentence');
  portal().moveTicket({ ticketId, userId: seeded.agentId, stageId: '3' });
  await page.locator('#heading .stage', { hasText: 'Waiting on us' }).waitFor();
  const call = createCaller(emulator.url, portal().install({ scopes: allScopes }).accessToken);
  await call('GET', '/crm/owners/2026-09?limit=7');
  await page.getByText('GET /crm/owners/2026-09').first().waitFor();
  assert.equal(await text.inputValue(), 'Half a sentence');
  assert.equal(await page.evaluate('globalThis.isSamePage'), true);
  await page.goto(addressOf(`/threads/${threadId}`));
  portal().receiveMessage({ threadId, from: 'mara@harbour-bikes.example', text: 'Here by itself' });
  await page.getByText('Here by itself').waitFor();
});

browserTest('a part somebody is in waits until the focus has left it', async (page) => {
  const { ticketId, agentId: userId } = parts.seeded;
  await page.goto(addressOf('/tickets'));
  const choice = page.getByLabel(`Status of ${ticketId}`);
  await choice.focus();
  portal().moveTicket({ ticketId, userId, stageId: '4' });
  await page.waitForResponse((response) => response.url() === addressOf('/tickets'));
  assert.equal(await page.getByRole('region', { name: 'Closed' }).getByLabel(`Status of ${ticketId}`).count(), 0);
  await page.getByRole('link', { name: 'Inbox' }).focus();
  await page.getByRole('region', { name: 'Closed' }).getByLabel(`Status of ${ticketId}`).waitFor();
});

browserTest(
  'without script, by keyboard: a ticket is moved on the board and a mail is written',
  async (page) => {
    const { ticketId } = parts.seeded;
    await page.goto(addressOf('/tickets'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const choice = page.getByLabel(`Status of ${ticketId}`);
    await choice.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/pipeline=0$/);
    assert.equal(portal().stage(ticketId), '2');
    await page.goto(addressOf(''));
    await page.getByText('Write a new mail as a customer').click();
    await page.getByLabel('Subject').fill('By hand');
    await page.getByLabel('Text').fill('Hello');
    await page.getByRole('button', { name: 'Send as the customer' }).click();
    await page.getByRole('link', { name: 'By hand' }).waitFor();
  },
  false,
);

browserTest('a mail file is chosen, received and shown', async (page) => {
  await page.goto(addressOf(''));
  await page.getByText('Receive a real mail from a file').click();
  const raw = 'From: a@real.example\r\nTo: support@fjord-cycles.example\r\nSubject: From a file\r\n\r\nReal text\r\n';
  await page
    .getByLabel('Mail file')
    .setInputFiles({ name: 'a.eml', mimeType: 'message/rfc822', buffer: Buffer.from(raw) });
  await page.getByRole('button', { name: 'Receive' }).click();
  await page.getByRole('link', { name: 'From a file' }).click();
  await page.getByText('Real text').first().waitFor();
});
