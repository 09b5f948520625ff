// Small things every other module needs: finding, listening once for all, asking the server.

export const byId = (id) => document.getElementById(id);
export const page = document.documentElement;
export const rootPath = document.body.dataset.root ?? '';
export const coarse = matchMedia('(pointer: coarse)');
export const mac = /Mac|iP(hone|ad)/.test(navigator.platform);

// One listener for all present and future elements that match.
export function on(type, selector, act, options) {
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) act(event, element);
  }, options);
}

export function csrfHeaders() {
  try { return JSON.parse(document.body.getAttribute('hx-headers:inherited')); } catch { return {}; }
}

// Asks like htmx does, so that the server answers with a part. Rejects only when there is no answer at all.
export function ask(method, path, fields, milliseconds = 30000, keepalive = false) {
  return fetch(path, {
    method,
    keepalive,
    headers: { ...csrfHeaders(), Accept: 'text/html', 'HX-Request': 'true', 'HX-Request-Type': 'partial', 'HX-Current-URL': location.href },
    body: fields && new URLSearchParams(fields),
    credentials: 'same-origin',
    signal: AbortSignal.timeout(milliseconds),
  });
}

// crypto.randomUUID is missing on plain http addresses of a local network.
export function uniqueId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

// So is navigator.clipboard; the old way still works there.
export async function copyText(text) {
  if (navigator.clipboard) {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* not allowed: try the old way */ }
  }
  const field = Object.assign(document.createElement('textarea'), { value: text, className: 'vh', readOnly: true });
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

// An Enter or Esc that belongs to an input method. Safari fires compositionend before the keydown of the
// committing Enter (WebKit bug 165004), so isComposing alone is not enough: 229 and a short guard cover it.
let composedAt = -1e9;
document.addEventListener('compositionend', (event) => { composedAt = event.timeStamp; }, true);
export const ofInputMethod = (event) => event.isComposing || event.keyCode === 229 || event.timeStamp - composedAt < 60;

export function setCookie(name, value) {
  document.cookie = `${name}=${value}; Path=${rootPath || '/'}; Max-Age=31536000; SameSite=Lax`;
}

// The server groups chats by the reader's own days: minutes east of UTC.
setCookie('tz', -new Date().getTimezoneOffset());
