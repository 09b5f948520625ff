// Code and what has to be drawn inside answers. Delegated, so it works for blocks that arrive later.
import { on } from './dom.js';
import { copyFrom } from './actions.js';
import { startFeature } from './features.js';

on('click', '.code [data-copy]', (event, button) => copyFrom(button, button.closest('.code').querySelector('code').textContent));
for (const [part, state, name] of [['wrap', 'aria-pressed', 'is-wrapped'], ['source', 'aria-pressed', 'is-source'], ['fold', 'aria-expanded', 'is-whole']]) {
  on('click', `.code [data-${part}]`, (event, button) => {
    const figure = button.closest('.code');
    button.setAttribute(state, String(figure.classList.toggle(name)));
    if (part === 'fold' && !figure.classList.contains(name)) figure.scrollIntoView({ block: 'nearest' });
  });
}
// The address bar names the chat, so a footnote is gone to without it.
on('click', '.prose [href^="#"]', (event, link) => {
  event.preventDefault();
  const place = document.querySelector(link.getAttribute('href'));
  place?.scrollIntoView({ block: 'center' });
  place?.focus({ preventScroll: true });
});

// Formulas and diagrams of finished blocks; until they are drawn their source is readable.
const FINISHED = { maths: '[data-math]:not([data-drawn])', diagrams: '[data-diagram]:not([data-drawn])' };
function drawFinished() {
  for (const [feature, what] of Object.entries(FINISHED)) {
    const waiting = `.blocks:not([id$="-open"]) ${what}, .turn:not([aria-busy]) ${what}`;
    if (document.querySelector(waiting)) startFeature(feature, document.querySelectorAll(waiting));
  }
}
document.addEventListener('htmx:after:swap', drawFinished);
document.addEventListener('htmx:after:process', drawFinished);
// What was read while it was written is not folded under the reader's eyes.
document.addEventListener('done', (event) => {
  event.target.closest?.('.turn')?.setAttribute('data-live', '');
  setTimeout(drawFinished);
});
queueMicrotask(drawFinished);
