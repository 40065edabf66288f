// A signed-in page in a real browser, and what every page is held to: axe-core finds nothing, and nothing is wider than the screen.
import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { SignedInApp } from './signed-in-app.ts';

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
