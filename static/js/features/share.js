// Sharing a chat: the dialog opens from a link to its page, its form answers inside it, an address is copied.
async function show(answer, kit) {
  const html = await answer.text();
  if (!answer.ok) { kit.toastRefusal(html, kit.word('failed'), answer.status); return false; }
  const panel = kit.byId('panel');
  panel.innerHTML = html;
  kit.attach(panel);
  return panel;
}

export async function start(element, event, kit) {
  if (element.dataset.text) { await kit.copyFrom(element, element.dataset.text); return; }
  if (!kit.byId('panel')) { location.href = element.href; return; }
  element.closest('[popover]')?.hidePopover();
  await kit.style('share');
  const panel = await show(await kit.ask('GET', element.getAttribute('href')), kit);
  if (!panel) return;
  if (!panel.open) panel.showModal();
  const form = kit.byId('share-form');
  form.addEventListener('submit', async (submit) => {
    submit.preventDefault();
    const button = form.querySelector('.btn--primary');
    button.disabled = true;
    try {
      const made = await show(await kit.ask('POST', form.getAttribute('action'), new FormData(form)), kit);
      if (made) made.querySelector('.share__link .input').select();
    } catch { kit.toast(kit.word('failed'), { bad: true }); }
    button.disabled = false;
  });
}
