// Inside the sandboxed frame: draws one diagram after the other and hands the SVG back as text. The page shows it
// as an image, so nothing in it can act: no script, no link, no request.
const { default: mermaid } = await import(document.querySelector('script[data-library]').dataset.library);
let drawn = 0;
let before = Promise.resolve();

// The library parses labels as HTML in places, cleaned or not. Tags but the simplest become its own word for "<";
// <<choice>> and <<interface>> are no tags.
const TAGS = /<<[\w -]{1,40}>>|(?:<|&lt;?|&#0*60;?|&#x0*3c;?|#lt;|#60;)(?=[a-z!?/])(?!\/?(?:br|b|i|u|em|strong|sub|sup|code)\s*\/?>)/gi;
// A menu of links would come with handlers, a picture from where it lies: an image could use neither.
const MENUS = /^[ \t]*links?[ \t]+(?:[^: \t\n][^:\n]*)?:.*$/gim;
const LONGEST = 50000; // characters, the library's own limit, before anything looks through them
const tame = (source) => (/^\s*sequenceDiagram\b/m.test(source) ? source.replace(MENUS, '') : source)
  .replace(/@\{[^}]*\}/g, (shape) => shape.replace(/\bimg(?=["']?\s*:)/gi, 'picture'))
  .replace(TAGS, (found) => (found.startsWith('<<') ? found : '#lt;'));

async function draw({ id, source, colours, font }) {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    suppressErrorRendering: true,
    layout: 'dagre', // the default of version 12 would fetch 1.6 MB more
    look: 'classic',
    theme: 'base',
    themeVariables: { ...colours, fontFamily: font, fontSize: '14px' },
    fontFamily: font,
    htmlLabels: false, // an image has no HTML
    flowchart: { htmlLabels: false },
    gantt: { useWidth: 760 },
    // What a diagram may not set for itself: more than the library's own list.
    secure: ['secure', 'securityLevel', 'startOnLoad', 'maxTextSize', 'maxEdges', 'suppressErrorRendering', 'layout', 'look', 'theme', 'themeCSS', 'themeVariables', 'fontFamily', 'htmlLabels', 'flowchart', 'dompurifyConfig'],
  });
  try {
    if (source.length > LONGEST) throw new RangeError();
    const { svg } = await mermaid.render(`d${++drawn}`, tame(source));
    const box = new DOMParser().parseFromString(svg, 'text/html').querySelector('svg');
    const [, , width, height] = box.getAttribute('viewBox').split(/[\s,]+/).map(Number);
    box.setAttribute('width', width);
    box.setAttribute('height', height);
    box.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    parent.postMessage({ id, svg: new XMLSerializer().serializeToString(box), width, height }, '*');
  } catch (error) {
    parent.postMessage({ id, fault: String(error?.message ?? error).slice(0, 300) }, '*');
  }
  document.body.replaceChildren();
}

addEventListener('message', (event) => {
  if (event.source === parent && typeof event.data?.source === 'string') before = before.then(() => draw(event.data));
});
parent.postMessage({ ready: true }, '*');
