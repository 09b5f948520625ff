// The list of keys, as a dialog.
export async function start(element, event, kit) {
  if (document.querySelector('#keys[open]')) return;
  const styled = kit.style('keys');
  const answer = await kit.ask('GET', `${kit.rootPath}/f/keys`);
  if (!answer.ok) { kit.toastRefusal(await answer.text(), kit.word('failed'), answer.status); return; }
  const html = await answer.text();
  await styled;
  kit.byId('keys')?.remove();
  document.body.insertAdjacentHTML('beforeend', html);
  const dialog = kit.byId('keys');
  const before = document.activeElement;
  kit.attach(dialog);
  dialog.showModal();
  dialog.addEventListener('close', () => { dialog.remove(); if (!before?.closest?.('[popover]')) before?.focus?.({ preventScroll: true }); });
}
