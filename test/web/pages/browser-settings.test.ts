// The settings in a real browser: rules, the panel of stage actions, versions, by keyboard, in French, and without script.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { settingsSchema } from '../../../src/rules/settings.ts';
import { assertAccessible, assertFits, focused, openPage } from './browser-page.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { portalId, type SignedInApp, startSignedInApp, supportPipeline, userId } from './signed-in-app.ts';

const executable = findChromium();

let app: SignedInApp;
let browser: Browser;
if (executable) {
  before(async () => {
    app = await startSignedInApp();
    const returns = { id: '5', label: 'Returns, repairs and everything else', stages: supportPipeline.stages };
    app.hubspot.pipelines = [supportPipeline, returns];
    browser = await launchChromium(executable);
  });
  after(async () => {
    await browser.close();
    await app.close();
  });
  beforeEach(() => app.query('delete from settings_versions'));
}

const browserTest = (
  title: string,
  work: (open: (options?: BrowserContextOptions) => Promise<Page>) => Promise<void>,
) => {
  if (!executable) return;
  test(title, async () => {
    const pages: Page[] = [];
    try {
      await work(async (options) => {
        const page = await openPage(browser, app, options);
        page.setDefaultTimeout(10_000);
        pages.push(page);
        return page;
      });
    } finally {
      for (const page of pages) await page.context().close();
    }
  });
};

async function current() {
  const { version, settings } = await app.db.settings.getSettings(portalId);
  return { version, settings, rules: settings.pipelines['0'] };
}

async function save(document: unknown) {
  const { version } = await current();
  const settings = settingsSchema.parse(document);
  await app.db.settings.saveSettings(portalId, { basedOn: version, settings, author: userId });
}

const note = (id: string, body: string) => ({ id, kind: 'add-note', body });
const withActions = {
  pipelines: {
    '0': {
      newConversation: { enabled: true, stageId: '1', channelAccountIds: ['9001'] },
      incoming: { enabled: true, stageId: '3', fromStageIds: ['2'] },
      stageActions: {
        '1': [
          {
            id: 't',
            kind: 'send-notification',
            via: 'thread',
            senderUserId: userId,
            body: 'Hello {{contact.firstname}}',
          },
          { id: 'p', kind: 'set-property', property: 'hs_ticket_priority', value: 'HIGH' },
        ],
        '2': [note('n', 'https://example.com/'.padEnd(90, 'x'))],
      },
    },
  },
};

