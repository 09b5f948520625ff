// A picture of the chat in full: zoomed by a press, + - and the wheel, moved by hand, the others by arrows.
let box;
let links;
let at;
let scale = 1;

const image = () => box.querySelector('img');
const pictures = () => [...document.querySelectorAll('#turns .pics a.pic, #turns .drawn')].filter((each) => each.checkVisibility());
const address = (place) => place.href ?? place.querySelector('img').src;

function zoom(to, event) {
  const stage = box.querySelector('.viewer__stage');
  const before = scale;
  scale = Math.min(8, Math.max(1, to));
  const view = stage.getBoundingClientRect();
  const x = (event?.clientX ?? view.left + view.width / 2) - view.left;
  const y = (event?.clientY ?? view.top + view.height / 2) - view.top;
  const [left, top] = [stage.scrollLeft + x, stage.scrollTop + y];
  image().style.inlineSize = scale === 1 ? '' : `${Math.min(image().naturalWidth, view.width) * scale}px`;
  box.classList.toggle('is-zoomed', scale > 1);
  stage.scrollTo(left * (scale / before) - x, top * (scale / before) - y);
}

function show(number) {
  at = (number + links.length) % links.length;
  const link = links[at];
  zoom(1);
  Object.assign(image(), { src: address(link), alt: link.querySelector('img').alt });
  Object.assign(box.querySelector('[data-save]'), { href: address(link), download: link.href ? '' : 'diagram.svg' });
  box.querySelector('.viewer__count').textContent = links.length > 1 ? `${at + 1} / ${links.length}` : '';
  for (const button of box.querySelectorAll('[data-step]')) button.hidden = links.length < 2;
}

async function load({ ask, rootPath, style }) {
  const [answer] = await Promise.all([ask('GET', `${rootPath}/f/viewer/pictures`), style('viewer')]);
  document.body.insertAdjacentHTML('beforeend', await answer.text());
  box = document.getElementById('lightbox');
  const stage = box.querySelector('.viewer__stage');
  for (const button of box.querySelectorAll('[data-step]')) button.addEventListener('click', () => show(at + Number(button.dataset.step)));
  box.querySelector('[data-zoom]').addEventListener('click', () => zoom(scale > 1 ? 1 : 2));
  box.addEventListener('keydown', (event) => {
    const acts = { ArrowLeft: () => show(at - 1), ArrowRight: () => show(at + 1), '+': () => zoom(scale * 1.5), '=': () => zoom(scale * 1.5), '-': () => zoom(scale / 1.5), 0: () => zoom(1) };
    if (!acts[event.key] || (scale > 1 && event.key.startsWith('Arrow')) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  });
  stage.addEventListener('wheel', (event) => { event.preventDefault(); zoom(scale * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event); }, { passive: false });
  let grip;
  stage.addEventListener('pointerdown', (event) => { if (event.pointerType === 'mouse' && !event.button) { grip = { x: event.clientX, y: event.clientY, moved: false }; event.preventDefault(); } });
  stage.addEventListener('pointermove', (event) => {
    if (!grip || !(event.buttons & 1)) return;
    stage.scrollBy(grip.x - event.clientX, grip.y - event.clientY);
    grip = { x: event.clientX, y: event.clientY, moved: grip.moved || Math.abs(event.movementX) + Math.abs(event.movementY) > 2 };
  });
  stage.addEventListener('click', (event) => {
    if (grip?.moved) { grip = null; return; }
    if (event.target === image()) zoom(scale > 1 ? 1 : 2, event); else box.close();
  });
}

export async function start(link, event, kit) {
  if (!box) await load(kit);
  links = pictures();
  box.showModal();
  show(Math.max(0, links.indexOf(link)));
  box.addEventListener('close', () => links[at]?.focus({ preventScroll: true }), { once: true });
}
