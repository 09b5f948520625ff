// data-behaviour="name" gives an element the behaviour registered under that name, now or when a swap brings it.

const known = new Map();
const attached = new WeakMap();

export function behave(name, start) { known.set(name, start); }

export function attach(scope) {
  if (!scope?.querySelectorAll) return;
  for (const element of [scope, ...scope.querySelectorAll('[data-behaviour]')]) {
    for (const name of element.dataset?.behaviour?.split(' ') ?? []) {
      const names = attached.get(element) ?? attached.set(element, new Set()).get(element);
      if (names.has(name) || !known.has(name)) continue;
      names.add(name);
      known.get(name)(element);
    }
  }
}

document.documentElement.dataset.js = '';
document.addEventListener('htmx:after:process', (event) => attach(event.target));
// After every part of this file has registered itself.
queueMicrotask(() => attach(document.body));
