// Comfort for stage actions: their pages open as a panel at the right, and a save shows in place. Every page works without it.

/** What a panel's HTML needs of script, in the dialog as on a page of its own. */
function prepare(panel) {
  for (const code of panel.querySelectorAll('code[data-insert]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'insert';
    button.textContent = code.textContent;
    // The name begins with what is seen, for those who speak to their computer (WCAG 2.5.3).
    button.setAttribute('aria-label', `${code.textContent}: ${code.dataset.insert}`);
    button.addEventListener('click', () => insert(panel, code.textContent));
    code.replaceWith(button);
  }
  const ticket = panel.querySelector('#panel-ticket');
  ticket?.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    ticket.form.querySelector('[value="preview"]').click();
  });
  // The values of a property are read by choosing it; the button is for those without script.
  const values = panel.querySelector('[data-values]');
  if (values) {
    values.hidden = true;
    panel.querySelector('[data-submit="values"]').addEventListener('change', () => values.click());
  }
}

/** At the cursor of the text that was written in last. */
function insert(panel, text) {
  const field = panel.querySelector('#panel-body, #panel-subject');
  field.focus();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

const dialog = document.createElement('dialog');
dialog.className = 'panel-dialog';
let changed = false;
/** Address of the link that opened the panel: the focus goes back to it, or to the link in its place. */
let openedBy;

function mayClose() {
  const { unsaved } = dialog.querySelector('#panel')?.dataset ?? {};
  return !changed || !unsaved || window.confirm(unsaved);
}

function close() {
  changed = false;
  dialog.close();
  dialog.replaceChildren();
  const links = [...document.querySelectorAll('a[data-panel]')];
  (links.find((link) => link.href === openedBy) ?? document.querySelector('#stages'))?.focus();
}

function showPanel(page) {
  const panel = page.querySelector('#panel');
  if (!panel) return false;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'panel-close';
  button.setAttribute('aria-label', panel.dataset.close);
  button.textContent = '×';
  button.addEventListener('click', () => mayClose() && close());
  const heading = panel.querySelector('[data-panel-focus]');
  heading.id = 'panel-title';
  dialog.setAttribute('aria-labelledby', heading.id);
  prepare(panel);
  dialog.replaceChildren(panel, button);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  (panel.querySelector('[data-focus]') ?? heading).focus();
  return true;
}

/** A save that went well: the page's stages and messages are replaced, and what is typed elsewhere on it stays. */
function showSaved(page, basedOn) {
  for (const id of ['messages', 'stages', 'versions']) {
    const fresh = page.querySelector(`#${id}`);
    // Into the element that is there: it is announced, as it was live before.
    if (fresh) document.querySelector(`#${id}`)?.replaceChildren(...fresh.childNodes);
  }
  // Only where both stood on the same version: else somebody else saved in between, and the next save must say so.
  const here = document.querySelector('form.settings [name="basedOn"]');
  const there = page.querySelector('form.settings [name="basedOn"]');
  if (here && there && here.value === basedOn) here.value = there.value;
  const { search, pathname } = window.location;
  const pipeline = new URLSearchParams(search).get('pipeline');
  history.replaceState(null, '', pipeline === null ? pathname : `${pathname}?${new URLSearchParams({ pipeline })}`);
  close();
}

async function load(url, options, fallback) {
  let response;
  let page;
  try {
    response = await fetch(url, { headers: { Accept: 'text/html' }, ...options });
    page = new DOMParser().parseFromString(await response.text(), 'text/html');
  } catch {
    return fallback();
  }
  if (page.querySelector('#panel')) {
    showPanel(page);
  } else if (response.ok && response.redirected && page.querySelector('form.settings')) {
    showSaved(page, options.body.get('basedOn'));
  } else {
    // Signed out, gone, or refused: the page that says so takes over.
    fallback();
  }
}

/** As without script: the answer, whatever it is, is the next page. */
function submitPlainly(form, submitter, url) {
  const pressed = document.createElement('input');
  pressed.type = 'hidden';
  pressed.name = submitter?.name ?? '';
  pressed.value = submitter?.value ?? '';
  form.append(pressed);
  form.setAttribute('action', url);
  form.submit();
}

if (document.querySelector('form.settings')) {
  document.body.append(dialog);
  document.addEventListener('click', (event) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = event.target.closest('a[data-panel], dialog a[data-close-panel]');
    if (!link || !plain) return;
    event.preventDefault();
    if (link.matches('[data-close-panel]')) return mayClose() && close();
    if (!dialog.open) openedBy = link.href;
    changed = false;
    load(link.href, {}, () => window.location.assign(link.href));
  });
  dialog.addEventListener('input', (event) => {
    if (event.target.closest('.action-form') && event.target.name !== 'ticket') changed = true;
  });
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    if (mayClose()) close();
  });
  dialog.addEventListener('submit', (event) => {
    event.preventDefault();
    const { target: form, submitter } = event;
    const body = new URLSearchParams(new FormData(form, submitter));
    const url = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
    load(url, { method: 'POST', body }, () => submitPlainly(form, submitter, url));
  });
} else {
  const panel = document.querySelector('#panel');
  if (panel) prepare(panel);
}
