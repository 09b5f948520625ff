// The list of chats: which one is shown, renaming in place, deleting with Undo.
import { behave } from './behaviours.js';
import { ask, byId, ofInputMethod, on, rootPath } from './dom.js';
import { toast, word } from './words.js';

export const shownChat = () => byId('stage')?.dataset.conversation ?? '';
const rowOf = (id) => byId(`c${id}`);

export function markShown() {
  const id = shownChat();
  for (const link of document.querySelectorAll('#chats a[aria-current]')) if (link.parentElement.dataset.id !== id) link.removeAttribute('aria-current');
  rowOf(id)?.querySelector('a').setAttribute('aria-current', 'page');
}
let marked = null;
function nameShown() {
  if (marked === shownChat()) return;
  marked = shownChat();
  markShown();
  const title = byId('stage')?.dataset.title;
  if (title) document.title = title;
}
behave('chat', nameShown);
document.addEventListener('htmx:after:swap', () => setTimeout(nameShown));

// From the stage itself: htmx runs one request of an element and queues one, the next would be dropped without a word.
export function goTo(path) { return htmx.ajax('GET', path, { source: '#stage', target: '#stage', swap: 'outerHTML', push: 'true' }); }

// A plain press on New chat swaps the stage only, like the rows do.
on('click', 'a.new', (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || !byId('composer')) return;
  event.preventDefault();
  goTo(link.pathname);
});

// Headings of a page of rows that repeat the last one above.
document.addEventListener('htmx:after:settle', () => {
  let last = '';
  for (const heading of document.querySelectorAll('#chats h2')) {
    if (heading.textContent === last) heading.remove(); else last = heading.textContent;
  }
});

// Both menus know their chat: the row's by the row it was opened from, the page's by itself.
const chatOf = (item) => { const menu = item.closest('.menu'); return menu.dataset.id ?? menu.opener?.closest('[data-id]')?.dataset.id; };

on('click', '[data-rename]', (event, item) => {
  const id = chatOf(item);
  const label = item.dataset.rename === 'title' ? byId('title') : rowOf(id)?.querySelector('a');
  if (label) renameIn(label, id);
});

function renameIn(label, id) {
  const before = label.innerText.trim();
  const form = Object.assign(document.createElement('form'), { className: 'rename' });
  const field = Object.assign(document.createElement('input'), { value: before, maxLength: 200, autocomplete: 'off' });
  field.setAttribute('aria-label', word('newName'));
  form.append(field);
  label.hidden = true;
  label.after(form);
  field.focus();
  field.select();
  let over = false;
  const end = async (keep) => {
    if (over) return;
    over = true;
    const title = field.value.trim();
    form.remove();
    label.hidden = false;
    label.focus?.();
    if (keep && title && title !== before) await rename(id, title);
  };
  form.addEventListener('submit', (event) => { event.preventDefault(); end(true); });
  field.addEventListener('keydown', (event) => {
    if (ofInputMethod(event)) { if (event.key === 'Enter') event.preventDefault(); return; }
    if (event.key === 'Escape') { event.preventDefault(); end(false); }
  });
  field.addEventListener('blur', () => end(true));
}

async function rename(id, title) {
  try {
    const answer = await ask('PATCH', `${rootPath}/chat/${id}`, { title });
    if (!answer.ok) throw new Error(answer.status);
    showTitle(id, title);
    await htmx.swap({ sourceElement: document.body, target: document.body, swap: 'none', text: await answer.text(), hx: {} });
    markShown();
  } catch { toast(word('failed'), { bad: true }); }
}

export function showTitle(id, title) {
  const text = rowOf(id)?.querySelector('a > span');
  if (text) text.textContent = title;
  if (id !== shownChat() || !title) return;
  byId('title').textContent = title;
  byId('stage').dataset.title = title;
  document.title = title;
}

on('click', '[data-delete]', async (event, item) => {
  event.preventDefault();
  const id = chatOf(item);
  item.closest('[popover]').hidePopover();
  const row = rowOf(id);
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  try {
    const answer = await ask('DELETE', `${rootPath}/chat/${id}`);
    if (!answer.ok) throw new Error(answer.status);
  } catch { toast(word('failed'), { bad: true }); return; }
  const wasShown = id === shownChat();
  row?.remove();
  if (wasShown) await goTo(`${rootPath}/chat`); else next?.querySelector('a')?.focus();
  toast(word('deleted'), { action: word('undo'), act: () => restore(id, wasShown), milliseconds: 8000 });
});

async function restore(id, show) {
  try {
    const answer = await ask('POST', `${rootPath}/chat/${id}/restoration`, {});
    if (!answer.ok) throw new Error(answer.status);
  } catch { toast(word('failed'), { bad: true }); return; }
  document.dispatchEvent(new CustomEvent('parley:list'));
  if (show) goTo(`${rootPath}/chat/${id}`);
}
