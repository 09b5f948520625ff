// Code and formulas inside answers. Delegated, so it works for blocks that arrive later.
import { on } from './dom.js';
import { copyFrom } from './actions.js';

on('click', '.code [data-copy]', (event, button) => copyFrom(button, button.closest('.code').querySelector('code').textContent));
on('click', '.code [data-wrap]', (event, button) => {
  button.setAttribute('aria-pressed', String(button.closest('.code').classList.toggle('is-wrapped')));
});

// KaTeX comes only when a finished block holds a formula; until then its source is readable.
let katexLoaded;
function loadKatex() {
  const base = `${document.body.dataset.assets}vendor/katex/katex.min.`;
  return katexLoaded ??= new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${base}css` }));
    document.head.append(Object.assign(document.createElement('script'), { src: `${base}js`, onload: resolve, onerror: reject }));
  });
}

const WAITING = '.blocks:not([id$="-open"]) [data-math]:not([data-drawn]), .turn:not([aria-busy]) [data-math]:not([data-drawn])';
async function drawFormulas() {
  if (!document.querySelector(WAITING)) return;
  try { await loadKatex(); } catch { katexLoaded = null; return; }
  for (const place of document.querySelectorAll(WAITING)) {
    const source = place.textContent;
    place.dataset.drawn = '';
    try {
      katex.render(source, place, { displayMode: place.dataset.math === 'display', throwOnError: true, trust: false, strict: 'ignore', maxExpand: 1000, output: 'htmlAndMathml' });
    } catch {
      place.textContent = source; // not TeX after all: show what was written
      place.classList.add('is-bad');
    }
  }
}
document.addEventListener('htmx:after:swap', drawFormulas);
document.addEventListener('htmx:after:process', drawFormulas);
document.addEventListener('done', () => setTimeout(drawFormulas));
drawFormulas();
