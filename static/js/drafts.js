// What was typed and not sent, and what was sent and not confirmed. Kept in this browser, per chat.
import { byId, on, rootPath, uniqueId } from './dom.js';

const SPACE = `parley${rootPath}:`;
const WHOLE_MINUTE = 60000;
const tab = sessionStorage.parleyTab ||= uniqueId();

export const chatKey = () => byId('stage')?.dataset.conversation || 'new';

// A temporary chat leaves nothing behind when its tab goes.
const shelf = () => (byId('stage')?.hasAttribute('data-temporary') ? sessionStorage : localStorage);
export function stored(key) { try { return shelf().getItem(SPACE + key); } catch { return null; } }
export function store(key, text) {
  try { if (text) shelf().setItem(SPACE + key, text); else shelf().removeItem(SPACE + key); } catch { /* storage is full or off */ }
}

export const draft = (chat = chatKey()) => stored(`draft:${chat}`) ?? '';

let soon;
export function keepDraft(text, chat = chatKey()) {
  clearTimeout(soon);
  soon = setTimeout(() => store(`draft:${chat}`, text), 300);
}
export function keepDraftNow(text, chat = chatKey()) {
  clearTimeout(soon);
  store(`draft:${chat}`, text);
}

// The uploaded files of the message that is being written.
export const keepFiles = (files) => store(`files:${chatKey()}`, files.length ? JSON.stringify(files) : '');
export const keptFiles = () => JSON.parse(stored(`files:${chatKey()}`) ?? '[]');

export function keepUnsent(chat, cid, text, files) { store(`unsent:${chat}:${cid}`, JSON.stringify({ text, files, tab, at: Date.now() })); }
export function forgetUnsent(chat, cid) { store(`unsent:${chat}:${cid}`, ''); }

// Messages that wait until the running answer has ended; features/queue.js sends them.
export function keepQueued(item) {
  const key = `queue:${chatKey()}`;
  store(key, JSON.stringify([...JSON.parse(stored(key) ?? '[]'), item]));
}

// Messages of this chat that were never confirmed. One that another tab sent a moment ago may be on its way.
export function unsent(chat = chatKey()) {
  const prefix = `${SPACE}unsent:${chat}:`;
  const found = [];
  const place = shelf();
  for (const key of Object.keys(place)) {
    if (!key.startsWith(prefix)) continue;
    try {
      const { text, files = [], tab: owner, at } = JSON.parse(place[key]);
      if (owner === tab || Date.now() - at > WHOLE_MINUTE) found.push({ cid: key.slice(prefix.length), text, files, at });
    } catch { place.removeItem(key); }
  }
  return found.sort((one, other) => one.at - other.at);
}

// Signing out leaves nothing behind on a shared computer.
on('submit', 'form[data-forget]', () => {
  for (const place of [localStorage, sessionStorage]) for (const key of Object.keys(place)) if (key.startsWith(SPACE)) place.removeItem(key);
  localStorage.setItem(OUT, Date.now());
});
// Other tabs hear of it: what is typed goes with the person who typed it.
const OUT = `parleyOut${rootPath}`;
addEventListener('storage', ({ key, newValue }) => {
  const field = byId('ask');
  if (key === OUT) setTimeout(() => location.reload(), 1000);
  if (!field || key !== `${SPACE}draft:${chatKey()}`) return;
  field.value = newValue ?? '';
  field.dispatchEvent(new CustomEvent('parley:draft'));
});
