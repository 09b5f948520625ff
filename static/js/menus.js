// Menus are popovers; here they get a place beside their button and the arrow keys. Dialogs open by data-dialog.
import { behave } from './behaviours.js';
import { byId, coarse, on } from './dom.js';

let pressed; // the button that opens the next popover
on('click', '[popovertarget], [data-menu]', (event, button) => { pressed = button; }, true);

function placeMenu(menu, button) {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = anchor.bottom + 4;
  const fitsBelow = below + height < innerHeight - 8 || anchor.top < innerHeight / 2;
  const left = anchor.left + width < innerWidth - 8 ? anchor.left : anchor.right - width;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  menu.style.top = fitsBelow ? `${Math.min(below, Math.max(8, innerHeight - height - 8))}px` : `${Math.max(8, anchor.top - height - 4)}px`;
}

behave('menu', (menu) => {
  menu.addEventListener('toggle', (event) => {
    const open = event.newState === 'open';
    menu.opener?.setAttribute('aria-expanded', String(open));
    if (!open) return;
    menu.opener = pressed;
    menu.opener?.setAttribute('aria-expanded', 'true');
    menu.dataset.placed = '';
    if (menu.opener) placeMenu(menu, menu.opener);
    // On a phone a focused field would bring the keyboard over the list.
    ((!coarse.matches && menu.querySelector('[data-filter]')) || menu.querySelector(':checked, .menu__item:not([hidden])'))?.focus();
  });
  menu.addEventListener('keydown', (event) => {
    if (!['ArrowDown', 'ArrowUp'].includes(event.key) || event.target.type === 'radio') return;
    const items = [...menu.querySelectorAll('.menu__item:not(label), .segmented button, input:not([type="hidden"])')].filter((item) => item.checkVisibility()); // not what is in a closed fold
    const at = items.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1);
    items[(at + items.length) % items.length]?.focus();
    event.preventDefault();
  });
});
on('click', '.menu button.menu__item', (event, item) => { if (!item.form) item.closest('[popover]').hidePopover(); });
addEventListener('resize', () => { for (const menu of document.querySelectorAll('[popover]:popover-open')) if (menu.opener) placeMenu(menu, menu.opener); });

// A finger that stays on a message opens the menu that a mouse finds below it: when it leaves, or the lifting would
// count as a press beside the menu and close it.
let heldSince = 0;
on('touchstart', '.turn', (event) => { heldSince = event.touches.length > 1 || event.target.closest('a, button, input, textarea, summary') ? 0 : event.timeStamp; }, { passive: true });
on('touchend', '.turn', (event, turn) => {
  if (!heldSince || event.timeStamp - heldSince < 450) return;
  event.preventDefault();
  turn.querySelector('[data-menu]')?.click();
});
for (const type of ['touchmove', 'touchcancel']) addEventListener(type, () => { heldSince = 0; }, { passive: true });
on('contextmenu', '.turn:not([data-selectable])', (event) => { if (coarse.matches && !event.target.closest('a, img')) event.preventDefault(); });

on('click', '[data-dialog]', (event, button) => {
  const dialog = byId(button.dataset.dialog);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
  dialog.querySelector('[autofocus], input:not([type="hidden"]), select, textarea')?.focus();
});
on('click', '[data-close-dialog]', (event, button) => { event.preventDefault(); button.closest('dialog')?.close(); });
// A press on the backdrop is a press on the dialog itself, outside its box.
on('mousedown', 'dialog.dialog', (event, dialog) => {
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) dialog.close();
});
