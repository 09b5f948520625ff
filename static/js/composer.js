// The composer: Enter sends (never while an input method composes), the message is on the page at once and goes
// to the server under an id of its own, so that a second try can never become a second message.
import { filesHold, giveFiles, hasFiles, takeFiles } from './attach.js';
import { behave } from './behaviours.js';
import { ask, byId, coarse, ofInputMethod, on, page, uniqueId } from './dom.js';
import { chatKey, draft, forgetUnsent, keepDraft, keepDraftNow, keepQueued, keepUnsent, stored, unsent } from './drafts.js';
import { startFeature } from './features.js';
import { followOn } from './follow.js';
import { tellEnded } from './streams.js';
import { drawQuestion, drawnTurn, lastMessage, placeTurns, showBusy } from './turns.js';
import { say, toast, toastRefusal, word } from './words.js';

const onTheWay = new Set(); // client ids being sent
export const sending = () => onTheWay.size > 0;

behave('composer', (form) => {
  const field = form.elements.text;
  field.value ||= draft();
  for (const { cid, text, files } of unsent()) {
    if (drawnTurn(cid)) forgetUnsent(chatKey(), cid);
    else if (!onTheWay.has(cid)) drawQuestion(text, cid, files).dataset.state = 'failed';
  }
  showBusy();
  if (!coarse.matches && !document.activeElement?.matches('input, textarea, [role="menu"]')) field.focus({ preventScroll: true });
  field.addEventListener('parley:draft', () => grow(field));
  field.addEventListener('input', () => { keepDraft(field.value); grow(field); if (field.value[0] === '/' && form.hasAttribute('data-prompts')) startFeature('prompts', form); });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || ofInputMethod(event)) return;
    if ((coarse.matches || page.dataset.enter === 'ctrl') && !event.ctrlKey && !event.metaKey) return; // Enter is a new line
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value;
    if (!text.trim() && !hasFiles()) return;
    const hold = filesHold();
    form.toggleAttribute('data-holding', Boolean(hold)); // goes by itself when the last upload ends
    if (hold) { toast(hold); return; }
    field.value = '';
    grow(field);
    keepDraftNow('');
    if (form.hasAttribute('data-running')) {
      keepQueued({ text, cid: uniqueId(), files: takeFiles(), at: Date.now() });
      startFeature('queue', form);
      return;
    }
    submitText(text, uniqueId(), takeFiles());
  });
  grow(field);
  if (stored(`queue:${chatKey()}`)) startFeature('queue', form);
});

addEventListener('storage', ({ key }) => { if (key?.endsWith(`:queue:${chatKey()}`) && byId('composer')) startFeature('queue', byId('composer')); });

// Browsers without field-sizing grow by rows.
const growsItself = CSS.supports('field-sizing', 'content');
function grow(field) { if (!growsItself) field.rows = Math.min(10, Math.max(1, field.value.split('\n').length)); }

export function submitText(text, cid, files) {
  const turn = drawnTurn(cid) ?? drawQuestion(text, cid, files);
  turn.dataset.state = 'sending';
  showBusy();
  followOn();
  return deliver(text, cid, files);
}

async function deliver(text, cid, files) {
  if (onTheWay.has(cid)) return;
  onTheWay.add(cid);
  const chat = chatKey();
  const form = byId('composer');
  const stage = byId('stage');
  keepUnsent(chat, cid, text, files);
  try {
    const fields = new FormData(form);
    fields.set('text', text);
    fields.set('client_message_id', cid);
    fields.set('files', files.map((file) => file.id));
    fields.set('after', lastMessage());
    const answer = await ask('POST', form.action, fields);
    const html = await answer.text();
    if (await accept(answer, html, stage)) {
      forgetUnsent(chat, cid);
      document.dispatchEvent(new CustomEvent('parley:sent'));
    } else fail(cid, html, answer.status);
  } catch {
    fail(cid);
  } finally {
    onTheWay.delete(cid);
    showBusy();
    document.dispatchEvent(new CustomEvent('parley:settled'));
  }
}

// True when the answer of the server holds the message.
async function accept(answer, html, stage) {
  if (!answer.ok || answer.redirected || answer.headers.has('HX-Redirect')) return false;
  const address = answer.headers.get('HX-Push-Url');
  if (!stage.isConnected) return true; // the reader went to another chat: it is stored, and its page will show it
  if (address) await htmx.swap({ sourceElement: document.body, target: stage, swap: 'outerMorph', push: address, text: html, hx: {} });
  tellEnded(address ? byId('turns').children : placeTurns(html));
  return true;
}

// `html`: what the server answered, if it answered; its sentence says why.
function fail(cid, html, status) {
  const turn = drawnTurn(cid);
  if (turn) turn.dataset.state = 'failed';
  if (html || !turn) toastRefusal(html, word('unsent'), status);
  say(word('unsent'));
}

on('click', '[data-resend]', (event, button) => {
  const turn = button.closest('.turn');
  submitText(turn.querySelector('.say').textContent, turn.dataset.cid, turn.files);
});
on('click', '[data-reedit]', (event, button) => {
  const turn = button.closest('.turn');
  const field = byId('ask');
  forgetUnsent(chatKey(), turn.dataset.cid);
  field.value = [turn.querySelector('.say').textContent, field.value].filter(Boolean).join('\n\n');
  giveFiles(turn.files);
  turn.remove();
  showBusy();
  keepDraftNow(field.value);
  grow(field);
  field.focus();
});
on('click', '[data-starter]', (event, button) => {
  const field = byId('ask');
  field.value = button.textContent;
  keepDraft(field.value);
  field.focus();
});
