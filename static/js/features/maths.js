// Formulas. web/assets.py puts KaTeX before this module: it is loaded where there is a formula and nowhere else.
// Its styles come with the first formula, its chemistry with the first \ce or \pu.
let styled = false;
let chemistry;

function style(base) {
  if (styled) return;
  styled = true;
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${base}katex.min.css` }));
}

const chemical = (base) => new Promise((resolve, reject) => {
  document.head.append(Object.assign(document.createElement('script'), { src: `${base}mhchem.min.js`, onload: resolve, onerror: reject }));
});

export async function start(places, event, { assets }) {
  const base = `${assets}vendor/katex/`;
  style(base);
  if ([...places].some((place) => /\\(ce|pu)\b/.test(place.textContent))) {
    try { await (chemistry ??= chemical(base)); } catch { chemistry = null; }
  }
  for (const place of places) {
    if ('drawn' in place.dataset) continue;
    const source = place.textContent;
    place.dataset.drawn = '';
    try {
      katex.render(source, place, { displayMode: place.dataset.math === 'display', throwOnError: true, trust: false, strict: 'ignore', maxExpand: 1000, maxSize: 40, output: 'htmlAndMathml' });
      if (place.scrollWidth > place.clientWidth && place.dataset.math === 'display') place.tabIndex = 0; // scrolled by arrow keys
    } catch {
      place.textContent = source; // not TeX after all: show what was written
      place.classList.add('is-bad');
    }
  }
}
