// The little a page that is only read can use a script for: copying code and tables, formulas, diagrams, printing.
// Without it nothing is missing but these. js/features/ brings them when they are wanted; this is their kit.
document.documentElement.dataset.js = '';
const { assets, root } = document.body.dataset;

async function copyFrom(button, text) {
  await navigator.clipboard?.writeText(text).then(() => {
    button.classList.add('is-done');
    setTimeout(() => button.classList.remove('is-done'), 1600);
  }, () => {});
}
function style(name) {
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${assets}css/features/${name}.css` }));
}
const kit = { assets, rootPath: root, copyFrom, style };
const feature = async (name, what, event) => (await import(`${assets}js/features/${name}.js`)).start(what, event, kit);

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button');
  if (!button) return;
  const figure = button.closest('.code');
  if (button.matches('[data-print]')) print();
  if (button.matches('[data-feature="csv"], [data-feature="save"]')) feature(button.dataset.feature, button, event);
  if (!figure) return;
  if (button.matches('[data-copy]')) copyFrom(button, figure.querySelector('code').textContent);
  for (const [part, state, name] of [['wrap', 'aria-pressed', 'is-wrapped'], ['source', 'aria-pressed', 'is-source'], ['fold', 'aria-expanded', 'is-whole']]) {
    if (button.matches(`[data-${part}]`)) button.setAttribute(state, String(figure.classList.toggle(name)));
  }
});

for (const [name, what] of [['maths', '[data-math]'], ['diagrams', '[data-diagram]']]) {
  const places = document.querySelectorAll(what);
  if (places.length) feature(name, places);
}

// What is folded on the screen is unfolded on paper.
for (const [type, open] of [['beforeprint', true], ['afterprint', false]]) {
  addEventListener(type, () => { for (const fold of document.querySelectorAll('details')) fold.open = open; });
}
