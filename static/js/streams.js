// Running answers: what surrounds the stream that htmx swaps in. Starting again, ending, stopping, the fold.
import { behave } from './behaviours.js';
import { ask, byId, on, ofInputMethod, page, rootPath } from './dom.js';
import { outOfReach, reached } from './connection.js';
import { drawerIsOpen } from './drawer.js';
import { startFeature } from './features.js';
import { busyTurn, showBusy } from './turns.js';
import { say, toast, word } from './words.js';

const HOST = '[hx-sse\\:connect]';

// hx-sse tries again once a stream has been open, but gives up when the very first request fails.
document.addEventListener('htmx:before:request', (event) => {
  const host = event.detail.ctx.sourceElement;
  if (host?.matches?.(HOST) && host._htmx?.sse) event.preventDefault(); // one stream is enough
});
function startAgain(host) {
  const tries = Number(host.dataset.tries ?? 0);
  host.dataset.tries = tries + 1;
  outOfReach(host);
  setTimeout(() => { if (host.isConnected && !host._htmx?.sse) htmx.process(host, true); }, Math.min(8000, 400 * 2 ** tries));
}
for (const type of ['htmx:error', 'htmx:response:error']) {
  document.addEventListener(type, (event) => {
    const host = event.detail.ctx?.sourceElement;
    const status = event.detail.ctx?.response?.status ?? 0;
    if (!host?.matches?.(HOST)) return;
    if (status === 401 || status === 403 || status === 404) host.remove(); // not ours any more
    else startAgain(host);
  });
}
document.addEventListener('htmx:sse:after:connection', (event) => { delete event.target.dataset?.tries; reached(event.target); });

// The end of an answer. The host must go: htmx would open a finished stream again when it processes it.
document.addEventListener('done', (event) => {
  const turn = event.target.closest?.('.turn');
  if (!turn) return;
  turn.removeAttribute('aria-busy');
  showBusy();
  tellEnd(turn, parsed(event.detail?.data).state);
});
function tellEnd(turn, state) {
  // What failed says so itself: its note is an alert.
  if (page.dataset.aloud === undefined && state !== 'failed') say(word(state === 'stopped' ? 'stopped' : 'complete'));
  if (document.hidden) startFeature('away', turn);
}
// An answer that had ended before the page got it comes through no stream.
export function tellEnded(turns) {
  const last = [...turns].filter((turn) => turn.matches('.turn--ai')).at(-1);
  if (last && !last.hasAttribute('aria-busy')) tellEnd(last, last.querySelector('.note[role="alert"]') ? 'failed' : 'complete');
}
document.addEventListener('htmx:sse:close', (event) => {
  if (event.detail.reason === 'message') event.target.remove();
});
const parsed = (text) => { try { return JSON.parse(text) ?? {}; } catch { return {}; } };

// Stop: by its button, or Esc when nothing above the page is open. A generation not known yet is stopped on arrival.
let stopWanted = false;
async function stopAnswer() {
  const turn = busyTurn();
  const generation = turn?.dataset.generation;
  stopWanted = !generation && byId('composer')?.hasAttribute('data-running');
  if (!generation || turn.dataset.stopping) return;
  turn.dataset.stopping = '1';
  say(word('stopped'));
  byId('ask')?.focus({ preventScroll: true });
  setTimeout(() => { if (turn.isConnected && turn.hasAttribute('aria-busy')) { delete turn.dataset.stopping; toast(word('stopSlow')); } }, 3000);
  try { await ask('POST', `${rootPath}/generations/${generation}/cancellation`, {}); } catch { toast(word('failed'), { bad: true }); delete turn.dataset.stopping; }
}
on('click', '#stop', stopAnswer);
document.addEventListener('parley:sent', () => { if (stopWanted) stopAnswer(); stopWanted = false; });
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || ofInputMethod(event)) return;
  if (drawerIsOpen() || document.querySelector('dialog[open], [popover]:popover-open') || event.target.closest?.('.rename')) return;
  if (byId('composer')?.hasAttribute('data-running')) stopAnswer();
});

// The fold is open while the model only thinks and closes when it speaks, unless the reader has said otherwise.
behave('thread', (fold) => {
  const turn = fold.closest('.turn');
  const memory = `fold:${turn.id}`;
  if (sessionStorage[memory]) fold.open = sessionStorage[memory] === 'open';
  fold.querySelector('summary').addEventListener('click', () => { sessionStorage[memory] = fold.open ? 'closed' : 'open'; });
  if (turn.hasAttribute('aria-busy')) showFold(turn);
});
// The server did not know the language of an answer it had not got yet; line breaking and glyphs hang on it.
function nameLanguage(turn) {
  const prose = turn.querySelector('.prose');
  const sample = prose.textContent.trim().slice(0, 400);
  if (turn.dataset.named || sample.length < 8) return;
  if (sample.length > 100) turn.dataset.named = '1';
  const han = sample.match(/[\u3400-\u9fff]/g)?.length ?? 0;
  prose.lang = han * 5 >= sample.length ? 'zh-Hans' : 'en';
}
function showFold(turn) {
  const fold = turn.querySelector('.thread');
  if (!fold?.querySelector('li')) return;
  fold.hidden = false;
  if (!sessionStorage[`fold:${turn.id}`]) fold.open = page.dataset.reasoning !== 'closed' && !turn.querySelector('.prose > .blocks > *');
}
document.addEventListener('htmx:sse:after:message', (event) => {
  const turn = event.target.closest?.('.turn[aria-busy]');
  if (!turn) return;
  showFold(turn);
  nameLanguage(turn);
  if (turn.dataset.announced) return;
  turn.dataset.announced = '1';
  say(word('started'));
  if (page.dataset.aloud !== undefined) startFeature('aloud', turn);
});
