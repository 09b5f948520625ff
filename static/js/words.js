// What is said: to screen readers by #say, to everyone by toasts. Sentences come from the page (templates/_words.html).
import { byId } from './dom.js';

export const word = (name) => byId('words')?.dataset[name] ?? '';

export function say(text) {
  const place = byId('say');
  if (!place) return;
  place.textContent = '';
  requestAnimationFrame(() => { place.textContent = text; });
}

// What the server said when it refused: its sentence, with its link as the button. A page it does not trust any
// more (403: signed out, or too old) has to be loaded again; what was written is kept.
export function toastRefusal(html, otherwise, status) {
  const answer = new DOMParser().parseFromString(html ?? '', 'text/html');
  const link = answer.querySelector('.notice a[href]');
  const sentence = answer.querySelector('.notice div')?.firstChild?.textContent.trim();
  const wishes = { bad: true, milliseconds: 20000 };
  if (link) Object.assign(wishes, { action: link.textContent, act: () => location.assign(link.getAttribute('href')) });
  else if (status === 403) Object.assign(wishes, { action: word('reload'), act: () => location.reload() });
  toast(sentence || otherwise, wishes);
}

// A short message above the page; `action` is a button that may be pressed until it goes.
export function toast(text, { action, act, bad = false, milliseconds = 5000 } = {}) {
  for (const old of [...byId('toasts').children]) if (old.firstChild.textContent === text) old.remove(); // once is enough
  const box = document.createElement('div');
  box.className = bad ? 'toast toast--bad' : 'toast';
  box.setAttribute('role', bad ? 'alert' : 'status');
  box.append(Object.assign(document.createElement('span'), { textContent: text }));
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn', textContent: action ?? word('dismiss') });
  button.addEventListener('click', () => { box.remove(); act?.(); });
  box.append(button);
  byId('toasts').append(box);
  let left;
  const start = () => { left = setTimeout(() => box.remove(), milliseconds); };
  // A message being read or reached for stays.
  for (const type of ['pointerenter', 'focusin']) box.addEventListener(type, () => clearTimeout(left));
  for (const type of ['pointerleave', 'focusout']) box.addEventListener(type, () => { clearTimeout(left); start(); });
  start();
  return box;
}
