// What not every visit needs comes when it is first wanted. js/features/<name>.js is a module without imports that
// exports start(element, event, kit); data-feature="name" runs it on a press, data-behaviour="feature" with
// data-load="name" as soon as the element is there. The kit is what such a module may use of the page.
import { copyFrom } from './actions.js';
import { attach, behave } from './behaviours.js';
import { ask, byId, copyText, csrfHeaders, ofInputMethod, on, rootPath, uniqueId } from './dom.js';
import { followOn } from './follow.js';
import { goTo, shownChat } from './sidebar.js';
import { say, toast, toastRefusal, word } from './words.js';

const assets = document.body.dataset.assets;
const styled = new Set();

// A stylesheet of css/features/, once; resolves when it applies.
function style(name) {
  if (styled.has(name)) return Promise.resolve();
  styled.add(name);
  return new Promise((resolve) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${assets}css/features/${name}.css`, onload: resolve, onerror: resolve }));
  });
}

const kit = { ask, assets, attach, byId, copyFrom, copyText, csrfHeaders, followOn, goTo, ofInputMethod, on, rootPath, say, shownChat, style, toast, toastRefusal, uniqueId, word };

export async function startFeature(name, element, event) {
  try {
    const { start } = await import(`${assets}js/features/${name}.js`);
    return await start(element, event, kit);
  } catch (error) {
    toast(word('failed'), { bad: true });
    console.error(error);
  }
}

on('click', '[data-feature]', (event, element) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  startFeature(element.dataset.feature, element, event);
});
behave('feature', (element) => startFeature(element.dataset.load, element));
