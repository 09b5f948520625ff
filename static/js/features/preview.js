// HTML and SVG of an answer, shown in a frame without an origin (see web/sandbox.py). Nothing of it runs before this press.
let dialog;

async function load({ ask, rootPath, style }) {
  const [answer] = await Promise.all([ask('GET', `${rootPath}/f/viewer/preview`), style('viewer')]);
  document.body.insertAdjacentHTML('beforeend', await answer.text());
  dialog = document.getElementById('preview');
  addEventListener('message', ({ source, data }) => {
    const frame = dialog.querySelector('iframe');
    if (!frame || source !== frame.contentWindow) return;
    if (data?.leave) dialog.close();
    else if (data?.ready && frame.show !== undefined) { frame.contentWindow.postMessage({ show: frame.show }, '*'); frame.show = undefined; }
  });
  dialog.addEventListener('close', () => dialog.querySelector('iframe')?.remove());
  dialog.querySelector('[data-fill]').addEventListener('click', ({ currentTarget }) => currentTarget.setAttribute('aria-pressed', String(dialog.classList.toggle('is-full'))));
  dialog.querySelector('[data-again]').addEventListener('click', () => open(rootPath, dialog.source));
}

function open(rootPath, source) {
  dialog.querySelector('iframe')?.remove();
  const frame = Object.assign(document.createElement('iframe'), { src: `${rootPath}/frame/artifact`, title: dialog.querySelector('h2').textContent, show: source });
  frame.setAttribute('sandbox', 'allow-scripts');
  dialog.source = source;
  dialog.append(frame);
}

export async function start(button, event, kit) {
  if (!dialog) await load(kit);
  const figure = button.closest('.code');
  dialog.querySelector('small').textContent = figure.querySelector('figcaption span').innerText.replaceAll('\n', ' ');
  open(kit.rootPath, figure.querySelector('code').textContent);
  dialog.showModal();
}
