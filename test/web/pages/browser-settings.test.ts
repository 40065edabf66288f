// The settings in a real browser: rules, errors, unsaved changes, every page by axe-core, and without script.
import assert from 'node:assert/strict';
import { beforeEach } from 'node:test';
import { assertAccessible, assertFits, focused, prepareBrowserTests } from './browser-page.ts';
import { userId } from './signed-in-app.ts';

const { parts, browserTest, current, save } = prepareBrowserTests();
beforeEach(() => parts.app?.query('delete from settings_versions'));

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
  async (page) => {
    await save({ paused: true });
    await save(withActions);
    const place = '/settings/actions?pipeline=0&stage=1';
    for (const [width, language] of [
      [1280, 'en'],
      [390, 'fr'],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
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
        await page.goto(`${parts.app.url}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
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

browserTest(
  'an admin sets up a pipeline without script, by name of each control',
  async (page) => {
    await page.goto(`${parts.app.url}/settings`);
    const replies = 'When the contact replies on the thread the ticket was created on';
    await page.getByRole('switch', { name: replies }).check();
    await page.getByRole('combobox', { name: `${replies} move it to` }).selectOption('Waiting on us');
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
  },
  { javaScriptEnabled: false, viewport: { width: 390, height: 800 } },
);

browserTest(
  'a refused form takes the focus to what is wrong, is accessible, and its links lead to the fields',
  async (page) => {
    await page.goto(`${parts.app.url}/settings`);
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

browserTest(
  'a double click saves once and is no conflict; a refused form still asks before it is left',
  async (page) => {
    await page.goto(`${parts.app.url}/settings`);
    await page.getByRole('switch', { name: 'Pause Baton' }).check();
    await page.getByRole('button', { name: 'Save', exact: true }).dblclick();
    await page.getByText('Saved. This is version 1.').waitFor();
    await page.getByRole('link', { name: 'Add an action for tickets that reach New' }).click();
    await page.getByRole('link', { name: 'Write a note on the ticket' }).click();
    await page.getByRole('dialog').getByLabel('Text').fill('Hello');
    await page.getByRole('dialog').getByRole('button', { name: 'Save this action' }).dblclick();
    await page.getByText('Saved. This is version 2.').waitFor();
    await page.getByRole('link', { name: 'Note: “Hello”' }).waitFor();
    assert.equal(await page.getByText('Somebody else saved in the meantime').count(), 0);
    assert.equal((await current()).version, 2);
    await page.getByRole('textbox', { name: 'At most this many' }).fill('none');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByText('You have changes that are not saved.').waitFor();
    const asked = new Promise<string>((resolve) => {
      page.once('dialog', async (dialog) => {
        resolve(dialog.type());
        await dialog.dismiss();
      });
    });
    await page.locator('h1').click();
    await page.getByRole('link', { name: 'Activity' }).click({ noWaitAfter: true });
    assert.equal(await asked, 'beforeunload');
  },
);

browserTest('leaving with unsaved changes asks first; choices that do not apply are out of the way', async (page) => {
  await page.goto(`${parts.app.url}/settings?pipeline=5`);
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
