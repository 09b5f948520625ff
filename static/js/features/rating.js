// The rating in its dialog: kept without leaving the chat.
export async function start(head, event, kit) {
  await kit.style('turnmenu');
  const form = head.parentElement.querySelector('form[data-rating]');
  form.addEventListener('submit', async (submitted) => {
    submitted.preventDefault();
    const fields = new FormData(form, submitted.submitter);
    const withdrawn = submitted.submitter?.value === '0';
    const answer = await kit.ask(withdrawn ? 'DELETE' : 'PUT', form.getAttribute('action'), withdrawn ? undefined : fields).catch(() => null);
    const html = await answer?.text();
    if (!answer?.ok) { kit.toastRefusal(html, kit.word('failed'), answer?.status); return; }
    const turn = kit.byId(form.dataset.rating);
    form.closest('dialog').close();
    turn.querySelector('.ending').outerHTML = html;
    htmx.process(turn.querySelector('.ending'));
    turn.querySelector('.ending [data-menu]')?.focus({ preventScroll: true });
    kit.toast(kit.word('saved'));
  });
}
