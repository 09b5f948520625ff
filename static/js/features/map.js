// The map of a chat that is longer than its page: some questions of all of it, the one before the reader marked.
export async function start(ruler, event, kit) {
  const answer = await kit.ask('GET', ruler.dataset.from);
  if (!answer.ok || !ruler.isConnected) return;
  ruler.innerHTML = await answer.text();
  ruler.hidden = ruler.children.length < 2;
  const ticks = [...ruler.children];
  const log = kit.byId('log');
  const mark = () => {
    const top = log.getBoundingClientRect().top + log.clientHeight / 3;
    const shown = [...log.querySelectorAll('#turns > [data-message]')].findLast((turn) => turn.getBoundingClientRect().top < top);
    const current = ticks.findLast((tick) => Number(tick.dataset.mark) <= Number(shown?.dataset.message)) ?? ticks[0];
    for (const tick of ticks) tick.toggleAttribute('aria-current', tick === current);
    current?.setAttribute('aria-current', 'true');
  };
  let soon;
  log.addEventListener('scroll', () => { clearTimeout(soon); soon = setTimeout(mark, 100); }, { passive: true });
  mark();
  ruler.addEventListener('click', (press) => {
    const tick = press.target.closest('a');
    if (!tick || press.ctrlKey || press.metaKey || press.shiftKey) return;
    press.preventDefault();
    press.stopPropagation();
    const turn = kit.byId(`m${tick.dataset.mark}`);
    if (turn) turn.scrollIntoView(); else kit.goTo(tick.getAttribute('href'));
  });
}
