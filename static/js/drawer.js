// The sidebar as a drawer on small screens; on wide ones it may be put away (features/shortcuts.js).
import { behave } from './behaviours.js';
import { byId, mac, on, ofInputMethod, page, setCookie } from './dom.js';

const wide = matchMedia('(min-width: 68rem)');
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
  const toggle = (event) => {
    event.preventDefault();
    if (!wide.matches) { openDrawer(opener); return; }
    delete page.dataset.side;
    setCookie('side', 'on');
  };
  opener.addEventListener('click', toggle);
  opener.addEventListener('keydown', (event) => { if (event.key === ' ') toggle(event); });
});
on('click', '[data-close-drawer]', () => closeDrawer());
on('click', '#side a[href]', (event, link) => { if (!link.closest('[data-keep-drawer]')) closeDrawer(false); });
wide.addEventListener('change', () => closeDrawer(false));

behave('shortcut', (hint) => { if (mac) hint.textContent = hint.textContent.replace('Ctrl', '⌘').replace('Alt', '⌥').replace('Shift', '⇧'); });

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && drawerIsOpen() && !ofInputMethod(event)) { event.preventDefault(); closeDrawer(); }
});
