// Small actions on turns.
import { behave } from './behaviours.js';
import { byId, copyText, on } from './dom.js';
import { say, toast, toastRefusal, word } from './words.js';
import { showBusy } from './turns.js';
import { startFeature } from './features.js';

export async function copyFrom(button, text) {
  if (!(await copyText(text))) { toast(word('copyFailed'), { bad: true }); return; }
  const name = button.getAttribute('aria-label');
  say(word('copied'));
  button.classList.add('is-done');
  if (name) button.setAttribute('aria-label', word('copied'));
  setTimeout(() => { button.classList.remove('is-done'); if (name) button.setAttribute('aria-label', name); }, 1600);
}

// An answer is copied as the Markdown it was written in.
on('click', '[data-copy-turn]', (event, button) => {
  const turn = button.closest('.turn');
  const source = turn.querySelector('template[data-source]')?.content.textContent;
  copyFrom(button, source || turn.querySelector('.say, .prose').innerText);
});

// What is selected in a turn can be quoted.
for (const type of ['pointerup', 'keyup']) on(type, '#log', (event, log) => setTimeout(() => { if (getSelection().type === 'Range') startFeature('quoting', log, event); }));

// Retry and Continue bring a running answer in the place of a finished one, and the other way round.
document.addEventListener('htmx:after:swap', () => showBusy());
for (const type of ['htmx:error', 'htmx:response:error']) {
  document.addEventListener(type, (event) => {
    const { sourceElement, text, response } = event.detail.ctx ?? {};
    if (sourceElement?.matches?.('form, a, button')) toastRefusal(text, word('failed'), response?.status);
  });
}

// A map of the questions: new ones get a tick, the one being read is marked.
behave('ruler', (ruler) => {
  const turns = byId('turns');
  const marks = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const tick = ruler.querySelector(`[href="#${entry.target.id}"]`);
      if (entry.isIntersecting && tick) { ruler.querySelector('[aria-current]')?.removeAttribute('aria-current'); tick.setAttribute('aria-current', 'true'); }
    }
  }, { root: byId('log'), rootMargin: '-10% 0px -60% 0px' });
  const draw = () => {
    for (const turn of turns.querySelectorAll('.turn--you[data-message]:not([data-ticked])')) {
      turn.dataset.ticked = '';
      marks.observe(turn);
      if (ruler.querySelector(`[href="#${turn.id}"]`)) continue;
      const tick = Object.assign(document.createElement('a'), { href: `#${turn.id}` });
      tick.append(Object.assign(document.createElement('span'), { textContent: turn.querySelector('.say').textContent.slice(0, 60) || turn.querySelector('img')?.alt }));
      const next = [...turns.querySelectorAll('.turn--you[data-ticked]')].find((other) => turn.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
      ruler.insertBefore(tick, next ? ruler.querySelector(`[href="#${next.id}"]`) : null);
    }
    ruler.hidden = ruler.children.length < 2;
  };
  new MutationObserver(draw).observe(turns, { childList: true });
  draw();
});
on('click', '.ruler a', (event, tick) => {
  event.preventDefault();
  document.querySelector(tick.getAttribute('href'))?.scrollIntoView({ block: 'start' });
});
