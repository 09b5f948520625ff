// Formulas: KaTeX and its chemistry, from the first formula on.
let loaded;

function load(assets) {
  const base = `${assets}vendor/katex/`;
  const script = (name) => new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement('script'), { src: base + name, onload: resolve, onerror: reject }));
  });
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${base}katex.min.css` }));
  return script('katex.min.js').then(() => script('mhchem.min.js'));
}

export async function start(places, event, { assets }) {
  try { await (loaded ??= load(assets)); } catch { loaded = null; return; }
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
