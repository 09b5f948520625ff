// An answer ended while the page is out of sight: a mark in title and icon until somebody looks, and a notification
// of the browser for whoever asked for one.
const MARK = '● ';

export function start(turn, event, kit) {
  mark(kit);
  if (document.documentElement.dataset.notify !== undefined) notify(kit);
}

function mark(kit) {
  const icon = document.querySelector('link[rel="icon"]');
  const title = document.querySelector('title');
  const before = icon.href;
  const show = () => { if (!document.title.startsWith(MARK)) document.title = MARK + document.title; };
  if (document.title.startsWith(MARK)) return;
  show();
  if (icon.type) icon.href = `${kit.assets}img/favicon-done.svg`; // a picture of the site's own has no such drawing
  const watch = new MutationObserver(show); // the chat may get its title meanwhile
  watch.observe(title, { childList: true });
  document.addEventListener('visibilitychange', () => {
    watch.disconnect();
    icon.href = before;
    document.title = document.title.replace(MARK, '');
  }, { once: true });
}

async function notify(kit) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const title = document.title.replace(MARK, '');
  const wishes = { body: kit.word('complete'), tag: `parley-${kit.shownChat()}`, icon: document.querySelector('link[rel="apple-touch-icon"]').href };
  try {
    const shown = new Notification(title, wishes);
    shown.addEventListener('click', () => { window.focus(); shown.close(); });
  } catch { // Android shows them through the service worker only
    (await navigator.serviceWorker?.getRegistration())?.showNotification(title, { ...wishes, data: location.href });
  }
}
