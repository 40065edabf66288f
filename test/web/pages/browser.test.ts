// The pages in a real browser: accessibility by axe-core, narrow screens, the keyboard, and a form without script.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findChromium, howToGetChromium, launchChromium } from './chromium.ts';
import { portalId, recordOf, type SignedInApp, startSignedInApp, supportPipeline } from './signed-in-app.ts';

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

async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en', ...options });
  const [name = '', value = ''] = app.cookie.split('=');
  await context.addCookies([{ name, value, url: app.url }]);
  return context.newPage();
}

async function assertAccessible(page: Page, where: string): Promise<void> {
  // By evaluate, not by a script element, which the pages' own rules for scripts forbid.
  await page.evaluate(axe.source);
  const found = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  const faults = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  assert.deepEqual(faults, [], where);
}

async function assertFits(page: Page, where: string): Promise<void> {
  const [wanted, given] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as [
    number,
    number,
  ];
  assert.ok(wanted <= given, `${where} is ${wanted} px wide on a screen of ${given}`);
}

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

browserTest('an admin sets up a pipeline without script, by name of each control', async () => {
  const page = await openPage({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } });
  await page.goto(`${app.url}/settings`);
  await page.getByRole('switch', { name: 'Use this rule when the contact replies' }).check();
  await page.getByLabel('When the contact replies on the ticket’s thread, move it to').selectOption('Waiting on us');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('Saved. This is version 1.').waitFor();
  const { settings } = await app.db.settings.getSettings(portalId);
  assert.equal(settings.pipelines['0']?.incoming.enabled, true);
  assert.equal(settings.pipelines['0']?.incoming.stageId, '3');
  await page.context().close();
});

browserTest(
  'a refused form takes the focus to what is wrong, is accessible, and its links lead to the fields',
  async () => {
    const page = await openPage();
    await page.goto(`${app.url}/settings`);
    await page.getByRole('textbox', { name: 'Days after closing' }).fill('soon');
    await page.getByRole('switch', { name: 'Use this rule when we email the contact' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.equal(await page.evaluate('document.activeElement.role'), 'alert');
    await assertAccessible(page, 'refused form');
    await alert.getByRole('link', { name: 'Days after closing' }).click();
    const days = page.getByRole('textbox', { name: 'Days after closing' });
    assert.equal(await page.evaluate('document.activeElement.id'), 'incoming-closed-days');
    assert.equal(await days.inputValue(), 'soon');
    await page.context().close();
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

browserTest('leaving with unsaved changes asks first; choices that do not apply are out of the way', async () => {
  const page = await openPage();
  await page.goto(`${app.url}/settings?pipeline=5`);
  const ticks = page.locator('[data-when="outgoing.from=some"]');
  assert.equal(await ticks.isVisible(), false);
  await page.getByRole('radio', { name: 'Only from these:' }).first().check();
  assert.equal(await ticks.isVisible(), true);
  await page.getByText('You have changes that are not saved.').waitFor();
  const asked = new Promise<string>((resolve) => {
    page.once('dialog', async (dialog) => {
      resolve(dialog.type());
      await dialog.dismiss();
    });
  });
  await page.getByRole('link', { name: 'Activity' }).click({ noWaitAfter: true });
  assert.equal(await asked, 'beforeunload');
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
  for (const path of ['/', '/settings', '/activity', '/tickets/900']) await page.goto(`${app.url}${path}`);
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(complaints, []);
  await page.context().close();
});
