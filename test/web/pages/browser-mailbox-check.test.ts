// The page of the mailbox check in a real browser, beside a whole running system: accessible, narrow, and followed by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type InstalledPortal, type System, startSystem } from '../../support/system.ts';
import { assertAccessible, assertFits } from './browser-page.ts';
import { findChromium, launchChromium } from './chromium.ts';

const executable = findChromium();
const path = '/settings/mailbox-check';
let system: System;
let acme: InstalledPortal;
let browser: Browser;
let customer: { ticketId: string; contactId: string };
const to = 'c@customer.example';

if (executable) {
  before(async () => {
    system = await startSystem();
    acme = await system.install({ portalId: '68000001', automaticAssociation: true, fingerprints: 'detail' });
    const at = Date.now() - 3_600_000;
    const { contactId } = acme.portal.addContact({ email: to, at });
    const { ticketId } = acme.portal.createTicket({ userId: acme.userId, contactIds: [contactId], at });
    customer = { ticketId, contactId };
    browser = await launchChromium(executable);
  });
  after(async () => {
    await browser.close();
    await system.stop();
  });
}

function browserTest(title: string, work: (page: Page) => Promise<void>, options: { script?: boolean } = {}): void {
  if (!executable) return;
  test(title, async () => {
    const context = await browser.newContext({ locale: 'en', javaScriptEnabled: options.script ?? true });
    const everywhere = { path: '/', domain: '127.0.0.1', secure: false, script: false };
    const cookie = acme.agent.jar.getCookie('baton', everywhere);
    await context.addCookies([{ name: 'baton', value: cookie?.value ?? '', url: system.publicUrl }]);
    try {
      await work(await context.newPage());
    } finally {
      await context.close();
    }
  });
}

function send(from: 'ticket' | 'contact', subject: string): void {
  const { ticketId, contactId } = customer;
  const mail = { userId: acme.userId, contactId, to, subject, text: 'A test.', at: Date.now() - 70_000 };
  acme.portal.sendMailboxEmail({ ...mail, from, ...(from === 'ticket' && { ticketId }) });
}

async function assertGood(page: Page, where: string): Promise<void> {
  for (const width of [1280, 390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    await assertFits(page, `${where} at ${width}`);
    if (width !== 320) await assertAccessible(page, `${where} at ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

browserTest('a check from its first field to its result: the page follows the mails by itself', async (page) => {
  await page.goto(`${system.publicUrl}/settings`);
  await page.getByRole('link', { name: /Check it now/ }).click();
  await assertGood(page, 'before');
  await page.getByLabel('Number of a test ticket').fill('999');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('HubSpot knows no ticket with this number.').waitFor();
  await assertGood(page, 'refused');
  await page.getByLabel('Number of a test ticket').fill(customer.ticketId);
  await page.getByRole('button', { name: 'Start the check' }).click();
  await page.getByText('0 of 2 from the ticket, 0 of 2 from the contact record.').waitFor();
  const steps = (await page.locator('ol').textContent()) ?? '';
  const subject = (of: string) => new RegExp(`Baton ${of} \\d{4}`).exec(steps)?.[0] ?? assert.fail(steps);
  send('ticket', subject('ticket'));
  send('contact', subject('contact'));
  await page.getByText('1 of 2 from the ticket, 1 of 2 from the contact record.').waitFor();
  await assertGood(page, 'running');
  send('contact', subject('contact'));
  send('ticket', subject('ticket'));
  await page.getByText('HubSpot puts emails written on the contact record on a ticket by itself.').waitFor();
  await page.getByText('(hs_object_source_detail_1)').waitFor();
  await assertGood(page, 'result');
  await page.getByRole('link', { name: 'Français' }).click();
  await page.getByText('Les e-mails de cette vérification').waitFor();
  await assertGood(page, 'result in French');
});

browserTest(
  'without script the page is looked at again by its own button, and stopped by the other',
  async (page) => {
    await page.goto(`${system.publicUrl}${path}`);
    await page.getByLabel('Number of a test ticket').fill(customer.ticketId);
    await page.getByRole('button', { name: 'Repeat the check' }).click();
    const steps = (await page.locator('ol').textContent()) ?? '';
    send('ticket', /Baton ticket \d{4}/.exec(steps)?.[0] ?? assert.fail(steps));
    await page.getByRole('link', { name: 'Look again now' }).click();
    await page.getByText('1 of 2 from the ticket, 0 of 2 from the contact record.').waitFor();
    await page.getByRole('button', { name: 'Stop the check' }).click();
    await page.getByText('Seen so far').waitFor();
    assert.equal(await page.getByText('Now send four emails').count(), 0);
  },
  { script: false },
);
