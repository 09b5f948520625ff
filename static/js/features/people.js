// Ticking people: all of a section at once, and how many are chosen beside the verbs for them.
const ticks = (place) => [...place.querySelectorAll('[name="ids"]:not(:disabled)')];

function count(bar) {
  const n = ticks(document).filter((tick) => tick.checked).length;
  const line = bar.querySelector('[role="status"]');
  const text = n ? line.dataset.many.replace('{n}', n) : line.dataset.none;
  if (line.textContent !== text) line.textContent = text;
  bar.toggleAttribute('data-idle', !n);
}

export function start(section, event, kit) {
  const bar = kit.byId('bulk');
  const all = section.querySelector('[data-all]');
  section.addEventListener('change', ({ target }) => {
    if (target === all) for (const tick of ticks(section)) tick.checked = all.checked;
    else all.checked = ticks(section).every((tick) => tick.checked);
    count(bar);
  });
  // A row that a decision replaced comes without its tick.
  new MutationObserver(() => count(bar)).observe(section.querySelector('tbody'), { childList: true });
  count(bar);
}
