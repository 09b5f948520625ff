// A small button beside what was selected in a turn: quotes it into the message.
let button;
export function start(area, event, kit) {
  const selected = getSelection();
  const text = selected.toString().trim();
  const holder = selected.rangeCount && selected.anchorNode?.parentElement?.closest('#turns .say, #turns .prose');
  button?.remove();
  if (!text || !holder || !holder.contains(selected.focusNode)) return;
  button = kit.byId('quote-button').content.firstElementChild.cloneNode(true);
  const made = button;
  button.addEventListener('pointerdown', (press) => press.preventDefault()); // the selection stays
  button.addEventListener('click', async () => {
    made.remove();
    const { quote } = await import(`${kit.assets}js/features/turnmenu.js`);
    quote(text);
  });
  kit.style('turnmenu').then(() => {
    if (made !== button) return;
    kit.byId('stage').append(made);
    const box = selected.getRangeAt(0).getBoundingClientRect();
    made.style.left = `${Math.max(8, Math.min(box.left, innerWidth - made.offsetWidth - 8))}px`;
    made.style.top = `${box.top - made.offsetHeight - 6 > 56 ? box.top - made.offsetHeight - 6 : box.bottom + 6}px`;
  });
  const away = () => { if (!getSelection().toString().trim()) { made.remove(); document.removeEventListener('selectionchange', away); } };
  document.addEventListener('selectionchange', away);
  kit.byId('log').addEventListener('scroll', () => made.remove(), { once: true, passive: true });
}
