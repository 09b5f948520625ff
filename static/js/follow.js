// Follow mode. `follow` is what the reader wants, not where the scroller happens to be: only the reader's own
// input clears it, because layout changes move scrollTop too and must never pull a reader anywhere.
import { behave } from './behaviours.js';
import { byId, coarse, on, page } from './dom.js';
import { goTo } from './sidebar.js';

const NEAR = 32;
const MOMENTUM = 2000; // ms: how long a list goes on after the finger has left it
const LEAVING = 500; // ms: a wheel's smooth scrolling has only begun, and what grows meanwhile hides that it goes up
let follow = true;
let handled = -MOMENTUM; // when a finger or the scrollbar was last in use; Infinity while it is
let left = -LEAVING; // when a wheel last went up
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

// Where more waits below, the end of what is loaded is not the end of the chat.
const moreBelow = () => document.querySelector('#turns > .more-turns--below');

export function setFollow(wanted) {
  follow = wanted && !moreBelow();
  byId('latest')?.toggleAttribute('data-at-end', follow);
}

export function followOn() {
  if (moreBelow()) { goTo(location.pathname); return; }
  setFollow(true);
  toEnd();
}

const sizes = new ResizeObserver(() => {
  if (landed?.isConnected) landed.scrollIntoView();
  else if (follow && !selecting()) toEnd();
});
const selecting = () => { const chosen = getSelection(); return chosen?.type === 'Range' && byId('turns')?.contains(chosen.anchorNode); };

for (const name of ['pointerup', 'touchend', 'touchcancel']) addEventListener(name, () => { if (handled === Infinity) handled = performance.now(); }, { passive: true });
// Whoever came to one message stays there until they move by themselves: turns get their real height only when they
// come near, and the browser's own anchor may be one below.
let landed = null;
for (const name of ['wheel', 'pointerdown', 'keydown']) addEventListener(name, () => { landed = null; }, { passive: true });
behave('follow', (log) => {
  setFollow(true);
  lastTop = 0;
  log.addEventListener('wheel', (event) => { if (event.deltaY < 0 && log.scrollHeight > log.clientHeight) { setFollow(false); left = performance.now(); } else left = -LEAVING; }, { passive: true });
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
    else if (gap(log) < NEAR && !up && !landed && performance.now() - left > LEAVING) setFollow(true);
  }, { passive: true });
  sizes.observe(log);
  sizes.observe(byId('turns'));
  landed = byId(`m${byId('stage').dataset.found ?? location.hash.replace(/^#m/, '')}`);
  if (landed) { setFollow(false); landed.scrollIntoView(); landed.classList.add('is-found'); } else if (follow) toEnd();
});
on('click', '#latest', () => { followOn(); byId('ask')?.focus({ preventScroll: coarse.matches }); });
// Opening a fold is reading.
on('click', '#turns summary', () => { const log = scroller(); if (gap(log) > NEAR || !document.querySelector('#turns [aria-busy="true"]')) setFollow(false); });

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
