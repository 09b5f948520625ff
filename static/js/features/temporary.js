// A temporary chat goes with its page. A page cannot know whether it is reloaded or closed: so it says farewell
// when it goes, and the next page of the same chat says that it is there (chat/temporary/service.py).
const EVERY = 5 * 60000; // ms between two signs of life of an open page

export function start(element, event, kit) {
  kit.style('temporary');
  let over = false;
  const tell = (state) => {
    const address = element.dataset.presence; // not before the first question
    const token = Object.values(kit.csrfHeaders())[0];
    if (address && !over) navigator.sendBeacon(address, new URLSearchParams({ state, _csrf: token }));
  };
  const there = () => { if (document.visibilityState === 'visible') tell('here'); };
  const farewell = () => tell('gone');
  there();
  setTimeout(there, 2000); // after a reload the old page's farewell may come late
  const beat = setInterval(there, EVERY);
  const end = () => {
    over = true;
    clearInterval(beat);
    watch.disconnect();
    removeEventListener('pagehide', farewell);
    removeEventListener('pageshow', there);
  };
  addEventListener('pagehide', farewell);
  addEventListener('pageshow', there);
  document.addEventListener('submit', ({ target }) => {
    if (target.matches('[data-forget]')) farewell(); // signing out: afterwards nobody may say it
    if (target.matches('[data-forget]') || element.contains(target)) end();
  });
  // Going to another chat puts another stage in the place of this one.
  const watch = new MutationObserver(() => { if (!element.isConnected) { farewell(); end(); } });
  watch.observe(kit.byId('stage').parentElement, { childList: true });
}
