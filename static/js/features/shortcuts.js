// What the keys of features.js do. The list people see is chat/palette/keys.py.
export function start(element, event, kit) {
  const { name } = event;
  if (document.querySelector('dialog[open]') && name !== 'mod+k') return;
  const open = document.querySelector('[popover]:popover-open');
  if (open && name !== 'mod+k') open.hidePopover();
  ACTIONS[name]?.(kit, event);
}

const press = (selector) => document.querySelector(selector)?.click();
const last = (selector) => [...document.querySelectorAll(selector)].pop();

const ACTIONS = {
  'mod+k': (kit) => kit.startFeature('palette', document.body),
  'mod+/': (kit) => kit.startFeature('keys', document.body),
  '?': (kit) => kit.startFeature('keys', document.body),
  'mod+shift+o': () => press('a.new'),
  'mod+shift+f': (kit) => location.assign(`${kit.rootPath}/search`),
  'mod+b': toggleSidebar,
  'mod+shift+c': () => last('#turns .turn--ai:not([aria-busy])')?.querySelector('[data-copy-turn]')?.click(),
  'alt+arrowup': (kit) => step(kit, -1),
  'alt+arrowdown': (kit) => step(kit, 1),
  end: () => press('#latest'),
  arrowup: () => last('#turns .turn--you')?.querySelector('[data-edit]')?.click(),
};

// On a small window the drawer; on a wide one the sidebar goes and stays away, in this browser.
function toggleSidebar(kit) {
  if (!matchMedia('(min-width: 68rem)').matches) {
    press(kit.byId('side').hasAttribute('data-open') ? '[data-close-drawer]' : '[data-behaviour~="drawer"]');
    return;
  }
  const { dataset } = document.documentElement;
  if (dataset.side) delete dataset.side; else dataset.side = 'off';
  kit.setCookie('side', dataset.side ?? 'on');
  if (dataset.side && document.activeElement?.closest('#side')) document.activeElement.blur();
}

// Focus goes to the turn before or after the one that has it, or the one at the top of the window.
function step(kit, direction) {
  const turns = [...document.querySelectorAll('#turns .turn')];
  const log = kit.byId('log');
  if (!turns.length) return;
  const top = log.getBoundingClientRect().top + 8;
  let at = turns.findIndex((turn) => turn.contains(document.activeElement));
  if (at < 0) {
    at = turns.findIndex((turn) => turn.getBoundingClientRect().bottom > top);
    if (direction < 0 && log.scrollHeight - log.scrollTop - log.clientHeight < 4) at = turns.length;
    else if (direction > 0 && turns[at]?.getBoundingClientRect().top > top) at -= 1;
  }
  const turn = turns[Math.max(0, Math.min(turns.length - 1, at + direction))];
  kit.setFollow(false);
  turn.tabIndex = -1;
  turn.focus({ preventScroll: true });
  turn.scrollIntoView({ block: 'start' });
}
