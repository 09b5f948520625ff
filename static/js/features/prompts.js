// The list of prompts above the composer: it opens when a message begins with a slash and follows what is typed.
// The message box keeps the focus; the chosen row is named by aria-activedescendant.
let kit;
let list;
let asked = 0;
const field = () => kit.byId('ask');
const rows = () => [...(list?.querySelectorAll('[role="option"]') ?? [])];
const chosen = () => list?.querySelector('[aria-selected="true"]');

export async function start(box, event, given) {
  if (kit) return undefined;
  kit = given;
  await kit.style('prompts');
  document.addEventListener('input', (typed) => { if (typed.target === field()) look(); });
  document.addEventListener('keydown', keys, true);
  kit.on('mousedown', '#offer [role="option"]', (press, row) => { press.preventDefault(); use(row); });
  document.addEventListener('focusout', (left) => { if (left.target === field()) setTimeout(() => { if (document.activeElement !== field()) close(); }, 150); });
  return look();
}

// Only the first line of a message can be a command, and only while nothing but the command stands there.
const typedCommand = () => field()?.value.match(/^\/([^\s/]{0,60})$/)?.[1];

async function look() {
  const wanted = typedCommand();
  if (wanted === undefined) { close(); return; }
  const turn = ++asked;
  const answer = await kit.ask('GET', `${kit.rootPath}/f/prompts?${new URLSearchParams({ q: wanted })}`).catch(() => null);
  if (!answer?.ok || turn !== asked || typedCommand() === undefined) return;
  if (!list?.isConnected) {
    list = Object.assign(document.createElement('div'), { className: 'offers' });
    kit.byId('composer').before(list);
  }
  list.innerHTML = await answer.text();
  field().setAttribute('aria-controls', 'offer');
  select(rows()[0]);
}

function select(row) {
  for (const each of rows()) each.setAttribute('aria-selected', String(each === row));
  row?.scrollIntoView({ block: 'nearest' });
  if (row) field().setAttribute('aria-activedescendant', row.id); else field().removeAttribute('aria-activedescendant');
}

function close() {
  asked += 1;
  if (!list?.isConnected || list.querySelector('dialog[open]')) return;
  list.remove();
  field()?.removeAttribute('aria-activedescendant');
  field()?.removeAttribute('aria-controls');
}

// Before the composer sees the key: Enter takes a prompt, it does not send.
function keys(event) {
  if (event.target !== field() || !list?.isConnected || kit.ofInputMethod(event)) return;
  const all = rows();
  const at = all.indexOf(chosen());
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') select(all[(at + (event.key === 'ArrowDown' ? 1 : -1) + all.length) % all.length]);
  else if ((event.key === 'Enter' || event.key === 'Tab') && chosen() && !event.shiftKey) use(chosen());
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function use(row) {
  const body = row.querySelector('[data-body]').content.textContent;
  if (!Number(row.dataset.blanks)) { insert(body); return; }
  const dialog = list.querySelector('#blanks');
  dialog.querySelector('.blanks').replaceChildren(row.querySelector('[data-form]').content.cloneNode(true));
  const form = dialog.querySelector('#blanks-form');
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = filled(body, new FormData(form));
    // Not by the form: until the dialog tells of its end the list would be there, and take the Enter that sends.
    dialog.onclose = null;
    dialog.close();
    insert(text);
  };
  form.onkeydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || kit.ofInputMethod(event) || event.target.localName !== 'textarea') return;
    event.preventDefault();
    form.requestSubmit();
  };
  dialog.onclose = () => { close(); field().focus(); };
  dialog.showModal();
  dialog.querySelector('textarea').focus();
}

// As prompts/variables.py reads them.
function filled(body, values) {
  return body.replace(/\{\{[ \t]*([\p{L}_][\p{L}\p{N}_]{0,39})[ \t]*(?:=([^{}\n]{0,200}))?\}\}/gu, (all, name, usual) => values.get(name) || usual?.trim() || all);
}

function insert(text) {
  const box = field();
  box.value = text;
  close();
  box.focus();
  box.setSelectionRange(text.length, text.length);
  box.dispatchEvent(new Event('input', { bubbles: true }));
}
