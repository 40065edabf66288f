// The pages in a real browser: accessibility by axe-core, narrow screens, the keyboard, and a form without script.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { assertAccessible, assertFits, openPage as openSignedIn } from './browser-page.ts';
import { findChromium, howToGetChromium, launchChromium } from './chromium.ts';
import { recordOf, type SignedInApp, startSignedInApp, supportPipeline } from './signed-in-app.ts';

const executable = findChromium();
if (!executable) console.log(howToGetChromium);

let app: SignedInApp;
let browser: Browser;
if (executable) {
  before(async () => {
    app = await startSignedInApp();
    const billing = { id: '5', label: 'Returns, repairs and everything else', stages: supportPipeline.stages };
    app.hubspot.pipelines = [supportPipeline, billing];
    await app.addRecords([
      recordOf({ subject: 'm:1:1' }),
      recordOf({ subject: 'm:1:2', outcome: 'shadow' }),
      recordOf({ subject: 'm:1:3', outcome: 'failed', reason: 'refused-by-hubspot', error: 'x'.repeat(200) }),
      recordOf({ subject: 'm:1:4', outcome: 'skipped', decision: 'stay', reason: 'paused', toStageId: null }),
    ]);
    browser = await launchChromium(executable);
  });
  after(async () => {
    await browser.close();
    await app.close();
  });
}

const openPage = (options: BrowserContextOptions = {}) => openSignedIn(browser, app, options);

const browserTest = (title: string, work: () => Promise<void>): void => {
  if (executable) test(title, work);
};

browserTest(
  'axe-core finds nothing on any page, wide in English and narrow in French, and nothing is cut off',
  async () => {
    for (const [width, language] of [
      [1280, 'en'],
      [390, 'fr'],
    ] as const) {
      const page = await openPage({ viewport: { width, height: 800 } });
      for (const path of ['/', '/privacy', '/settings', '/activity', '/tickets/900', '/tickets/1', '/disconnected']) {
        if (path === '/disconnected') await page.context().clearCookies();
        await page.goto(`${app.url}${path}?lang=${language}`);
        await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })");
        await assertAccessible(page, `${path} at ${width}`);
        await assertFits(page, `${path} at ${width}`);
        // 320 px is a screen of 1280 magnified four times (WCAG 1.4.10).
        await page.setViewportSize({ width: 320, height: 800 });
        await assertFits(page, `${path} at 320`);
        await page.setViewportSize({ width, height: 800 });
      }
      await page.context().close();
    }
  },
);

browserTest('by keyboard alone: past the navigation, a switch on, and saved', async () => {
  const page = await openPage();
  await page.goto(`${app.url}/settings?pipeline=5`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content');
  await page.keyboard.press('Enter');
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate('document.activeElement.id')) === 'paused') break;
  }
  assert.equal(await page.evaluate('document.activeElement.id'), 'paused');
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page.getByText('Baton is paused: it changes nothing.').waitFor();
  await page.context().close();
});

browserTest('no page asks another site for anything, and the rules for scripts are never broken', async () => {
  const page = await openPage();
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${app.url}/`)) elsewhere.push(request.url());
  });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const note = '/settings/actions?pipeline=0&stage=1&add=add-note';
  for (const path of ['/', '/settings', '/settings/versions', '/activity', '/tickets/900', note]) {
    await page.goto(`${app.url}${path}`);
  }
  await page.getByLabel('Text').fill('Hello');
  await page.getByText('You have changes that are not saved.').waitFor();
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(complaints, []);
  await page.context().close();
});
