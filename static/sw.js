// Keeps what never changes (hashed static files) and one page for when there is no network. Nothing else: no page of
// a chat, no answer of a program, no stream is ever stored or touched. web/installing.py fills in the two names.
const ROOT = '__ROOT__';
const CACHE = 'parley__ROOT__-__VERSION__';
const STATIC = `${ROOT}/static/__VERSION__/`;

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    await (await caches.open(CACHE)).addAll([new Request(`${ROOT}/offline`, { cache: 'reload' }), `${STATIC}css/parley.css`, `${STATIC}css/features/entry.css`]);
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const ours = /^parley(.*)-[0-9a-f]+$/;
    for (const name of await caches.keys()) if (name !== CACHE && name.match(ours)?.[1] === ROOT) await caches.delete(name);
    await self.registration.navigationPreload?.enable();
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const { origin, pathname } = new URL(request.url);
  if (origin === location.origin && pathname.startsWith(STATIC)) event.respondWith(stored(request));
  else if (request.mode === 'navigate') event.respondWith(page(event));
});

async function stored(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.status === 200) cache.put(request, answer.clone()).catch(() => {}); // the disk may be full
  return answer;
}

async function page(event) {
  try { return (await event.preloadResponse) ?? await fetch(event.request); } catch { return await caches.match(`${ROOT}/offline`, { cacheName: CACHE }) ?? Response.error(); }
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data));
});
