// What was typed and not sent, and what was sent and not confirmed. Kept in this browser, per chat.
import { byId, on, rootPath, uniqueId } from './dom.js';

const SPACE = `parley${rootPath}:`;
const WHOLE_MINUTE = 60000;
const tab = sessionStorage.parleyTab ||= uniqueId();

export const chatKey = () => byId('stage')?.dataset.conversation || 'new';

function stored(key) { try { return localStorage.getItem(SPACE + key); } catch { return null; } }
function store(key, text) {
  try { if (text) localStorage.setItem(SPACE + key, text); else localStorage.removeItem(SPACE + key); } catch { /* storage is full or off */ }
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

// Messages of this chat that were never confirmed. One that another tab sent a moment ago may be on its way.
export function unsent(chat = chatKey()) {
  const prefix = `${SPACE}unsent:${chat}:`;
  const found = [];
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(prefix)) continue;
    try {
      const { text, files = [], tab: owner, at } = JSON.parse(localStorage[key]);
      if (owner === tab || Date.now() - at > WHOLE_MINUTE) found.push({ cid: key.slice(prefix.length), text, files, at });
    } catch { localStorage.removeItem(key); }
  }
  return found.sort((one, other) => one.at - other.at);
}

// Signing out leaves nothing behind on a shared computer.
on('submit', 'form[data-forget]', () => {
  for (const key of Object.keys(localStorage)) if (key.startsWith(SPACE)) localStorage.removeItem(key);
});
