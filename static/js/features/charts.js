// Charts of the usage pages. The server makes the options; here they get the colours of the theme, the reader's way
// of writing numbers and days, and no movement for those who want none. ECharts is loaded on these pages only.
const MOVING = matchMedia('(prefers-reduced-motion: no-preference)');
const DARK = matchMedia('(prefers-color-scheme: dark)');
const lang = document.documentElement.lang || 'en';
const short = new Intl.NumberFormat(lang, { notation: 'compact', maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(lang);
const dollars = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const dayWords = new Intl.DateTimeFormat(lang, { month: 'short', day: 'numeric', timeZone: 'UTC' });
const UNITS = {
  count: [(value) => short.format(value), (value) => whole.format(value ?? 0)],
  money: [(value) => `$${dollars.format(value)}`, (value) => `$${dollars.format(value ?? 0)}`],
  seconds: [(value) => `${whole.format(value)} s`, (value) => (value == null ? '–' : `${whole.format(Math.round(value * 100) / 100)} s`)],
};
let library;

function echarts(assets) {
  library ??= new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement('script'), { src: `${assets}vendor/echarts.common.min.js`, onload: () => resolve(window.echarts), onerror: reject }));
  });
  library.catch(() => { library = null; });
  return library;
}

// A token of css/tokens.css as a colour that ECharts reads: it knows neither oklch() nor light-dark().
function painter(place) {
  const probe = place.appendChild(document.createElement('i'));
  probe.style.transition = 'none'; // else the first colour is what all of them begin with
  const paper = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const colour = (token) => {
    if (!known.has(token)) {
      probe.style.color = `var(${token})`;
      paper.clearRect(0, 0, 1, 1);
      paper.fillStyle = getComputedStyle(probe).color;
      paper.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = paper.getImageData(0, 0, 1, 1).data;
      known.set(token, `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`);
    }
    return known.get(token);
  };
  return { colour, done: () => probe.remove() };
}

const painted = (value, colour) => {
  if (Array.isArray(value)) return value.map((each) => painted(each, colour));
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, key === 'data' ? each : painted(each, colour)]));
  return typeof value === 'string' && value.startsWith('--') ? colour(value) : value;
};

// Four names need two lines on a phone.
const roof = ({ option }, width) => (option.legend[0].show ? (option.series.length > 3 && width < 380 ? 60 : 36) : 12);

function dressed({ unit, byDay, option }, colour) {
  const [onAxis, inTip] = UNITS[unit];
  const dress = painted(option, colour);
  const [names, values] = byDay ? [dress.xAxis[0], dress.yAxis[0]] : [dress.yAxis[0], dress.xAxis[0]];
  values.axisLabel.formatter = onAxis;
  values.axisLabel.hideOverlap = true;
  values.minInterval = unit === 'count' ? 1 : 0;
  values.splitNumber = 4;
  names.axisLabel.formatter = byDay ? (day) => dayWords.format(new Date(day)) : (name) => (name.length > 28 ? `${name.slice(0, 27)}…` : name);
  names.axisLabel.hideOverlap = byDay;
  dress.tooltip.valueFormatter = inTip;
  dress.tooltip.axisPointer = { ...dress.tooltip.axisPointer, shadowStyle: { color: colour('--hover') }, lineStyle: { color: colour('--edge') } };
  dress.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
  dress.animation = MOVING.matches;
  dress.animationDuration = 400;
  return dress;
}

export async function start(place, event, { ask, assets }) {
  const [answer, drawing] = await Promise.all([ask('GET', place.dataset.charts), echarts(assets)]);
  const { data } = await answer.json();
  const places = [...place.querySelectorAll('[data-chart]')].filter((each) => data[each.dataset.chart]);
  const charts = places.map((each) => {
    const { bars } = data[each.dataset.chart];
    if (bars) each.style.blockSize = `${bars * 32 + 72}px`;
    return drawing.init(each, null, { renderer: 'canvas' });
  });
  const fit = () => charts.forEach((chart, at) => {
    chart.resize();
    chart.setOption({ grid: { top: roof(data[places[at].dataset.chart], chart.getWidth()) } });
  });
  const draw = () => {
    const { colour, done } = painter(place);
    charts.forEach((chart, at) => chart.setOption(dressed(data[places[at].dataset.chart], colour), true));
    done();
    fit();
    place.dataset.drawn = '';
  };
  draw();
  const sized = new ResizeObserver(fit);
  places.forEach((each) => sized.observe(each));
  // The theme is an attribute of the page, or the system's.
  const themed = new MutationObserver(draw);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  DARK.addEventListener('change', draw);
  const gone = new MutationObserver(() => {
    if (place.isConnected) return;
    [sized, themed, gone].forEach((each) => each.disconnect());
    DARK.removeEventListener('change', draw);
    charts.forEach((chart) => chart.dispose());
  });
  gone.observe(document.body, { childList: true, subtree: true });
}
