// The turns on the page: drawing a question before the server has it, and putting in what the server sends.
import { ask, byId, on, rootPath } from './dom.js';
import { forgetUnsent } from './drafts.js';
import { followOn, setFollow } from './follow.js';
import { toast, toastRefusal, word } from './words.js';

const HAN = /[\u3400-\u9fff]/;

export const busyTurn = () => document.querySelector('#turns .turn--ai[aria-busy="true"]');
export const drawnTurn = (cid) => document.querySelector(`#turns [data-cid="${CSS.escape(cid)}"]`);

export function lastMessage() {
  const known = document.querySelectorAll('#turns [data-message]');
  return known[known.length - 1]?.dataset.message ?? '0';
}

// Send is Stop while an answer is being written.
export function showBusy() {
  byId('composer')?.toggleAttribute('data-running', Boolean(busyTurn()) || Boolean(document.querySelector('#turns [data-state="sending"]')));
}

export function drawQuestion(text, cid, files) {
  byId('stage').removeAttribute('data-empty');
  const turn = byId('drawn-turn').content.firstElementChild.cloneNode(true);
  turn.dataset.cid = cid;
  const said = turn.querySelector('.say');
  said.textContent = text;
  said.lang = HAN.test(text) ? 'zh-Hans' : 'en';
  turn.files = files;
  for (const { id, name, note, width, height } of files) {
    if (!width) {
      const chip = Object.assign(document.createElement('span'), { className: 'doc' });
      for (const [tag, said] of [['b', name], ['small', note]]) chip.append(Object.assign(document.createElement(tag), { textContent: said }));
      turn.querySelector('.pics').append(chip);
      continue;
    }
    const small = Math.min(1, 240 / Math.max(width, height)); // as chat/presenting.py draws them
    const image = Object.assign(new Image(Math.round(width * small), Math.round(height * small)), { src: `${rootPath}/files/${id}?size=thumb`, alt: name });
    turn.querySelector('.pics').append(image);
  }
  byId('turns').append(turn);
  showBusy();
  return turn;
}

// Puts in turns of a fragment: in place of what was drawn for them, once, whatever way they came.
export function placeTurns(html) {
  const box = document.createElement('template');
  box.innerHTML = html;
  for (const turn of [...box.content.querySelectorAll('.turn')]) {
    const drawn = turn.dataset.cid ? drawnTurn(turn.dataset.cid) : null;
    if (turn.dataset.cid) confirmQuestion(turn.dataset.cid);
    if (byId(turn.id)) { if (drawn && drawn.id !== turn.id) drawn.remove(); continue; }
    if (drawn) drawn.replaceWith(turn); else byId('turns').append(turn);
    htmx.process(turn);
  }
  byId('stage').removeAttribute('data-empty');
  showBusy();
}

export function confirmQuestion(cid) {
  for (const chat of ['new', byId('stage')?.dataset.conversation]) if (chat) forgetUnsent(chat, cid);
}

const takeTick = (turn) => document.querySelector(`.ruler [href="#${turn.id}"]`)?.remove();
function takeAway(turn) { takeTick(turn); turn.remove(); }

// Another version, an edit, a deletion: what the server answers takes the place of a turn and of all that follows.
let turning = 0;
export const switching = () => turning > 0;
export async function replaceFrom(turn, path, fields, keep) {
  turning += 1;
  try {
    const answer = await ask('POST', path, fields);
    const box = document.createElement('template');
    box.innerHTML = await answer.text();
    const away = answer.headers.get('HX-Redirect');
    if (away) location.assign(away);
    else if (!answer.ok) toastRefusal(box.innerHTML, word('failed'), answer.status);
    else {
      if (keep) { turn.after(document.createElement('i')); turn = turn.nextElementSibling; }
      while (turn.nextElementSibling && !turn.nextElementSibling.dataset.state) takeAway(turn.nextElementSibling);
      takeTick(turn);
      const fresh = [...box.content.children];
      turn.replaceWith(box.content);
      fresh.forEach((each) => htmx.process(each));
      byId('stage').toggleAttribute('data-empty', !document.querySelector('#turns .turn'));
      showBusy();
      return fresh;
    }
  } catch { toast(word('failed'), { bad: true }); } finally {
    turning -= 1;
    document.dispatchEvent(new CustomEvent('parley:settled'));
  }
}
// The whole path anew, when another tab has led it elsewhere.
export function replaceTurns(html) {
  const box = document.createElement('template');
  box.innerHTML = html;
  const ids = (scope) => [...scope.querySelectorAll('.turn[id]')].map((turn) => turn.id);
  const fresh = ids(box.content);
  if (ids(byId('turns')).slice(-fresh.length || Infinity).join() === fresh.join()) return;
  for (const old of document.querySelectorAll('#turns > :is(.turn, .more-turns):not([data-state])')) takeAway(old);
  byId('turns').prepend(box.content);
  htmx.process(byId('turns'));
  byId('stage').toggleAttribute('data-empty', !document.querySelector('#turns .turn'));
  showBusy();
}
on('submit', 'form[data-onward]', async (event, form) => {
  const button = event.submitter;
  const turn = byId(form.dataset.onward);
  if (!turn) return;
  event.preventDefault();
  if (turning || button.ariaDisabled === 'true') return;
  const fields = new FormData(form, button);
  const picked = 'picked' in form.dataset && document.querySelector('#models :checked');
  if (picked) fields.set('model', picked.value);
  const at = button.getBoundingClientRect().top;
  if (button.id) setFollow(false);
  if (!(await replaceFrom(turn, button.getAttribute('formaction') ?? form.action, fields, 'keep' in form.dataset))) return;
  const log = byId('log');
  const same = byId(button.id || '-');
  if (!same) { followOn(); return; }
  same.focus({ preventScroll: true });
  log.scrollTop += same.getBoundingClientRect().top - at;
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 32) setFollow(true);
});
