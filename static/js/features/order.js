// What is done to one chat or folder from a menu: renaming in place, pinning, archiving, moving, deleting, each with
// an Undo. The sentences come from the server (templates/chat/organising/_arranged.html).
const UNDO_FOR = 10000; // ms

export async function start(element, event, kit) {
  const menu = element.closest('.menu');
  const owner = menu?.dataset.id ? menu : menu?.opener?.closest('[data-id], [data-folder]');
  if (menu?.matches(':popover-open')) menu.hidePopover();
  const doing = { kit, id: owner?.dataset.id, folder: owner?.dataset.folder, verb: element.dataset.verb, menu };
  await (verbs[doing.verb] ?? arrange)(doing);
}

const verbs = { rename, place, title, delete: arrange, 'new-folder': newFolder, folder: editFolder, 'chat-in': chatIn, up: moveFolder, down: moveFolder };
const refresh = () => document.dispatchEvent(new CustomEvent('parley:list'));

// Posts and returns what the server says it did; a refusal is said and ends it.
async function post({ kit }, path, fields) {
  let answer;
  try {
    answer = await kit.ask('POST', kit.rootPath + path, fields ?? {});
  } catch { kit.toast(kit.word('failed'), { bad: true }); return null; }
  const html = await answer.text();
  if (!answer.ok) { kit.toastRefusal(html, kit.word('failed'), answer.status); return null; }
  return new DOMParser().parseFromString(html, 'text/html').querySelector('[data-says]') ?? document.createElement('p');
}

function tell(doing, said, after) {
  const { kit } = doing;
  const fields = { ...said.dataset };
  delete fields.says;
  if (!said.textContent) return;
  const undo = fields.verb && { action: kit.word('undo'), act: async () => { if (await post(doing, '/chat/batches', fields)) { refresh(); after?.(); } } };
  kit.toast(said.textContent, { ...undo, milliseconds: UNDO_FOR });
}

async function arrange(doing) {
  const { kit, id, verb, menu } = doing;
  const row = kit.byId(`c${id}`);
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  const shown = id === kit.shownChat();
  const said = await post(doing, '/chat/batches', { verb, ids: id });
  if (!said) return;
  const leaves = ['archive', 'delete'].includes(verb);
  if (leaves) row?.remove();
  else if (shown) kit.byId('chat-menu')?.toggleAttribute('data-pinned', verb === 'pin');
  tell(doing, said, leaves && shown ? () => kit.goTo(`${kit.rootPath}/chat/${id}`) : null);
  if (leaves && shown) await kit.goTo(`${kit.rootPath}/chat`);
  else if (leaves) next?.querySelector('a')?.focus();
  else if (shown && verb === 'unarchive') await kit.goTo(`${kit.rootPath}/chat/${id}`);
  refresh();
}

async function title(doing) {
  const said = await post(doing, `/chat/${doing.id}/title`);
  if (said) tell(doing, said);
}

// A form of the server in a dialog of its own; `done` hears what its answer said.
async function dialog(doing, path, done) {
  const { kit } = doing;
  let answer;
  try { answer = await kit.ask('GET', `${kit.rootPath}${path}?panel=1`); } catch { /* said below */ }
  if (!answer?.ok) { kit.toast(kit.word('failed'), { bad: true }); return; }
  const box = Object.assign(document.createElement('dialog'), { className: 'dialog dialog--narrow', innerHTML: await answer.text() });
  box.setAttribute('aria-labelledby', 'order-title');
  await kit.style('order');
  document.body.append(box);
  const focused = document.activeElement;
  box.addEventListener('close', () => { box.remove(); if (focused?.isConnected) focused.focus(); });
  box.addEventListener('keydown', (event) => { if (event.key === 'Enter' && kit.ofInputMethod(event)) event.preventDefault(); });
  box.addEventListener('cancel', (event) => { if (composing) event.preventDefault(); });
  let composing = false;
  for (const type of ['compositionstart', 'compositionend']) box.addEventListener(type, () => { setTimeout(() => { composing = type === 'compositionstart'; }, type === 'compositionend' ? 60 : 0); });
  box.addEventListener('submit', async (event) => {
    if (event.target.method === 'dialog') return;
    event.preventDefault();
    event.stopPropagation();
    const said = await post(doing, new URL(event.target.action).pathname.slice(kit.rootPath.length), new FormData(event.target, event.submitter));
    delete event.target.dataset.sent;
    if (!said) return;
    box.close();
    refresh();
    done?.(said);
  }, true);
  box.showModal();
  box.querySelector('form[method="post"] :is(input:not([type="hidden"]), select)')?.focus();
}

function place(doing) {
  const { kit, id } = doing;
  return dialog(doing, `/chat/${id}/place`, (said) => {
    const shown = id === kit.shownChat();
    tell(doing, said, shown ? () => kit.goTo(`${kit.rootPath}/chat/${id}`) : null);
    if (shown && said.dataset.verb) kit.goTo(`${kit.rootPath}/chat/${id}`);
  });
}

function newFolder(doing) { return dialog(doing, '/chat/folders'); }
function editFolder(doing) { return dialog(doing, `/chat/folders/${doing.folder}`, (said) => tell(doing, said)); }
function chatIn({ kit, folder }) { return kit.goTo(`${kit.rootPath}/chat?folder=${folder}`); }
async function moveFolder(doing) {
  if (await post(doing, `/chat/folders/${doing.folder}`, { move: doing.verb })) refresh();
}

// Renaming in place: in the bar from its menu, else in the row.
function rename({ kit, id, menu }) {
  const label = menu.id === 'chat-menu' ? kit.byId('title') : kit.byId(`c${id}`)?.querySelector('a');
  if (!label) return;
  const before = label.innerText.trim();
  const form = Object.assign(document.createElement('form'), { className: 'rename' });
  const field = Object.assign(document.createElement('input'), { value: before, maxLength: 200, autocomplete: 'off' });
  field.setAttribute('aria-label', kit.word('newName'));
  form.append(field);
  label.hidden = true;
  label.after(form);
  field.focus();
  field.select();
  let over = false;
  const end = async (keep) => {
    if (over) return;
    over = true;
    const name = field.value.trim();
    form.remove();
    label.hidden = false;
    label.focus?.();
    if (keep && name && name !== before) await save(kit, id, name);
  };
  form.addEventListener('submit', (event) => { event.preventDefault(); end(true); });
  field.addEventListener('keydown', (event) => {
    if (kit.ofInputMethod(event)) { if (event.key === 'Enter') event.preventDefault(); return; }
    if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); end(false); }
  });
  field.addEventListener('blur', () => end(true));
}

async function save(kit, id, name) {
  try {
    const answer = await kit.ask('PATCH', `${kit.rootPath}/chat/${id}`, { title: name });
    if (!answer.ok) { kit.toastRefusal(await answer.text(), kit.word('failed'), answer.status); return; }
    kit.showTitle(id, name);
    await htmx.swap({ sourceElement: document.body, target: document.body, swap: 'none', text: await answer.text(), hx: {} });
    kit.markShown();
  } catch { kit.toast(kit.word('failed'), { bad: true }); }
}