browserTest(
  'axe-core finds nothing on the settings and their pages, wide and narrow, and nothing is cut off',
  async (open) => {
    await save({ paused: true });
    await save(withActions);
    const place = '/settings/actions?pipeline=0&stage=1';
    for (const [width, language] of [
      [1280, 'en'],
      [390, 'fr'],
    ] as const) {
      const page = await open({ viewport: { width, height: 800 } });
      for (const path of [
        '/settings',
        place,
        `${place}&action=t`,
        `${place}&action=p`,
        `${place}&add=create-task`,
        `${place}&add=post-webhook`,
        '/settings/versions',
        '/settings/webhook-secret',
      ]) {
        await page.goto(`${app.url}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
        await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })");
        await assertAccessible(page, `${path} at ${width}`);
        await assertFits(page, `${path} at ${width}`);
        // 320 px is a screen of 1280 magnified four times (WCAG 1.4.10).
        await page.setViewportSize({ width: 320, height: 800 });
        await assertFits(page, `${path} at 320`);
        await page.setViewportSize({ width, height: 800 });
      }
    }
  },
);

browserTest('an admin sets up a pipeline without script, by name of each control', async (open) => {
  const page = await open({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } });
  await page.goto(`${app.url}/settings`);
  const replies = 'When the contact replies on the thread the ticket was created on';
  await page.getByRole('switch', { name: replies }).check();
  await page.getByLabel(`${replies} move it to`).selectOption('Waiting on us');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. This is version 1.').waitFor();
  assert.equal((await current()).rules?.incoming.stageId, '3');
  await page.getByRole('link', { name: 'Add an action for tickets that reach New' }).click();
  await page.getByRole('link', { name: 'Set a property of the ticket' }).click();
  await page.getByLabel('Property', { exact: true }).selectOption('Priority (hs_ticket_priority)');
  await page.getByRole('button', { name: 'Show the values of this property' }).click();
  await page.getByLabel('Value').selectOption('High');
  await page.getByRole('button', { name: 'Save this action' }).click();
  await page.getByText('Saved. This is version 2.').waitFor();
  await page.getByRole('link', { name: 'Set Priority to High' }).click();
  await page.getByRole('button', { name: 'Remove this action' }).click();
  await page.getByText('Saved. This is version 3.').waitFor();
  await page.getByRole('link', { name: 'All versions: what changed, and going back' }).click();
  await page.getByRole('button', { name: 'Go back to version 2' }).click();
  await page.getByText('Saved. This is version 4.').waitFor();
  assert.equal((await current()).rules?.stageActions['1']?.length, 1);
});

browserTest(
  'by keyboard: the panel opens at the plus, an action is written and saved in place, the focus comes back',
  async (open) => {
    const page = await open();
    await page.goto(`${app.url}/settings`);
    await page.getByRole('switch', { name: 'Pause Baton' }).check();
    await page.getByRole('link', { name: 'Add an action for tickets that reach New' }).focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog', { name: 'When a ticket reaches New' });
    await panel.waitFor();
    assert.equal(await focused(page, 'tagName'), 'H1');
    await panel.getByRole('link', { name: 'Write a note on the ticket' }).focus();
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog', { name: 'Write a note on the ticket' });
    await form.getByLabel('Text').waitFor();
    await form.getByLabel('Text').focus();
    await page.keyboard.type('Welcome, ');
    await form.getByText('Values you can insert').focus();
    await page.keyboard.press('Enter');
    await form.getByRole('button', { name: 'Insert: First name of the contact' }).focus();
    await page.keyboard.press('Enter');
    assert.equal(await focused(page, 'id'), 'panel-body');
    assert.equal(await form.getByLabel('Text').inputValue(), 'Welcome, {{contact.firstname}}');
    await assertAccessible(page, 'the open panel');
    await form.getByRole('button', { name: 'Save this action' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Saved. This is version 1.').waitFor();
    await page.getByRole('link', { name: 'Note: “Welcome, {{contact.firstname}}”' }).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.match(String(await focused(page, 'textContent')), /Add an action/);
    assert.deepEqual((await current()).settings.paused, false, 'what was changed beside the panel is not saved yet');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved. This is version 2.').waitFor();
    const { settings, rules } = await current();
    assert.equal(settings.paused, true);
    assert.equal(rules?.stageActions['1']?.length, 1);
  },
);

browserTest('in the panel an action is corrected after an error, changed, and moved', async (open) => {
  await save({ pipelines: { '0': { stageActions: { '1': [note('n1', 'One'), note('n2', 'Two')] } } } });
  const page = await open();
  await page.goto(`${app.url}/settings?pipeline=0`);
  await page.getByRole('link', { name: 'Note: “Two”' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByLabel('Text').fill('{{nobody.name}}');
  await panel.getByRole('button', { name: 'Save this action' }).click();
  await panel.getByRole('alert').waitFor();
  assert.equal(await focused(page, 'role'), 'alert');
  await assertAccessible(page, 'a refused action');
  await panel.getByRole('link', { name: 'Text' }).click();
  assert.equal(await focused(page, 'id'), 'panel-body');
  await panel.getByLabel('Text').fill('Second');
  await panel.getByRole('button', { name: 'Save this action' }).click();
  await page.getByText('Saved. This is version 2.').waitFor();
  await page.getByRole('link', { name: 'Note: “Second”' }).click();
  await panel.getByRole('button', { name: 'Earlier' }).click();
  await page.getByText('Saved. This is version 3.').waitFor();
  assert.deepEqual(await page.locator('#stages ol a').allTextContents(), ['Note: “Second”', 'Note: “One”']);
  assert.deepEqual(
    (await current()).rules?.stageActions['1']?.map(({ id }) => id),
    ['n2', 'n1'],
  );
});

browserTest(
  'the values of a property come when it is chosen; Escape closes, and asks when something would be lost',
  async (open) => {
    const page = await open();
    await page.goto(`${app.url}/settings`);
    await page.getByRole('link', { name: 'Add an action for tickets that reach Closed' }).click();
    const panel = page.getByRole('dialog');
    await panel.getByRole('link', { name: 'Set a property of the ticket' }).click();
    await panel.getByLabel('Property', { exact: true }).selectOption('Priority (hs_ticket_priority)');
    await panel.getByLabel('Value').selectOption('High');
    const questions: string[] = [];
    let answer = false;
    page.on('dialog', async (dialog) => {
      questions.push(dialog.message());
      await (answer ? dialog.accept() : dialog.dismiss());
    });
    await page.keyboard.press('Escape');
    assert.deepEqual(questions, ['Close without saving this action?']);
    assert.equal(await panel.count(), 1);
    answer = true;
    await panel.getByRole('button', { name: 'Close' }).click();
    await panel.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Add an action for tickets that reach Closed' }).click();
    await panel.waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    assert.equal(questions.length, 2, 'nothing was typed, nothing is asked');
    assert.equal((await current()).version, 0);
  },
);

browserTest('a save from the panel never hides that somebody else saved in between', async (open) => {
  const page = await open();
  await page.goto(`${app.url}/settings`);
  await save({ shadow: true });
  await page.getByRole('link', { name: 'Add an action for tickets that reach New' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByRole('link', { name: 'Write a note on the ticket' }).click();
  await panel.getByLabel('Text').fill('Hello');
  await save({});
  await panel.getByRole('button', { name: 'Save this action' }).click();
  await panel.getByText('Somebody else saved in the meantime').waitFor();
  assert.equal(await panel.getByLabel('Text').inputValue(), 'Hello');
  page.on('dialog', (dialog) => dialog.accept());
  await panel.getByRole('link', { name: 'Reload the settings' }).click();
  await panel.getByText('Somebody else saved in the meantime').waitFor({ state: 'detached' });
  await panel.getByLabel('Text').fill('Hello');
  await panel.getByRole('button', { name: 'Save this action' }).click();
  await page.getByText('Saved. This is version 3.').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Somebody else saved in the meantime').waitFor();
  assert.equal((await current()).version, 3);
});

browserTest(
  'a refused form takes the focus to what is wrong, is accessible, and its links lead to the fields',
  async (open) => {
    const page = await open();
    await page.goto(`${app.url}/settings`);
    await page.locator('#incoming-closed-days').evaluate((field) => {
      (field.closest('details') as unknown as { open: boolean }).open = true;
    });
    await page.getByRole('textbox', { name: 'Days after closing' }).fill('soon');
    await page.getByRole('switch', { name: 'When we email the contact from the ticket' }).check();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.equal(await focused(page, 'role'), 'alert');
    await assertAccessible(page, 'refused form');
    await alert.getByRole('link', { name: 'Days after closing' }).click();
    assert.equal(await focused(page, 'id'), 'incoming-closed-days');
    assert.equal(await page.getByRole('textbox', { name: 'Days after closing' }).inputValue(), 'soon');
  },
);

browserTest('leaving with unsaved changes asks first; choices that do not apply are out of the way', async (open) => {
  const page = await open();
  await page.goto(`${app.url}/settings?pipeline=5`);
  const ticks = page.locator('[data-when="newConversation.accounts=some"]');
  assert.equal(await ticks.isVisible(), false);
  await page.getByRole('radio', { name: 'Only these:' }).first().check();
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
});

browserTest('in French an admin adds an action, goes back to an older version, and reads only French', async (open) => {
  await save({ paused: true });
  const page = await open({ locale: 'fr' });
  await page.goto(`${app.url}/settings`);
  await page.getByRole('link', { name: 'Ajouter une action pour les tickets qui arrivent à New' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByRole('link', { name: 'Confier le ticket à quelqu’un' }).click();
  await panel.getByLabel('À qui').selectOption('Ada Byron');
  await panel.getByRole('button', { name: 'Enregistrer cette action' }).click();
  await page.getByText('Enregistré. C’est la version 2.').waitFor();
  await page.getByRole('link', { name: 'Toutes les versions' }).click();
  await page.getByText('Support Pipeline: New, nouvelle action : Confier le ticket à Ada Byron').waitFor();
  await page.getByRole('button', { name: 'Revenir à la version 1' }).click();
  await page.getByText('Enregistré. C’est la version 3.').waitFor();
  assert.deepEqual((await current()).settings.pipelines, {});
});
