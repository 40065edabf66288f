// A person's whole way in a real browser, in English and in French: install, set up, see a ticket move, add a notification, go back.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { words } from '../../src/web/words/words.ts';
import { type System, startSystem } from '../support/system.ts';
import { findChromium, launchChromium } from '../web/pages/chromium.ts';

const executable = findChromium();

const people = [
  { language: 'en' as const, portalId: '57000001', customer: 'casey@customer.example' },
  { language: 'fr' as const, portalId: '57000002', customer: 'camille@client.example' },
];

// Without a Chromium there is no way to walk; test/web/pages/browser.test.ts says how to get one.
if (executable) {
  describe('in a browser', () => {
    let system: System;
    let browser: Browser;

    before(async () => {
      system = await startSystem();
      browser = await launchChromium(executable);
    });
    after(async () => {
      await browser.close();
      await system.stop();
    });

    for (const { language, portalId, customer } of people) {
      const text = words[language];
      it(`an admin installs Baton, sets it up and takes a version back (${language})`, async () => {
        const portal = system.emulator.addPortal({ portalId });
        const userId = portal.look().users[0]?.userId ?? '';
        const context = await browser.newContext({ locale: language });
        const page = await context.newPage();
        page.setDefaultTimeout(15_000);

        await install(page, portalId);
        await page.locator('[id="newConversation-enabled"]').check();
        await page.locator('[id="newConversation-stageId"]').selectOption('1');
        await page.locator('[id="newConversation-graceSeconds"]').evaluate((input: { value: string }) => {
          input.value = '0';
        });
        await page.locator('[id="outgoing-enabled"]').check();
        await page.locator('[id="outgoing-stageId"]').selectOption('2');
        await page.getByRole('button', { name: text.settings.save, exact: true }).click();
        await page.getByText(text.settings.saved('1')).waitFor();

        await page.getByRole('link', { name: text.settings.addActionTo('New') }).click();
        const panel = page.getByRole('dialog');
        await panel.getByRole('link', { name: text.panel.choices.thread.name }).click();
        await panel.getByLabel(text.panel.fields.senderUserId).selectOption(userId);
        await panel.getByLabel(text.panel.fields.body).fill('{{ticket.subject}}: {{contact.email}}');
        await panel.getByRole('button', { name: text.panel.save }).click();
        await page.getByText(text.settings.saved('2')).waitFor();

        const mail = { from: customer, subject: 'Printer', text: 'It does not print.' };
        const { threadId } = portal.receiveMessage(mail);
        await system.settled();
        assert.deepEqual(
          portal.sentMail(threadId).map((sent) => sent.text),
          [`Printer: ${customer}`],
        );
        portal.sendMessage({ threadId, userId, text: 'Which printer is it?' });
        await system.settled();
        const ticketId = portal.listTickets()[0]?.id ?? '';
        assert.equal(portal.stage(ticketId), '2');

        await page.goto(`${system.publicUrl}/activity?ticketId=${ticketId}`);
        const moved = text.movedTo('Waiting on contact', text.verdicts['sent-from-ticket']);
        await page.getByText(moved).waitFor();
        await page
          .getByRole('link', { name: text.ticket.title(ticketId) })
          .first()
          .click();
        await page.getByRole('heading', { name: text.ticket.title(ticketId) }).waitFor();

        await page.goto(`${system.publicUrl}/settings/versions`);
        await page.getByRole('button', { name: text.panel.versions.restore('1') }).click();
        await page.getByText(text.settings.saved('3')).waitFor();
        portal.receiveMessage({ ...mail, subject: 'Scanner' });
        await system.settled();
        assert.equal(portal.sentMail().filter(({ text: sent }) => sent.startsWith('Scanner')).length, 0);
        assert.equal(portal.listTickets().length, 2);
        await context.close();
      });
    }

    /** From Baton's start page through HubSpot's consent page to the settings. */
    async function install(page: Page, portalId: string): Promise<void> {
      await page.goto(`${system.publicUrl}/`);
      await page.locator('a[href="/oauth/install"]').first().click();
      await page.locator(`input[name=portalId][value="${portalId}"]`).check();
      await page.getByRole('button', { name: 'Connect app' }).click();
      await page.waitForURL('**/settings');
    }
  });
}
