// A signed-in page in a real browser, and what every page is held to: axe-core finds nothing, and nothing is wider than the screen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { settingsSchema } from '../../../src/rules/settings.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { portalId, type SignedInApp, startSignedInApp, supportPipeline, userId } from './signed-in-app.ts';

export async function openPage(browser: Browser, app: SignedInApp, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en', ...options });
  const [name = '', value = ''] = app.cookie.split('=');
  await context.addCookies([{ name, value, url: app.url }]);
  return context.newPage();
}

export async function assertAccessible(page: Page, where: string): Promise<void> {
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

export async function assertFits(page: Page, where: string): Promise<void> {
  const [wanted, given] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as [
    number,
    number,
  ];
  assert.ok(wanted <= given, `${where} is ${wanted} px wide on a screen of ${given}`);
}

export const focused = (page: Page, property: string): Promise<unknown> =>
  page.evaluate(`document.activeElement.${property}`);

/**
 * For a test file: one app and one browser, and a `browserTest` whose pages are closed after it. Without a Chromium on this machine no
 * test is registered; browser.test.ts says how to get one.
 */
export function prepareBrowserTests() {
  const executable = findChromium();
  const parts = {} as { app: SignedInApp; browser: Browser };
  if (executable) {
    before(async () => {
      parts.app = await startSignedInApp();
      const returns = { id: '5', label: 'Returns, repairs and everything else', stages: supportPipeline.stages };
      parts.app.hubspot.pipelines = [supportPipeline, returns];
      parts.browser = await launchChromium(executable);
    });
    after(async () => {
      await parts.browser.close();
      await parts.app.close();
    });
  }
  const open = async (options?: BrowserContextOptions) => {
    const page = await openPage(parts.browser, parts.app, options);
    page.setDefaultTimeout(10_000);
    return page;
  };
  function browserTest(title: string, work: (page: Page) => Promise<void>, options?: BrowserContextOptions): void {
    if (!executable) return;
    test(title, async () => {
      const page = await open(options);
      try {
        await work(page);
      } finally {
        await page.context().close();
      }
    });
  }

  return {
    parts,
    browserTest,
    async current() {
      const { version, settings } = await parts.app.db.settings.getSettings(portalId);
      return { version, settings, rules: settings.pipelines['0'] };
    },
    /** As another admin would, or in preparation. */
    async save(document: unknown) {
      const { version } = await parts.app.db.settings.getSettings(portalId);
      const settings = settingsSchema.parse(document);
      await parts.app.db.settings.saveSettings(portalId, { basedOn: version, settings, author: userId });
    },
  };
}
