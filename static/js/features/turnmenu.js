// The menu of one message: copying, quoting, reading aloud, other models, deleting with Undo.
let turn; // whose menu is open
let kit;
let chosen = ''; // what was selected in that turn when the menu was opened

export async function start(link, event, given) {
  kit = given;
  const menu = kit.byId('turn-menu');
  turn = link.closest('.turn');
  chosen = selectionIn(turn);
  await kit.style('turnmenu');
  if (!(await fill(menu, link.getAttribute('href')))) return;
  const speak = menu.querySelector('[data-do="speak"]');
  if ('speechSynthesis' in window) speak.hidden = false;
  if (speaking(turn)) speak.querySelector('span').textContent = speak.dataset.stop;
  if (!menu.dataset.wired) wire(menu);
  menu.showPopover();
}

async function fill(menu, path) {
  const answer = await kit.ask('GET', path).catch(() => null);
  if (!answer?.ok) { kit.toastRefusal(await answer?.text(), kit.word('failed'), answer?.status); return false; }
  menu.innerHTML = await answer.text();
  return true;
}

function selectionIn(element) {
  const selected = getSelection();
  const inside = selected.rangeCount && !selected.isCollapsed && element.querySelector('.say, .prose')?.contains(selected.anchorNode);
  return inside ? selected.toString().trim() : '';
}

function wire(menu) {
  menu.dataset.wired = '';
  menu.addEventListener('click', (event) => {
    const item = event.target.closest('[data-do]');
    if (!item) return;
    event.preventDefault();
    ACTIONS[item.dataset.do](item, menu);
  });
  menu.addEventListener('submit', (event) => {
    if (event.target.dataset.remove) { event.preventDefault(); menu.hidePopover(); remove(event.target); }
    else if (event.target.method === 'post') menu.hidePopover();
    else event.preventDefault();
  });
  let soon;
  menu.addEventListener('input', (event) => {
    const field = event.target.closest('[data-models]');
    if (!field) return;
    clearTimeout(soon);
    soon = setTimeout(() => otherModels(menu, field.form.getAttribute('action'), field.value), 150);
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target.matches('[data-models]')) event.preventDefault();
  });
}

async function otherModels(menu, path, search = '') {
  if (!(await fill(menu, `${path}?${new URLSearchParams({ q: search })}`))) return;
  const field = menu.querySelector('[data-models]');
  (field ?? menu.querySelector('.menu__item'))?.focus();
  field?.setSelectionRange(search.length, search.length);
  dispatchEvent(new Event('resize')); // the menu is placed again at its new size
}

const source = () => turn.querySelector('template[data-source]')?.content.textContent ?? turn.querySelector('.say').textContent;
const rendered = () => turn.querySelector('.say, .prose');

const ACTIONS = {
  markdown: (item) => copy(item, source()),
  text: (item) => copy(item, rendered().innerText.trim()),
  rich: copyRich,
  select: (item, menu) => { menu.hidePopover(); turn.dataset.selectable = ''; getSelection().selectAllChildren(rendered()); },
  quote: () => quote(chosen || source()),
  speak: () => (speaking(turn) ? speechSynthesis.cancel() : speak()),
  models: (item, menu) => otherModels(menu, item.getAttribute('href')),
  edit: (item, menu) => { menu.hidePopover(); turn.querySelector('[data-edit]').click(); },
};

async function copy(item, text) {
  kit.byId('turn-menu').hidePopover();
  if (await kit.copyText(text)) told(); else kit.toast(kit.word('copyFailed'), { bad: true });
}

function told() { kit.toast(kit.word('copied'), { milliseconds: 2500 }); }

async function copyRich(item) {
  const html = rendered().cloneNode(true);
  for (const button of html.querySelectorAll('button, template, [hidden]')) button.remove();
  const types = { 'text/html': html.innerHTML, 'text/plain': rendered().innerText.trim() };
  try {
    const parts = Object.entries(types).map(([type, text]) => [type, new Blob([text], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(parts))]);
    kit.byId('turn-menu').hidePopover();
    told();
  } catch { copy(item, types['text/plain']); }
}

export function quote(text) {
  const field = document.getElementById('ask');
  const lines = text.trim().split('\n').map((line) => `> ${line}`.trimEnd()).join('\n');
  field.value = `${field.value ? `${field.value.trimEnd()}\n\n` : ''}${lines}\n\n`;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollTop = field.scrollHeight;
}

// By sentence: some browsers fall silent in the middle of a long text.
const speaking = (element) => speechSynthesis?.speaking && speechSynthesis.turn === element;
function speak() {
  speechSynthesis.cancel();
  speechSynthesis.turn = turn;
  const copy = rendered().cloneNode(true);
  for (const part of copy.querySelectorAll('button, template, pre, .katex-html, [hidden]')) part.remove();
  const parts = copy.textContent.match(/[^.!?。！？\n]+[.!?。！？\n]*/g) ?? [];
  for (const part of parts.filter((each) => each.trim())) {
    speechSynthesis.speak(Object.assign(new SpeechSynthesisUtterance(part.trim()), { lang: rendered().lang || document.documentElement.lang }));
  }
}

async function remove(form) {
  const gone = kit.byId(form.dataset.remove);
  const next = gone.previousElementSibling;
  const { replaceFrom } = await import(`${kit.assets}js/features/onward.js`);
  const fresh = await replaceFrom(kit, gone, form.action, new FormData(form));
  const note = fresh?.find((each) => each.dataset.removed);
  if (!note) return;
  note.remove();
  (next?.matches('.turn') ? next.querySelector('.acts a, .acts button') : kit.byId('ask'))?.focus({ preventScroll: true });
  kit.toast(note.dataset.removed, { action: kit.word('undo'), act: () => restore(note.dataset.undo), milliseconds: 10000 });
}

async function restore(path) {
  const answer = await kit.ask('POST', path, {}).catch(() => null);
  if (!answer?.ok) { kit.toastRefusal(await answer?.text(), kit.word('failed'), answer?.status); return; }
  const news = JSON.stringify({ kind: 'path', conversation: Number(kit.shownChat()) });
  document.dispatchEvent(new CustomEvent('changed', { detail: { data: news } }));
}
