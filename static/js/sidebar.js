// The list of chats: which one is shown, which folders are open.
import { behave } from './behaviours.js';
import { byId, on, setCookie } from './dom.js';

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

// The tree of settings is longer than most windows: it opens where one is.
behave('tree', (tree) => {
  const here = tree.querySelector('[aria-current]');
  if (here) tree.scrollTop = here.getBoundingClientRect().top - tree.getBoundingClientRect().top - tree.clientHeight / 2;
});

// Headings of a page of rows that repeat the last one above.
document.addEventListener('htmx:after:settle', () => {
  let last = '';
  for (const heading of document.querySelectorAll('#chats h2')) {
    if (heading.textContent === last) heading.remove(); else last = heading.textContent;
  }
});

// The menu of a row offers what fits it; js/features/order.js does it.
on('click', '.row__more', (event, button) => byId('row-menu').toggleAttribute('data-pinned', 'pinned' in button.parentElement.dataset));

// Which folders are open is in a cookie: the server sends their chats with the page.
document.addEventListener('toggle', ({ target }) => {
  if (!target.matches?.('.shelf > details')) return;
  setCookie('folders', [...document.querySelectorAll('.shelf:has(> [open])')].map((shelf) => shelf.dataset.folder).join('.'));
}, true);

export function showTitle(id, title) {
  const text = rowOf(id)?.querySelector('a > span');
  if (text) text.textContent = title;
  if (id !== shownChat() || !title) return;
  byId('title').textContent = title;
  byId('stage').dataset.title = title;
  document.title = title;
}
