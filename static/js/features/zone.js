// Offers the time zone this browser is in, where it is another than the chosen one; the list decides what can be.
export function start(section) {
  const list = section.querySelector('select');
  const line = section.querySelector('[data-words]');
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || list.value === zone || ![...list.options].some((option) => option.value === zone)) return;
  line.querySelector('span').textContent = line.dataset.words.replace('{zone}', zone);
  line.hidden = false;
  line.querySelector('button').addEventListener('click', () => { list.value = zone; list.form.requestSubmit(); });
}
