// Comfort for the settings page: warns before changes are lost, hides choices that do not apply. Every page works without it.
for (const form of document.querySelectorAll('form[data-guard]')) {
  const note = form.querySelector('[data-unsaved]');
  let changed = false;
  const change = () => {
    changed = true;
    note.textContent = note.dataset.unsaved;
  };
  form.addEventListener('input', change);
  // An answer that holds what was typed before, and that was not saved.
  if (form.dataset.guard === 'changed') change();
  form.addEventListener('submit', () => {
    changed = false;
  });
  window.addEventListener('beforeunload', (event) => {
    if (changed) event.preventDefault();
  });
  for (const part of form.querySelectorAll('[data-when]')) {
    const [name, value] = part.dataset.when.split('=');
    const show = () => {
      part.hidden = new FormData(form).get(name) !== value;
    };
    form.addEventListener('change', show);
    show();
  }
}
document.querySelector('[data-focus]')?.focus();

// A double click would send a form twice, and the second would be refused for what the first has saved.
const doubleClickMs = 1_000;
let sent;
document.addEventListener(
  'submit',
  (event) => {
    const { submitter, timeStamp } = event;
    if (submitter && submitter === sent?.submitter && timeStamp - sent.timeStamp < doubleClickMs) {
      event.preventDefault();
      // The panel sends its forms by itself.
      event.stopPropagation();
    } else sent = { submitter, timeStamp };
  },
  true,
);

// Activity: looks for newer entries while the page is open and seen, and puts them in when asked to.
const followEveryMs = 5_000;
const followMost = 100;
for (const live of document.querySelectorAll('[data-live]')) {
  const note = live.querySelector('[role="status"]');
  const button = live.querySelector('button');
  let { newest } = live.dataset;
  let waiting = [];
  let turn;
  let failures = 0;
  let timer;
  const keepLooking = () => {
    clearTimeout(timer);
    timer = setTimeout(look, Math.min(followEveryMs * 2 ** failures, 60_000));
  };
  const take = (html) => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    newest = page.querySelector('[data-newest]').dataset.newest;
    turn = page.querySelector('[data-turn]') ?? turn;
    waiting = [...page.querySelectorAll('.records > li'), ...waiting];
    const count = waiting.length < followMost ? waiting.length : `${followMost}+`;
    note.textContent = note.dataset.fresh.replace('#', count);
    button.hidden = false;
  };
  const look = async () => {
    // A page that nobody sees asks nothing; one with very much waiting is loaded anew when its button is pressed.
    if (document.hidden || waiting.length >= followMost) return;
    try {
      const answer = await fetch(`${live.dataset.live}&newerThan=${newest}`, { redirect: 'manual' });
      if (answer.status === 200) take(await answer.text());
      // Signed out, or this page is older than the program that answers.
      else if (answer.type === 'opaqueredirect' || (answer.status >= 400 && answer.status < 500)) {
        note.textContent = live.dataset.stopped;
        return;
      }
      failures = answer.ok ? 0 : failures + 1;
    } catch {
      // Offline, or Baton is being restarted: later, with growing gaps.
      failures += 1;
    }
    keepLooking();
  };
  document.addEventListener('visibilitychange', keepLooking);
  button.addEventListener('click', () => {
    const list = document.querySelector('.records');
    if (!list || waiting.length >= followMost) {
      location.reload();
      return;
    }
    list.prepend(...waiting);
    if (turn) document.querySelector('[data-turn]')?.replaceWith(turn);
    waiting[0].tabIndex = -1;
    waiting[0].focus();
    waiting = [];
    turn = undefined;
    note.textContent = '';
    button.hidden = true;
  });
  keepLooking();
}
