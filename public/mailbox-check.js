// Looks again by itself while a mailbox check waits for its mails; without it the page's own button does the same.
const everyMs = 4_000;
const look = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.pathname, { redirect: 'manual' });
    if (answer.status !== 200) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-arriving]');
    if (!fresh) {
      location.reload();
      return;
    }
    const here = document.querySelector('[data-arriving]');
    // Only what has changed: a screen reader reads every new status aloud.
    if (here.innerHTML.replace(/\s+/g, ' ') !== fresh.innerHTML.replace(/\s+/g, ' ')) here.innerHTML = fresh.innerHTML;
  } catch {
    // Offline, or Baton is being restarted: the next look is as good.
  }
};
setInterval(look, everyMs);
