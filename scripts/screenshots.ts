// Draws the pages for docs/pages: a system with a portal in use, each page at 1280 and 390 pixels (`npm run screenshots`).
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { startSystem } from '../test/support/system.ts';
import { findChromium, howToGetChromium, launchChromium } from '../test/web/pages/chromium.ts';

const folder = fileURLToPath(new URL('../docs/pages', import.meta.url));
const widths = [1280, 390];

const settings = {
  pipelines: {
    '0': {
      newConversation: { enabled: true, stageId: '1', graceSeconds: 0 },
      outgoing: { enabled: true, stageId: '2' },
      incoming: { enabled: true, stageId: '3' },
      stageActions: {
        '1': [
          { id: 'welcome', kind: 'add-note', body: 'New: {{ticket.subject}}' },
          {
            id: 'call',
            kind: 'create-task',
            subject: 'Call {{contact.firstname | default: "the customer"}}',
            dueInHours: 4,
          },
        ],
        '4': [{ id: 'tell', kind: 'post-webhook', url: 'https://example.com/closed' }],
      },
    },
  },
};

test('the pages of a portal in use are drawn', async () => {
  const executable = findChromium();
  if (!executable) throw new Error(howToGetChromium);
  mkdirSync(folder, { recursive: true });
  const system = await startSystem();
  const browser = await launchChromium(executable);
  try {
    const acme = await system.install({ portalId: '51234567', domain: 'acme.example' }, settings);
    const { userId, portal } = acme;
    const casey = { from: 'casey@customer.example', name: 'Casey Stone' };
    const { threadId } = portal.receiveMessage({ ...casey, subject: 'Printer on fire', text: 'It burns.' });
    await system.settled();
    portal.sendMessage({ threadId, userId, text: 'Which printer is it?' });
    await system.settled();
    portal.receiveMessage({
      ...casey,
      threadId,
      subject: 'Automatic reply: Printer on fire',
      text: 'I am out of the office until Monday and will answer your message when I am back.',
    });
    portal.receiveMessage({ ...casey, threadId, text: 'The one upstairs.' });
    portal.receiveMessage({ from: 'sam@customer.example', name: 'Sam Reed', subject: 'Invoice', text: 'Is it paid?' });
    await system.settled();
    await acme.saveSettings({ ...settings, guards: { thanksKeepsClosed: true } });
    const ticketId = (await acme.records()).find((record) => record.threadId === threadId)?.ticketId;

    const pages: Record<string, string> = {
      start: '/',
      settings: '/settings',
      action: '/settings/actions?pipeline=0&stage=1',
      'mailbox-check': '/settings/mailbox-check',
      versions: '/settings/versions',

      activity: '/activity',
      ticket: `/tickets/${ticketId}`,
      privacy: '/privacy',
    };
    for (const language of ['en', 'fr']) {
      const cookie = acme.agent.jar.getCookies({
        path: '/',
        domain: '127.0.0.1',
        secure: false,
        script: false,
      }) as unknown as { name: string; value: string }[];
      const context = await browser.newContext({ locale: language, timezoneId: 'Europe/Paris' });
      await context.addCookies(cookie.map(({ name, value }) => ({ name, value, url: system.publicUrl })));
      for (const [name, path] of Object.entries(pages))
        await drawPage(context, system.publicUrl, { name, path, language });
      await context.close();
    }
  } finally {
    await browser.close();
    await system.stop();
  }
});

async function drawPage(
  context: BrowserContext,
  origin: string,
  { name, path, language }: { name: string; path: string; language: string },
): Promise<void> {
  for (const width of widths) {
    const page: Page = await context.newPage();
    await page.setViewportSize({ width, height: 800 });
    const separator = path.includes('?') ? '&' : '?';
    const response = await page.goto(`${origin}${path}${separator}lang=${language}`);
    if (response?.status() !== 200) throw new Error(`${path} answers ${response?.status()}`);
    // As high as the page is, so that what stays at the window's foot is at the page's.
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    await page.setViewportSize({ width, height });
    const file = `${folder}/${name}-${language}-${width}.png`;
    await page.screenshot({ path: file });
    await page.close();
  }
}
