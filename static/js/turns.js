// The turns on the page: drawing a question before the server has it, and putting in what the server sends.
import { byId } from './dom.js';
import { forgetUnsent } from './drafts.js';

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

export function drawQuestion(text, cid) {
  byId('stage').removeAttribute('data-empty');
  const turn = byId('drawn-turn').content.firstElementChild.cloneNode(true);
  turn.dataset.cid = cid;
  const said = turn.querySelector('.say');
  said.textContent = text;
  said.lang = HAN.test(text) ? 'zh-Hans' : 'en';
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
