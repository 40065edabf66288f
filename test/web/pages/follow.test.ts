// The activity page while it is open, in a real browser: new entries are announced, shown when asked for, and nothing jumps.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { findChromium, howToGetChromium, launchChromium } from './chromium.ts';
import { portalId, recordOf, type SignedInApp, startSignedInApp } from './signed-in-app.ts';

const executable = findChromium();
if (!executable) console.log(howToGetChromium);

let app: SignedInApp;
let browser: Browser;
let lastMessage = 0;
const record = (special: Parameters<typeof recordOf>[0] | object = {}) => {
  lastMessage += 1;
  return recordOf({ subject: `m:1:${lastMessage}`, ...special });
};
if (executable) {
  before(async () => {
    app = await startSignedInApp();
    await app.addRecords([record(), record({ ticketId: '901' })]);
    browser = await launchChromium(executable);
  });
  after(async () => {
    await browser.close();
    await app.close();
  });
}
const browserTest = (title: string, work: () => Promise<void>): void => {
  if (executable) test(title, work);
};

/** A page whose clock the test moves. Answers the questions it asks for newer entries, too. */
async function openPage(path: string) {
  const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 } });
  const [name = '', value = ''] = app.cookie.split('=');
  await context.addCookies([{ name, value, url: app.url }]);
  const page = await context.newPage();
  await page.clock.install();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('newerThan')) asked.push(request.url());
  });
  await page.goto(`${app.url}${path}`);
  return { page, asked };
}

/** As if so many seconds had passed; then what was asked for is there. */
async function passSeconds(page: Page, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 6) {
    await page.clock.runFor(Math.min(6, seconds - passed) * 1_000);
    // The answer comes in real time.
    await wait(25);
  }
}

const firstSentence = (page: Page) => page.locator('.record .sentence').first().textContent();

browserTest('new entries are announced, and shown at the top when asked for; what was opened stays open', async () => {
  const { page, asked } = await openPage('/activity');
  await page.locator('.record details').first().click();
  await passSeconds(page, 6);
  assert.equal(asked.length, 1);
  assert.equal(await page.getByRole('status').textContent(), '');
  await app.addRecords([record(), record({ outcome: 'skipped', decision: 'stay', reason: 'paused', toStageId: null })]);
  await passSeconds(page, 6);
  await page.getByText('New entries: 2').waitFor();
  assert.equal(await page.locator('.record').count(), 2);
  await app.addRecords([record({ outcome: 'failed', reason: 'refused-by-hubspot' })]);
  await passSeconds(page, 6);
  await page.getByText('New entries: 3').waitFor();
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  assert.deepEqual(
    found.violations.map(({ id }) => id),
    [],
  );
  await page.getByRole('button', { name: 'Show new entries' }).press('Enter');
  assert.equal(await page.locator('.record').count(), 5);
  assert.match((await firstSentence(page)) ?? '', /^Could not be moved/);
  assert.equal(await page.evaluate('document.activeElement === document.querySelector(".record")'), true);
  assert.equal(await page.locator('.record details').nth(3).getAttribute('open'), '');
  assert.equal(await page.getByRole('button', { name: 'Show new entries' }).count(), 0);
  const ids = await page.evaluate('[...document.querySelectorAll(".record")].map((one) => one.id)');
  assert.deepEqual(
    ids,
    (ids as string[]).toSorted((left, right) => Number(right.slice(7)) - Number(left.slice(7))),
  );
  await passSeconds(page, 6);
  assert.equal(await page.getByRole('status').textContent(), '');
  await page.context().close();
});

browserTest('a ticket’s page tells the turn anew when what is new is shown', async () => {
  await app.addRecords([record({ ticketId: '950' })]);
  const { page } = await openPage('/tickets/950');
  await page.getByText('It is your team’s turn').waitFor();
  await app.addRecords([record({ ticketId: '950', verdict: 'sent-from-ticket', toStageId: '2' })]);
  await app.addRecords([record({ ticketId: '951' })]);
  await passSeconds(page, 6);
  await page.getByText('New entries: 1').waitFor();
  await page.getByRole('button', { name: 'Show new entries' }).click();
  await page.getByText('It is the contact’s turn').waitFor();
  assert.equal(await page.getByText('It is your team’s turn').count(), 0);
  await page.context().close();
});

browserTest('a page that nobody sees asks nothing, and asks again once it is seen', async () => {
  const { page, asked } = await openPage('/activity?outcome=done');
  await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'))`);
  await passSeconds(page, 120);
  assert.equal(asked.length, 0);
  await page.evaluate(`Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'))`);
  await passSeconds(page, 6);
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? '', /outcome=done/);
  await page.context().close();
});

browserTest('it waits longer while Baton does not answer, and says so once nobody is signed in', async () => {
  const { page, asked } = await openPage('/activity');
  await page.route('**/activity?fragment*', (route) => route.abort());
  await passSeconds(page, 300);
  assert.ok(asked.length >= 3 && asked.length <= 10, `${asked.length} questions in five minutes`);
  await page.unroute('**/activity?fragment*');
  await page.context().clearCookies();
  await passSeconds(page, 61);
  await page.getByText('This page no longer notices new entries. Reload it.').waitFor();
  const before = asked.length;
  await passSeconds(page, 300);
  assert.equal(asked.length, before);
  await page.context().close();
});

browserTest('with very much new, it stops asking, and its button loads the page anew', async () => {
  const { page, asked } = await openPage('/activity');
  await app.addRecords(Array.from({ length: 120 }, () => record()));
  await passSeconds(page, 6);
  await page.getByText('New entries: 50').waitFor();
  await passSeconds(page, 6);
  await page.getByText('New entries: 100+').waitFor();
  await passSeconds(page, 60);
  assert.equal(asked.length, 2);
  await page.getByRole('button', { name: 'Show new entries' }).click();
  await page.waitForFunction('document.querySelectorAll(".record").length === 50');
  const { records } = await app.db.records.listRecords(portalId, { limit: 1 });
  await page.locator(`#record-${records[0]?.id}`).waitFor();
  await page.context().close();
});
