// The panel of stage actions in a real browser: by keyboard, with errors, beside other changes, and in French.
import assert from 'node:assert/strict';
import { beforeEach } from 'node:test';
import { assertAccessible, focused, prepareBrowserTests } from './browser-page.ts';

const { parts, browserTest, current, save } = prepareBrowserTests();
beforeEach(() => parts.app?.query('delete from settings_versions'));

const note = (id: string, body: string) => ({ id, kind: 'add-note', body });

browserTest(
  'by keyboard: the panel opens at the plus, an action is written and saved in place, the focus comes back',
  async (page) => {
    await page.goto(`${parts.app.url}/settings`);
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
    await form.getByRole('button', { name: 'insert First name of the contact' }).focus();
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

browserTest('in the panel an action is corrected after an error, changed, and moved', async (page) => {
  await save({ pipelines: { '0': { stageActions: { '1': [note('n1', 'One'), note('n2', 'Two')] } } } });
  await page.goto(`${parts.app.url}/settings?pipeline=0`);
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
  async (page) => {
    await page.goto(`${parts.app.url}/settings`);
    await page.getByRole('link', { name: 'Add an action for tickets that reach Closed' }).click();
    const panel = page.getByRole('dialog');
    await panel.getByRole('link', { name: 'Set a property of the ticket' }).click();
    await panel.getByLabel('Property', { exact: true }).selectOption('Priority (hs_ticket_priority)');
    await panel.getByRole('combobox', { name: 'Value' }).selectOption('High');
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

browserTest('a save from the panel never hides that somebody else saved in between', async (page) => {
  await page.goto(`${parts.app.url}/settings`);
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
  'in French an admin adds an action, goes back to an older version, and reads only French',
  async (page) => {
    await save({ paused: true });
    await page.goto(`${parts.app.url}/settings`);
    await page.getByRole('link', { name: 'Ajouter une action pour les tickets qui arrivent à New' }).click();
    const panel = page.getByRole('dialog');
    await panel.getByRole('link', { name: 'Confier le ticket à quelqu’un' }).click();
    await panel.getByLabel('À qui').selectOption('Ada Byron');
    await panel.getByRole('button', { name: 'Enregistrer cette action' }).click();
    await page.getByText('Enregistré. C’est la version 2.').waitFor();
    await page.getByRole('link', { name: 'Toutes les versions' }).click();
    await page.getByText('Support Pipeline : New, nouvelle action : Confier le ticket à Ada Byron').waitFor();
    await page.getByRole('button', { name: 'Revenir à la version 1' }).click();
    await page.getByText('Enregistré. C’est la version 3.').waitFor();
    assert.deepEqual((await current()).settings.pipelines, {});
  },
  { locale: 'fr' },
);
