// News of this person's chats from other tabs and devices (GET /events). Only hints: what changed is asked for.
import { ask, byId, rootPath } from './dom.js';
import { sending } from './composer.js';
import { goTo, markShown, showTitle, shownChat } from './sidebar.js';
import { startFeature } from './features.js';
import { tellEnded } from './streams.js';
import { lastMessage, placeTurns } from './turns.js';
import { toast, word } from './words.js';

let listSoon;
function refreshList() {
  clearTimeout(listSoon);
  listSoon = setTimeout(async () => {
    const list = byId('chats');
    // A name being typed, or rows fetched further down, are not swept away by news.
    if (!list || list.querySelector('.rename')) return;
    const rows = list.querySelectorAll('.loose li').length;
    if (rows > 500 && list.scrollTop > 40) return;
    const hold = placeOf(list);
    await htmx.ajax('GET', `${rootPath}/f/chat/list?current=${shownChat() || 0}&rows=${rows}`, { source: list, target: '#chats', swap: 'innerMorph' });
    hold();
    markShown();
    const title = byId(`c${shownChat()}`)?.querySelector('a > span')?.textContent;
    if (title && !document.querySelector('.bar .rename')) showTitle(shownChat(), title);
  }, 120);
}
// Whoever scrolled down reads on: most rows in sight stay where they are, whatever comes in above.
function placeOf(list) {
  const top = (row) => row.getBoundingClientRect().top;
  const seen = list.scrollTop > 1 ? [...list.querySelectorAll('li[id]')].filter((row) => Math.abs(top(row) - top(list)) < list.clientHeight).map((row) => [row.id, top(row)]) : [];
  return () => {
    const moved = seen.filter(([id]) => byId(id)).map(([id, was]) => top(byId(id)) - was).sort((a, b) => a - b);
    if (moved.length) list.scrollTop += moved[moved.length >> 1];
  };
}

let missed = false;
async function fetchTurns(whole) {
  const id = shownChat();
  // Where more waits below, the newest turns come when the reader gets there.
  if (!id || (!whole && document.querySelector('#turns > .more-turns--below'))) return;
  const held = () => sending() || byId('turns').dataset.turning;
  if (held()) { missed = true; return; } // what is on its way brings itself
  try {
    const answer = await ask('GET', `${rootPath}/f/chat/${id}/turns?after=${whole ? 0 : lastMessage()}`);
    if (answer.ok && id === shownChat() && !held()) whole ? startFeature('repath', null, await answer.text()) : tellEnded(placeTurns(await answer.text()));
  } catch { /* the stream tries again and says so */ }
}

document.addEventListener('changed', (event) => {
  let news;
  try { news = JSON.parse(event.detail.data); } catch { return; }
  const here = [news.conversation, ...(news.conversations ?? [])].some((id) => String(id) === shownChat());
  if (news.title) showTitle(String(news.conversations[0]), news.title);
  refreshList();
  if (news.kind === 'restored') clearTimeout(leaving);
  if (news.kind === 'deleted' && here) leave();
  else if (here || news.kind === 'resync') fetchTurns(news.kind === 'path');
});
let leaving;
function leave() {
  // Our own deletion has already gone to another page; one that is undone at once needs no leaving.
  leaving = setTimeout(() => { if (byId('stage')?.dataset.conversation && !byId(`c${shownChat()}`)) { toast(word('deleted')); goTo(`${rootPath}/chat`); } }, 600);
}
document.addEventListener('parley:list', refreshList);
document.addEventListener('parley:settled', () => { refreshList(); if (missed) { missed = false; fetchTurns(); } });
document.addEventListener('done', refreshList);
