// What not every visit needs comes when it is first wanted. js/features/<name>.js is a module without imports that
// exports start(element, event, kit); data-feature="name" runs it on a press, data-behaviour="feature" with
// data-load="name" as soon as the element is there. The kit is what such a module may use of the page.
import { copyFrom } from './actions.js';
import { giveFiles, takeFiles } from './attach.js';
import { attach, behave } from './behaviours.js';
import { submitText } from './composer.js';
import { ask, byId, copyText, csrfHeaders, mac, ofInputMethod, on, rootPath, setCookie, uniqueId } from './dom.js';
import { chatKey, store, stored } from './drafts.js';
import { followOn, setFollow } from './follow.js';
import { goTo, markShown, shownChat, showTitle } from './sidebar.js';
import { tellEnded } from './streams.js';
import { showBusy } from './turns.js';
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

const kit = { ask, assets, attach, byId, chatKey, copyFrom, copyText, csrfHeaders, followOn, giveFiles, goTo, markShown, ofInputMethod, on, rootPath, say, setCookie, setFollow, showBusy, shownChat, showTitle, startFeature, store, stored, style, submitText, takeFiles, tellEnded, toast, toastRefusal, uniqueId, word };

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
behave('feature', (element) => {
  const go = () => { ['pointermove', 'keydown'].forEach((sign) => removeEventListener(sign, go)); startFeature(element.dataset.load, element); };
  // What may wait until somebody stirs does not take part in the first load.
  if ('wait' in element.dataset) ['pointermove', 'keydown'].forEach((sign) => addEventListener(sign, go)); else go();
});

// Keys that work on every page; features/shortcuts.js knows what each does. On a Mac Ctrl stays the text fields'.
const KEYS = /^(mod\+([kb/]|shift\+[ocf])|alt\+arrow(up|down)|[?]|end|arrowup)$/;
document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || ofInputMethod(event)) return;
  const key = event.key.toLowerCase();
  const name = ((mac ? event.metaKey : event.ctrlKey) ? 'mod+' : '') + (event.altKey ? 'alt+' : '') + (event.shiftKey && !'?/'.includes(key) ? 'shift+' : '') + key;
  const field = event.target.closest?.('input, textarea, select');
  if (!KEYS.test(name) || (field && ['?', 'end'].includes(name)) || (key === name && key === 'arrowup' && (field?.id !== 'ask' || field.value))) return;
  event.preventDefault();
  startFeature('shortcuts', document.body, { name });
});

if (isSecureContext) navigator.serviceWorker?.register(`${rootPath}/sw.js`).catch(() => {});
