// The sidebar as a drawer on small screens, and the keys that work everywhere.
import { behave } from './behaviours.js';
import { byId, on, ofInputMethod } from './dom.js';

let scrim;

export const drawerIsOpen = () => byId('side')?.hasAttribute('data-open') ?? false;

function openDrawer(opener) {
  const side = byId('side');
  side.setAttribute('data-open', '');
  opener.setAttribute('aria-expanded', 'true');
  byId('stage').inert = true;
  scrim = Object.assign(document.createElement('div'), { className: 'scrim' });
  scrim.addEventListener('click', () => closeDrawer());
  document.body.append(scrim);
  side.querySelector('a[href]').focus();
}

export function closeDrawer(returnFocus = true) {
  if (!drawerIsOpen()) return;
  byId('side').removeAttribute('data-open');
  scrim?.remove();
  const stage = byId('stage');
  if (stage) stage.inert = false;
  const opener = document.querySelector('[data-behaviour~="drawer"]');
  opener?.setAttribute('aria-expanded', 'false');
  if (returnFocus) opener?.focus();
}

behave('drawer', (opener) => {
  const toggle = (event) => { event.preventDefault(); openDrawer(opener); };
  opener.addEventListener('click', toggle);
  opener.addEventListener('keydown', (event) => { if (event.key === ' ') toggle(event); });
});
on('click', '[data-close-drawer]', () => closeDrawer());
on('click', '#side a[href]', (event, link) => { if (!link.closest('[data-keep-drawer]')) closeDrawer(false); });
matchMedia('(min-width: 68rem)').addEventListener('change', () => closeDrawer(false));

behave('shortcut', (hint) => { if (/Mac|iP(hone|ad)/.test(navigator.platform)) hint.textContent = '⇧⌘O'; });

document.addEventListener('keydown', (event) => {
  if (ofInputMethod(event)) return;
  if (event.key === 'Escape' && drawerIsOpen()) { event.preventDefault(); closeDrawer(); }
  if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === 'o') {
    event.preventDefault();
    document.querySelector('a.new')?.click();
  }
});
