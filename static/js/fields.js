// Forms: looking at a password, a hint for Caps Lock, one submit per press, moments in the reader's own time.
import { behave } from './behaviours.js';
import { on } from './dom.js';

behave('peek', (wrap) => {
  const input = wrap.querySelector('input');
  const button = wrap.querySelector('button');
  const hint = wrap.parentElement.querySelector('[data-caps]');
  button.hidden = false;
  button.addEventListener('click', () => {
    const shown = input.type === 'password';
    input.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
    input.focus();
  });
  // A page should not remember a shown password as text.
  input.form?.addEventListener('submit', () => { input.type = 'password'; });
  for (const type of ['keydown', 'keyup']) {
    input.addEventListener(type, (event) => { hint.hidden = !event.getModifierState?.('CapsLock'); });
  }
});

// A second press while the first is under way would send a form twice.
on('submit', 'form[method="post"]:not([hx-post]):not(#composer)', (event, form) => {
  if (form.dataset.sent) event.preventDefault();
  else if (!event.defaultPrevented) form.dataset.sent = '1';
});
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

function localMoments(scope) {
  for (const time of scope.querySelectorAll?.('time[data-moment]') ?? []) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(+moment)) continue;
    const lang = document.documentElement.lang;
    time.textContent = new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short' }).format(moment);
    time.title = new Intl.DateTimeFormat(lang, { dateStyle: 'full', timeStyle: 'long' }).format(moment);
    delete time.dataset.moment;
  }
}
document.addEventListener('htmx:after:process', (event) => localMoments(event.target));
localMoments(document);
