// The little a page that is only read can use a script for: copying and wrapping code, formulas, printing.
// Without it nothing is missing but these.
document.documentElement.dataset.js = '';

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('button');
  const figure = button?.closest('.code');
  if (button?.matches('[data-print]')) print();
  if (figure && button.matches('[data-wrap]')) button.setAttribute('aria-pressed', String(figure.classList.toggle('is-wrapped')));
  if (figure && button.matches('[data-copy]')) {
    await navigator.clipboard?.writeText(figure.querySelector('code').textContent).then(() => {
      button.classList.add('is-done');
      setTimeout(() => button.classList.remove('is-done'), 1600);
    }, () => {});
  }
});

// What is folded on the screen is unfolded on paper.
for (const [type, open] of [['beforeprint', true], ['afterprint', false]]) {
  addEventListener(type, () => { for (const fold of document.querySelectorAll('details')) fold.open = open; });
}

const formulas = document.querySelectorAll('[data-math]');
if (formulas.length) {
  const base = `${document.body.dataset.assets}vendor/katex/katex.min.`;
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${base}css` }));
  document.head.append(Object.assign(document.createElement('script'), { src: `${base}js`, onload: () => {
    for (const place of formulas) {
      const source = place.textContent;
      place.dataset.drawn = '';
      try {
        katex.render(source, place, { displayMode: place.dataset.math === 'display', throwOnError: true, trust: false, strict: 'ignore', maxExpand: 1000, output: 'htmlAndMathml' });
      } catch {
        place.textContent = source;
        delete place.dataset.drawn;
      }
    }
  } }));
}
