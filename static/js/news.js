// News of this person's chats from other tabs and devices (GET /events). Only hints: what changed is asked for.
import { ask, byId, rootPath } from './dom.js';
import { sending } from './composer.js';
import { goTo, markShown, showTitle, shownChat } from './sidebar.js';
import { lastMessage, placeTurns } from './turns.js';
import { toast, word } from './words.js';

let listSoon;
function refreshList() {
  clearTimeout(listSoon);
  listSoon = setTimeout(async () => {
    const list = byId('chats');
    // A name being typed, or rows fetched further down, are not swept away by news.
    if (!list || list.querySelector('.rename')) return;
    if (list.scrollTop > 40 && list.dataset.longer) return;
    await htmx.ajax('GET', `${rootPath}/f/chat/list?current=${shownChat() || 0}`, { source: list, target: '#chats', swap: 'innerMorph' });
    markShown();
    const title = byId(`c${shownChat()}`)?.querySelector('a > span')?.textContent;
    if (title && !document.querySelector('.bar .rename')) showTitle(shownChat(), title);
  }, 120);
}
document.addEventListener('htmx:before:request', (event) => {
  if (event.detail.ctx.sourceElement?.matches?.('#chats .more-turns')) byId('chats').dataset.longer = '1';
});

let missed = false;
async function fetchTurns() {
  const id = shownChat();
  if (!id) return;
  if (sending()) { missed = true; return; } // what is on its way brings itself
  try {
    const answer = await ask('GET', `${rootPath}/f/chat/${id}/turns?after=${lastMessage()}`);
    if (answer.ok && id === shownChat() && !sending()) placeTurns(await answer.text());
  } catch { /* the stream tries again and says so */ }
}

document.addEventListener('changed', (event) => {
  let news;
  try { news = JSON.parse(event.detail.data); } catch { return; }
  const here = String(news.conversation ?? '') === shownChat();
  refreshList();
  if (news.kind === 'restored') clearTimeout(leaving);
  if (news.kind === 'deleted' && here) leave();
  else if (here || news.kind === 'resync') fetchTurns();
});
let leaving;
function leave() {
  // Our own deletion has already gone to another page; one that is undone at once needs no leaving.
  leaving = setTimeout(() => { if (byId('stage')?.dataset.conversation && !byId(`c${shownChat()}`)) { toast(word('deleted')); goTo(`${rootPath}/chat`); } }, 600);
}
document.addEventListener('parley:list', refreshList);
document.addEventListener('parley:settled', () => { refreshList(); if (missed) { missed = false; fetchTurns(); } });
document.addEventListener('done', refreshList);
