// Follow mode. `follow` is what the reader wants, not where the scroller happens to be: only the reader's own
// input clears it, because layout changes move scrollTop too and must never pull a reader anywhere.
import { behave } from './behaviours.js';
import { byId, coarse, on, page } from './dom.js';

const NEAR = 32;
const MOMENTUM = 2000; // ms: how long a list goes on after the finger has left it
let follow = true;
let handled = -MOMENTUM; // when a finger or the scrollbar was last in use; Infinity while it is
let lastTop = 0;
let lastHeight = 0; // of content and window: a change of either moves scrollTop by itself

const scroller = () => byId('log');
const gap = (log) => log.scrollHeight - log.scrollTop - log.clientHeight;

export function toEnd() {
  const log = scroller();
  if (!log) return;
  log.scrollTop = log.scrollHeight;
  lastTop = log.scrollTop;
  lastHeight = log.scrollHeight + log.clientHeight;
}

export function setFollow(wanted) {
  follow = wanted;
  byId('latest')?.toggleAttribute('data-at-end', wanted);
}

export function followOn() { setFollow(true); toEnd(); }

const sizes = new ResizeObserver(() => { if (follow && !selecting()) toEnd(); });
const selecting = () => { const chosen = getSelection(); return chosen?.type === 'Range' && byId('turns')?.contains(chosen.anchorNode); };

for (const name of ['pointerup', 'touchend', 'touchcancel']) addEventListener(name, () => { if (handled === Infinity) handled = performance.now(); }, { passive: true });
behave('follow', (log) => {
  follow = true;
  lastTop = 0;
  log.addEventListener('wheel', (event) => { if (event.deltaY < 0 && log.scrollHeight > log.clientHeight) setFollow(false); }, { passive: true });
  log.addEventListener('keydown', (event) => {
    if (['PageUp', 'ArrowUp', 'Home'].includes(event.key) || (event.key === ' ' && event.shiftKey)) setFollow(false);
    if (event.key === 'End' && !event.target.closest('input, textarea')) { event.preventDefault(); followOn(); }
  });
  for (const name of ['pointerdown', 'touchstart', 'touchmove']) log.addEventListener(name, () => { handled = Infinity; }, { passive: true });
  log.addEventListener('scroll', () => {
    const height = log.scrollHeight + log.clientHeight;
    const up = log.scrollTop < lastTop - 2 && height === lastHeight;
    lastTop = log.scrollTop;
    lastHeight = height;
    if (up && performance.now() - handled < MOMENTUM) setFollow(false);
    else if (gap(log) < NEAR && !up) setFollow(true);
  }, { passive: true });
  sizes.observe(log);
  sizes.observe(byId('turns'));
  const named = location.hash.startsWith('#m') && byId(location.hash.slice(1));
  if (named) { setFollow(false); named.scrollIntoView(); } else toEnd();
});
on('click', '#latest', () => { followOn(); byId('ask')?.focus({ preventScroll: coarse.matches }); });
// Opening a fold is reading.
on('click', '#turns summary', () => { const log = scroller(); if (gap(log) > NEAR || !document.querySelector('#turns [aria-busy="true"]')) setFollow(false); });

// Older turns go in above: the turn being read is held where it is, frame by frame, until layout has settled.
// (New turns count as seen for a moment; the guessed height of unseen ones is what breaks simpler ways.)
let held;
let heldAt = 0;
document.addEventListener('htmx:before:swap', (event) => {
  const log = scroller();
  if (!log || !event.detail.ctx?.sourceElement?.matches?.('#turns > .more-turns')) return;
  const top = log.getBoundingClientRect().top;
  held = [...log.querySelectorAll('.turn')].find((turn) => turn.getBoundingClientRect().bottom > top + 1);
  heldAt = held?.getBoundingClientRect().top ?? 0;
  log.style.overflowAnchor = 'none';
});
function hold(frames) {
  const log = scroller();
  if (!held?.isConnected || !log) { held = null; return; }
  const moved = held.getBoundingClientRect().top - heldAt;
  if (moved) { log.scrollTop += moved; lastTop = log.scrollTop; }
  if (frames) requestAnimationFrame(() => hold(frames - 1));
  else { held = null; log.style.overflowAnchor = ''; }
}
export function holdPlace(fresh) {
  if (!held) return;
  for (const turn of fresh) turn.classList.add('fresh');
  hold(8);
  setTimeout(() => { for (const turn of fresh) turn.classList.remove('fresh'); }, 300);
}
document.addEventListener('htmx:before:settle', (event) => holdPlace((event.detail.newContent ?? []).filter((node) => node.matches?.('.turn'))));

// Safari does not shrink the page for its keyboard (interactive-widget): trim the shell to what is visible, only
// while the composer has focus, never while pinch-zoomed, and once the keyboard has settled.
const seen = window.visualViewport;
if (seen && coarse.matches) {
  let soon;
  const fit = () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      const covered = innerHeight - seen.height;
      if (seen.scale === 1 && covered > 80 && document.activeElement === byId('ask')) page.style.setProperty('--vh', `${seen.height}px`);
      else page.style.removeProperty('--vh');
      if (follow) toEnd();
    }, 120);
  };
  seen.addEventListener('resize', fit);
  on('focusout', '#ask', fit);
}
