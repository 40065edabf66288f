// Follows the portal: on every sign of a change it reads the page again and swaps the parts that differ.

const parts = () => document.querySelectorAll('[data-live]');
let reading = false;
let again = false;
let isPostponed = false;

/** Somebody is in the middle of it: the focus is inside, or a field is filled in. */
function isInUse(part) {
  const isFilled = [...part.querySelectorAll('textarea, input')].some((field) => field.value !== field.defaultValue);
  const isChosen = [...part.querySelectorAll('option')].some((option) => option.selected !== option.defaultSelected);
  return isFilled || isChosen || part.contains(document.activeElement);
}

/** Open details stay open. */
function swap(old, fresh) {
  const open = new Set([...old.querySelectorAll('details[open][id]')].map((one) => one.id));
  for (const one of fresh.querySelectorAll('details[id]')) one.open = open.has(one.id);
  old.replaceWith(fresh);
}

async function follow() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  isPostponed = false;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const old of parts()) {
      const fresh = page.getElementById(old.id);
      if (!fresh || old.dataset.live === fresh.dataset.live) continue;
      if (isInUse(old)) isPostponed = true;
      else swap(old, document.importNode(fresh, true));
    }
  } catch {
    // The emulator is being restarted: the event source knocks until it is back, and reads again then.
  } finally {
    reading = false;
    if (again) {
      again = false;
      follow();
    }
  }
}

const events = new EventSource(document.body.dataset.events);
events.addEventListener('changed', follow);
// What happened before the line was open, or while it was lost, was told to nobody.
events.addEventListener('open', follow);
document.addEventListener('focusout', () => {
  if (isPostponed) setTimeout(follow, 0);
});
