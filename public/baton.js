// Comfort for the settings page: warns before changes are lost, hides choices that do not apply. Every page works without it.
for (const form of document.querySelectorAll('form[data-guard]')) {
  const note = form.querySelector('[data-unsaved]');
  let changed = false;
  form.addEventListener('input', () => {
    changed = true;
    note.textContent = note.dataset.unsaved;
  });
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
