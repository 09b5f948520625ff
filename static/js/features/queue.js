// Messages that wait for the running answer. They lie in this browser's storage, where every tab of the chat sees
// them; the tab that takes one out sends it, under the id it was given when it was written.
const PATIENCE = 10 * 60000; // ms after which a forgotten one waits for a press instead of sending itself
const TURN = 2000; // ms in which another tab leaves the next one to the tab that sent the last

let kit;
let form;
const mine = crypto.getRandomValues(new Uint32Array(1))[0];
const keyOf = (chat) => `queue:${chat}`;
const read = (chat) => { try { return JSON.parse(kit.stored(keyOf(chat)) ?? '[]'); } catch { return []; } };
const write = (chat, items) => kit.store(keyOf(chat), items.length ? JSON.stringify(items) : '');

export async function start(element, event, given) {
  const first = !kit;
  kit = given;
  if (form !== element) {
    form = element;
    new MutationObserver(() => { draw(); if (!running()) setTimeout(next); }).observe(form, { attributes: true, attributeFilter: ['data-running'] });
  }
  if (first) listen();
  await kit.style('queue');
  draw();
  if (!running()) next();
}

const running = () => form.hasAttribute('data-running');
// What broke off or could not be sent is looked at first: the next message might mean something else then.
const broken = () => document.querySelector('#turns .turn--you[data-state="failed"], #turns .turn--ai:last-of-type .note:not(.note--calm)');

function listen() {
  document.addEventListener('parley:sent', () => { // the first message of a chat gave it its name
    const unnamed = read('new');
    if (!unnamed.length || kit.chatKey() === 'new') return;
    write('new', []);
    write(kit.chatKey(), [...unnamed, ...read(kit.chatKey())]);
    draw();
  });
  kit.on('click', '[data-queue]', (event, button) => act(button.dataset.queue, button.closest('li').dataset.cid));
}

function draw() {
  const list = kit.byId('queue');
  if (!list) return;
  const items = read(kit.chatKey());
  list.replaceChildren(...items.map(({ cid, text, files }) => {
    const chip = kit.byId('queued').content.firstElementChild.cloneNode(true);
    chip.dataset.cid = cid;
    const said = text.trim().slice(0, 200) || files.map((file) => file.name).join(', ');
    chip.querySelector('.queued__text').textContent = said;
    for (const button of chip.querySelectorAll('[aria-label]')) button.setAttribute('aria-label', `${button.title}: ${said.slice(0, 60)}`);
    chip.querySelector('[data-queue="send"]').hidden = running() || cid !== items[0].cid;
    return chip;
  }));
  list.hidden = !items.length;
}

function act(what, cid) {
  const chat = kit.chatKey();
  const items = read(chat);
  const item = items.find((each) => each.cid === cid);
  if (!item) { draw(); return; }
  if (what === 'send') { next(true); return; }
  write(chat, items.filter((each) => each !== item));
  draw();
  const field = kit.byId('ask');
  if (what === 'edit') {
    field.value = [item.text, field.value].filter(Boolean).join('\n\n');
    kit.giveFiles(item.files);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  field.focus();
}

// One tab at a time; where the browser has no locks (plain http) the id of the message keeps it single.
const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && work()) : work());

function next(pressed = false) {
  const chat = kit.chatKey();
  if (chat === 'new' || running() || (!pressed && broken())) return draw();
  return alone(`parley${kit.rootPath}:queue:${chat}`, async () => {
    const items = read(chat);
    const [item, ...rest] = items;
    const last = JSON.parse(kit.stored(`queued-by:${chat}`) ?? '{}');
    const others = last.tab !== mine && Date.now() - last.at < TURN;
    if (!item || running() || chat !== kit.chatKey() || (!pressed && (others || Date.now() - item.at > PATIENCE))) return draw();
    kit.store(`queued-by:${chat}`, JSON.stringify({ tab: mine, at: Date.now() }));
    write(chat, rest); // from here on it is an unconfirmed message like any other
    draw();
    await kit.submitText(item.text, item.cid, item.files);
    return null;
  });
}
