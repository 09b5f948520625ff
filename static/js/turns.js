// The turns on the page: drawing a question before the server has it, and putting in what the server sends.
import { byId, on, rootPath } from './dom.js';
import { forgetUnsent } from './drafts.js';
import { startFeature } from './features.js';

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

// Puts in turns of a fragment: in place of what was drawn for them, once, whatever way they came. Returns the new ones.
export function placeTurns(html) {
  const box = document.createElement('template');
  box.innerHTML = html;
  const fresh = [];
  for (const turn of [...box.content.querySelectorAll('.turn')]) {
    const drawn = turn.dataset.cid ? drawnTurn(turn.dataset.cid) : null;
    if (turn.dataset.cid) confirmQuestion(turn.dataset.cid);
    if (byId(turn.id)) { if (drawn && drawn.id !== turn.id) drawn.remove(); continue; }
    if (drawn) drawn.replaceWith(turn); else byId('turns').append(turn);
    htmx.process(turn);
    fresh.push(turn);
  }
  byId('stage').removeAttribute('data-empty');
  showBusy();
  return fresh;
}

export function confirmQuestion(cid) {
  for (const chat of ['new', byId('stage')?.dataset.conversation]) if (chat) forgetUnsent(chat, cid);
}

// Another version or another answer takes the place of a turn and of what follows it.
on('submit', 'form[data-onward]', (event, form) => {
  if (!byId(form.dataset.onward)) return;
  event.preventDefault();
  startFeature('onward', form, event);
});
