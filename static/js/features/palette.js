// The palette: one dialog in the body, filled by the server. The field keeps the focus; the arrows move the choice.
let asked = 0;
let soon;

export async function start(element, event, kit) {
  const open = kit.byId('palette');
  if (open?.open) { open.close(); return; }
  const styled = kit.style('palette');
  const answer = await kit.ask('GET', `${kit.rootPath}/f/palette`);
  if (!answer.ok) { kit.toastRefusal(await answer.text(), kit.word('failed'), answer.status); return; }
  const html = await answer.text();
  await styled;
  kit.byId('palette')?.remove();
  document.body.insertAdjacentHTML('beforeend', html);
  const dialog = kit.byId('palette');
  const before = document.activeElement;
  ready(dialog, kit);
  show(dialog.querySelector('[role="listbox"]'), kit);
  dialog.showModal();
  dialog.querySelector('input').focus();
  dialog.addEventListener('close', () => { dialog.remove(); if (!before?.closest?.('[popover]')) before?.focus?.({ preventScroll: true }); });
}

const lines = (list) => [...list.querySelectorAll('[role="option"]')];
const chosen = (list) => list.querySelector('[aria-selected="true"]');

// What this page has no control for is not offered.
function show(list, kit) {
  for (const line of lines(list)) if (line.dataset.press && !document.querySelector(line.dataset.press)) line.remove();
  for (const group of list.querySelectorAll('[role="group"]')) if (!group.querySelector('[role="option"]')) group.remove();
  if (!list.children.length) list.replaceChildren();
  kit.attach(list);
  choose(list, lines(list)[0]);
}

function choose(list, line) {
  for (const other of lines(list)) other.setAttribute('aria-selected', String(other === line));
  const field = list.parentElement.querySelector('input');
  if (!line) { field.removeAttribute('aria-activedescendant'); return; }
  field.setAttribute('aria-activedescendant', line.id);
  line.scrollIntoView({ block: 'nearest' });
}

function ready(dialog, kit) {
  const field = dialog.querySelector('input');
  const list = dialog.querySelector('[role="listbox"]');
  const look = async () => {
    const mine = ++asked;
    try {
      const answer = await kit.ask('GET', `${kit.rootPath}/f/palette?q=${encodeURIComponent(field.value.trim())}`);
      const html = await answer.text();
      if (mine !== asked || !answer.ok) return;
      list.innerHTML = html;
      show(list, kit);
      kit.say(chosen(list)?.textContent.trim() ?? list.dataset.none);
    } catch { if (mine === asked) kit.toast(kit.word('failed'), { bad: true }); }
  };
  field.addEventListener('input', (event) => { clearTimeout(soon); if (!event.isComposing) soon = setTimeout(look, 120); });
  field.addEventListener('compositionend', () => { clearTimeout(soon); soon = setTimeout(look, 120); });
  field.addEventListener('keydown', (event) => {
    if (kit.ofInputMethod(event)) { if (event.key === 'Enter') event.preventDefault(); return; }
    const all = lines(list);
    const at = all.indexOf(chosen(list));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 5, all.length - 1), PageUp: Math.max(at - 5, 0) }[event.key];
    if (next !== undefined && all.length) { event.preventDefault(); choose(list, all[(next + all.length) % all.length]); }
    if (event.key === 'Enter' && chosen(list)) { event.preventDefault(); take(chosen(list), event, dialog, kit); }
  });
  // Esc of an input method must not close the dialog (Safari sends `cancel` for it too).
  dialog.addEventListener('keydown', (event) => { if (event.key === 'Escape' && kit.ofInputMethod(event)) event.preventDefault(); });
  list.addEventListener('pointermove', (event) => { const line = event.target.closest('[role="option"]'); if (line && line !== chosen(list)) choose(list, line); });
  list.addEventListener('click', (event) => {
    const line = event.target.closest('[role="option"]');
    if (!line || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    take(line, event, dialog, kit);
  });
}

function take(line, event, dialog, kit) {
  const { press, act } = line.dataset;
  if ((event.ctrlKey || event.metaKey) && !press && !act) { window.open(line.href); return; }
  const { pathname, search } = line;
  dialog.close();
  if (press) document.querySelector(press)?.click();
  else if (act) kit.startFeature(act === 'sidebar' ? 'shortcuts' : act, document.body, { name: 'mod+b' });
  else if (kit.byId('composer') && !search && /\/chat(\/\d+)?$/.test(pathname)) kit.goTo(pathname).then(() => kit.byId('ask')?.focus({ preventScroll: true }));
  else location.assign(line.href);
}
