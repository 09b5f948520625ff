// Long chats: what is loaded above or below leaves the turn being read where it is, and never more than MOST turns
// stay on the page. What goes at the far end can be loaded again.
const MOST = 400;
let kit;
let held;
let heldAt = 0;

export function start(more, event, given) {
  kit = given;
}

const turnsOf = (log) => [...log.querySelectorAll('#turns > .turn')];

document.addEventListener('htmx:before:swap', (event) => {
  const more = event.detail.ctx?.sourceElement;
  if (!more?.matches?.('#turns > .more-turns')) return;
  const log = kit.byId('log');
  const top = log.getBoundingClientRect().top;
  held = turnsOf(log).find((turn) => turn.getBoundingClientRect().bottom > top + 1);
  heldAt = held?.getBoundingClientRect().top ?? 0;
  log.style.overflowAnchor = 'none';
});

// Frame by frame, until layout has settled.
function hold(log, frames) {
  if (!held?.isConnected) { held = null; log.style.overflowAnchor = ''; return; }
  const moved = held.getBoundingClientRect().top - heldAt;
  if (moved) log.scrollTop += moved;
  if (frames) requestAnimationFrame(() => hold(log, frames - 1));
  else { held = null; log.style.overflowAnchor = ''; }
}

// New turns count as seen for a moment; the guessed height of unseen ones is what breaks simpler ways.
document.addEventListener('htmx:before:settle', (event) => {
  const fresh = (event.detail.newContent ?? []).filter((node) => node.matches?.('.turn'));
  if (!held || !fresh.length) return;
  for (const turn of fresh) turn.classList.add('fresh');
  trim(kit.byId('log'), fresh[0]);
  hold(kit.byId('log'), 8);
  setTimeout(() => { for (const turn of fresh) turn.classList.remove('fresh'); }, 300);
});

function trim(log, fresh) {
  const turns = turnsOf(log);
  const spare = turns.length - MOST;
  if (spare <= 0) return;
  const above = held.compareDocumentPosition(fresh) & Node.DOCUMENT_POSITION_PRECEDING;
  const far = above ? turns.slice(-spare) : turns.slice(0, spare);
  if (far.includes(held) || far.some((turn) => turn.hasAttribute('aria-busy') || turn.dataset.state)) return;
  const kept = above ? turns[MOST - 1] : turns[spare];
  kit.byId('turns').querySelector(`.more-turns${above ? '--below' : ':not(.more-turns--below)'}`)?.remove();
  for (const turn of far) turn.remove();
  const more = Object.assign(document.createElement('div'), { className: `more-turns${above ? ' more-turns--below' : ''}` });
  more.setAttribute('hx-get', `${kit.rootPath}/f/chat/${kit.shownChat()}/turns?${above ? 'after' : 'before'}=${kept.dataset.message}`);
  more.setAttribute('hx-trigger', "intersect once root:#log rootMargin:'800px 0px'");
  more.setAttribute('hx-swap', 'outerHTML');
  if (above) kept.after(more); else kept.before(more);
  htmx.process(more);
}
