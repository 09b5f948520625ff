// The thin bar that says when the server is out of reach. Nothing for the first two seconds: most cuts are shorter.
import { behave } from './behaviours.js';
import { byId } from './dom.js';
import { word } from './words.js';

const QUIET = 2000;
const LONG = 20000;
const failing = new Set(); // connections that are trying again
let timers = [];

function showBar(text, state, action) {
  const bar = byId('connection');
  if (!bar) return;
  bar.querySelector('span').textContent = text;
  bar.querySelector('button').hidden = !action;
  bar.querySelector('button').textContent = action ?? '';
  bar.dataset.state = state;
  bar.hidden = false;
}

function later(milliseconds, act) { timers.push(setTimeout(act, milliseconds)); }
function forgetTimers() { timers.forEach(clearTimeout); timers = []; }

// A stream is cut or could not be opened; `connection` names it until it is reached again.
export function outOfReach(connection) {
  failing.add(connection);
  if (timers.length) return;
  later(QUIET, () => showBar(word('reconnecting'), 'bad'));
  later(LONG, () => showBar(word('offline'), 'bad', word('tryNow')));
}

export function reached(connection) {
  failing.delete(connection);
  if (failing.size || !navigator.onLine) return;
  forgetTimers();
  const bar = byId('connection');
  if (!bar || bar.hidden) return;
  showBar(word('connected'), 'good');
  setTimeout(() => { if (!timers.length) bar.hidden = true; }, 1500);
}

// One that was open waits inside of htmx; one that never was is an element whose turn comes later (streams.js).
function tryNow() { for (const connection of failing) if (connection.delayCanceller) connection.delayCanceller(); else if (connection.isConnected && !connection._htmx?.sse) htmx.process(connection, true); }

behave('connection', (bar) => {
  bar.querySelector('button').addEventListener('click', tryNow);
  if (!navigator.onLine) showBar(word('offline'), 'bad', word('tryNow'));
});
// An answer that trying again will not change: signed out or disabled (the page says so when it is loaded again), or gone.
const FINAL = [401, 403, 404];
document.addEventListener('htmx:sse:error', ({ target, detail: { connection, status } }) => {
  if (!FINAL.includes(status)) { outOfReach(connection); return; }
  target.remove();
  reached(connection);
  if (target.id === 'bus' && status !== 404) location.reload();
});
document.addEventListener('htmx:sse:after:connection', (event) => reached(event.detail.connection));
document.addEventListener('htmx:sse:close', (event) => reached(event.detail.connection));
addEventListener('offline', () => { forgetTimers(); showBar(word('offline'), 'bad', word('tryNow')); });
addEventListener('online', () => { tryNow(); reached(); });
