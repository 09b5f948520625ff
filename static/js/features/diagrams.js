// Diagrams: drawn by Mermaid inside a frame without an origin (js/frames/mermaid.js), shown as images. A figure waits
// until it comes near the view; one frame draws them all and goes away when it hangs.
const PATIENCE = 15000; // milliseconds for one diagram, the loading of the library included
const dark = matchMedia('(prefers-color-scheme: dark)');
const queue = [];
const shown = new Set();
let near;
let frame;
let current;
let timer;
let numbers = 0;

const isDark = () => { const { theme } = document.documentElement.dataset; return theme === 'dark' || (theme !== 'light' && dark.matches); };

// Mermaid reckons with colours and does not know oklch: our tokens as they come out on a canvas.
function palette(figure) {
  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const probe = figure.appendChild(document.createElement('i'));
  probe.style.transitionProperty = 'none'; // or, where motion is cut short, each colour would be the one before
  const hex = (colour) => {
    probe.style.color = colour;
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    return `#${[...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  };
  const token = (name) => hex(`var(--${name})`);
  const [tint, ink, accent, line, sunken, panel, raised] = ['tint', 'ink', 'accent', 'ink-2', 'sunken', 'panel', 'raised'].map(token);
  const colours = { darkMode: isDark(), background: sunken, mainBkg: tint, primaryColor: tint, primaryTextColor: ink, primaryBorderColor: accent, secondaryColor: panel, tertiaryColor: raised, lineColor: line, textColor: ink, titleColor: ink, edgeLabelBackground: sunken, noteBkgColor: raised, noteTextColor: ink, noteBorderColor: token('code-num'), actorBorder: accent, pieStrokeColor: sunken, pieOuterStrokeColor: sunken, pieOpacity: '1', pieSectionTextColor: ink };
  const hues = ['accent', 'code-num', 'code-kw', 'code-str', 'code-fn', 'bad', 'good', 'warn'];
  for (let number = 0; number < 12; number += 1) {
    const name = hues[number % hues.length];
    const soft = hex(`color-mix(in oklab, var(--${name}) 34%, var(--sunken))`); // ink is readable on it
    Object.assign(colours, { [`pie${number + 1}`]: soft, [`cScale${number}`]: soft, [`cScaleLabel${number}`]: ink, [`cScalePeer${number}`]: soft, [`git${number}`]: token(name), [`gitBranchLabel${number}`]: sunken });
  }
  Object.assign(colours, { critBkgColor: colours.pie6, critBorderColor: token('bad'), activeTaskBkgColor: raised, doneTaskBkgColor: panel, gridColor: line, sectionBkgColor: panel, sectionBkgColor2: panel, altSectionBkgColor: sunken });
  colours.xyChart = { plotColorPalette: hues.map(token).join(','), backgroundColor: sunken };
  probe.remove();
  return colours;
}

function openFrame(root) {
  frame = Object.assign(document.createElement('iframe'), { src: `${root}/frame/mermaid`, title: 'Mermaid', tabIndex: -1, ariaHidden: 'true', className: 'sketch' });
  frame.setAttribute('sandbox', 'allow-scripts');
  document.body.append(frame);
}
function closeFrame() {
  frame?.remove();
  frame = null;
}

function next(root) {
  if (current || !queue.length) return;
  current = { figure: queue.shift(), id: ++numbers };
  timer = setTimeout(() => { closeFrame(); finish(root, { fault: 'time' }); }, PATIENCE);
  if (frame?.dataset.ready) send();
  else if (!frame) openFrame(root);
}
function send() {
  const { figure, id } = current;
  frame.contentWindow.postMessage({ id, source: figure.querySelector('code').textContent, colours: palette(figure), font: getComputedStyle(figure).fontFamily }, '*');
}
function finish(root, answer) {
  clearTimeout(timer);
  const { figure } = current;
  current = null;
  if (answer.svg) place(figure, answer); else figure.querySelector('.undrawn').hidden = figure.classList.contains('is-drawn');
  next(root);
}
// A press shows it in full, like a picture.
function framed(figure) {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'drawn' });
  button.dataset.feature = 'lightbox';
  button.append(Object.assign(new Image(), { alt: figure.ariaLabel }));
  figure.querySelector('pre').before(button);
  return button.firstChild;
}
function place(figure, { svg, width, height }) {
  const image = figure.querySelector('img') ?? framed(figure);
  const old = image.src;
  image.width = Math.ceil(width);
  image.height = Math.ceil(height);
  image.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  if (old) URL.revokeObjectURL(old);
  figure.classList.add('is-drawn');
  figure.querySelector('[data-source]').hidden = false;
  figure.querySelector('.undrawn').hidden = true;
}

// Each chat that is opened brings a log of its own.
function watch(log, root) {
  near?.disconnect();
  near = new IntersectionObserver((entries) => {
    for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
      near.unobserve(target);
      shown.add(target);
      queue.push(target);
    }
    next(root);
  }, { root: log, rootMargin: '600px 0px' });
}

export function start(figures, event, { rootPath, style }) {
  const first = !near;
  const log = document.getElementById('log');
  if (near?.root !== log) watch(log, rootPath);
  if (first) {
    style('diagrams');
    addEventListener('message', ({ source, data }) => {
      if (!frame || source !== frame.contentWindow) return;
      if (data.ready) { frame.dataset.ready = '1'; if (current) send(); return; }
      if (current && data.id === current.id) finish(rootPath, data);
    });
    // The theme follows: everything drawn is drawn again in the other colours.
    const again = () => {
      for (const figure of shown) { if (!figure.isConnected) shown.delete(figure); else if (!queue.includes(figure)) queue.push(figure); }
      next(rootPath);
    };
    dark.addEventListener('change', again);
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  }
  for (const figure of figures) {
    if ('drawn' in figure.dataset) continue;
    figure.dataset.drawn = '';
    near.observe(figure);
  }
}
