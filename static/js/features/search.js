// The search page: results as one types, older ones on a press, arrows between them. Without it the form still works.
export function start(form, event, kit) {
  const field = form.querySelector('#q');
  const box = kit.byId('results');
  let asked = 0;
  let soon;
  let shown = new URLSearchParams(new FormData(form)).toString();

  const address = () => {
    const values = new URLSearchParams(new FormData(form));
    for (const [name, value] of [...values]) if (!value) values.delete(name);
    return values.toString();
  };
  async function look() {
    clearTimeout(soon);
    const wanted = address();
    if (wanted === shown) return;
    const mine = ++asked;
    shown = wanted;
    box.setAttribute('aria-busy', 'true');
    try {
      const answer = await kit.ask('GET', `${form.dataset.part}?${wanted}`);
      const html = await answer.text();
      if (mine !== asked) return;
      if (!answer.ok) { shown = ''; kit.toastRefusal(html, kit.word('failed'), answer.status); return; }
      history.replaceState(history.state, '', `${form.action}${wanted ? `?${wanted}` : ''}`);
      place(html);
      await goOnIfEmpty();
      if (mine === asked) kit.say(box.querySelector('[data-summary]')?.textContent ?? '');
    } catch { if (mine === asked) { shown = ''; kit.toast(kit.word('failed'), { bad: true }); } } finally { if (mine === asked) box.setAttribute('aria-busy', 'false'); }
  }
  const lookSoon = (milliseconds) => { clearTimeout(soon); soon = setTimeout(look, milliseconds); };
  function place(html) {
    box.innerHTML = html;
    htmx.process(box);
  }

  shown = address();
  field.addEventListener('input', (event) => { clearTimeout(soon); if (!event.isComposing) lookSoon(150); });
  field.addEventListener('compositionend', () => lookSoon(150));
  form.addEventListener('change', (event) => { if (event.target !== field) look(); });
  form.addEventListener('submit', (event) => { event.preventDefault(); look(); });

  const links = () => [...box.querySelectorAll('.found h2 a, .found li a, .found__more, .found__next a')];
  const scope = form.parentElement;
  scope.addEventListener('keydown', (event) => {
    if (kit.ofInputMethod(event)) { if (event.key === 'Enter' && event.target === field) event.preventDefault(); return; }
    if (!['ArrowDown', 'ArrowUp', 'Escape'].includes(event.key)) return;
    const all = links();
    const at = all.indexOf(document.activeElement);
    if (event.target !== field && at < 0) return;
    if (event.key === 'Escape') { if (at >= 0) { event.preventDefault(); field.focus(); } return; }
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    event.preventDefault();
    if (next < 0) field.focus(); else all[Math.min(next, all.length - 1)]?.focus();
  });

  box.addEventListener('click', async (event) => {
    const link = event.target.closest('[data-more]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const first = await older(link, asked);
    first?.querySelector('a')?.focus();
  });

  // Puts the next page in the place of its link; a page on which nothing fitted goes on by itself. The first new result.
  async function older(link, mine) {
    link.setAttribute('aria-busy', 'true');
    for (let pages = 0; link && pages < 30; pages += 1) {
      try {
        const answer = await kit.ask('GET', link.dataset.more);
        const html = await answer.text();
        if (!answer.ok) throw new Error(answer.status);
        if (mine !== asked) return null;
        const line = link.parentElement;
        const before = line.previousElementSibling;
        line.insertAdjacentHTML('beforebegin', html);
        line.remove();
        htmx.process(box);
        const first = before ? before.nextElementSibling : box.firstElementChild;
        if (first?.matches('.found')) return first;
        link = box.querySelector('[data-more]');
      } catch {
        link.removeAttribute('aria-busy');
        if (mine === asked) kit.toast(kit.word('failed'), { bad: true });
        return null;
      }
    }
    return null;
  }
  async function goOnIfEmpty() {
    const link = box.querySelector('[data-more]');
    if (link && !box.querySelector('.found') && await older(link, asked)) box.querySelector('[data-summary]')?.remove();
  }
  goOnIfEmpty();
}
