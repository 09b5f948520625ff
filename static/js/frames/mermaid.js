// Inside the sandboxed frame: draws one diagram after the other and hands the SVG back as text. The page shows it
// as an image, so nothing in it can act: no script, no link, no request.
const { default: mermaid } = await import(document.querySelector('script[data-library]').dataset.library);
let drawn = 0;
let before = Promise.resolve();

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
    // What a diagram may not set for itself: more than the library's own list.
    secure: ['secure', 'securityLevel', 'startOnLoad', 'maxTextSize', 'maxEdges', 'suppressErrorRendering', 'layout', 'look', 'theme', 'themeCSS', 'themeVariables', 'fontFamily', 'htmlLabels', 'flowchart', 'dompurifyConfig'],
  });
  try {
    const { svg } = await mermaid.render(`d${++drawn}`, source);
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
