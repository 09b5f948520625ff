// A question written anew in its place. The first version stays as it is; what is sent becomes another one.
export async function start(link, event, kit) {
  const turn = link.closest('.turn');
  if (!turn?.id) return;
  const open = turn.querySelector('form.edit');
  if (open) { open.elements.text.focus(); return; }
  await kit.style('turnmenu');
  const answer = await kit.ask('GET', link.getAttribute('href'));
  if (!answer.ok) { kit.toastRefusal(await answer.text(), kit.word('failed'), answer.status); return; }
  if (turn.querySelector('form.edit')) return;
  const said = turn.querySelector('.say');
  said.insertAdjacentHTML('afterend', await answer.text());
  const form = turn.querySelector('form.edit');
  form.elements.client_message_id.value = kit.uniqueId();
  said.hidden = true;
  turn.dataset.editing = '';
  kit.setFollow(false);
  wire(form, said, link, kit);
}

function wire(form, said, link, kit) {
  const turn = form.closest('.turn');
  const field = form.elements.text;
  const close = () => {
    form.remove();
    said.hidden = false;
    delete turn.dataset.editing;
    link.focus({ preventScroll: true });
  };
  const grow = () => { field.style.height = 'auto'; field.style.height = `${field.scrollHeight + 2}px`; };
  field.addEventListener('input', grow);
  grow();
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  form.querySelector('[data-cancel]').addEventListener('click', (event) => { event.preventDefault(); close(); });
  form.addEventListener('keydown', (event) => {
    if (kit.ofInputMethod(event)) return;
    if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); close(); }
    const alone = !event.shiftKey && !event.altKey && (event.ctrlKey || event.metaKey || !matchMedia('(pointer: coarse)').matches);
    if (event.key === 'Enter' && event.target === field && alone) { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!field.value.trim() || form.hasAttribute('aria-busy')) return;
    form.setAttribute('aria-busy', 'true');
    const { replaceFrom } = await import(`${kit.assets}js/features/onward.js`);
    const fields = new FormData(form);
    const picked = document.querySelector('#models :checked');
    if (picked) fields.set('model', picked.value);
    const fresh = await replaceFrom(kit, turn, form.action, fields);
    form.removeAttribute('aria-busy');
    if (!fresh) return;
    kit.tellEnded(fresh);
    kit.followOn();
    kit.byId('ask')?.focus({ preventScroll: matchMedia('(pointer: coarse)').matches });
  });
}
