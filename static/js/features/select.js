// Choosing several chats of the list: boxes before the rows, ranges with Shift, verbs for all that are chosen.
const UNDO_FOR = 10000; // ms
const MOST = 500; // chats the server takes at once

export async function start(element, event, kit) {
  const list = kit.byId('chats');
  const first = element.closest('.menu')?.opener?.closest('[data-id]')?.dataset.id;
  if (!list || list.previousElementSibling?.matches('.choosing')) return;
  const answer = await kit.ask('GET', `${kit.rootPath}/f/chat/selection`);
  if (!answer.ok) throw new Error(answer.status);
  await kit.style('order');
  list.insertAdjacentHTML('beforebegin', await answer.text());
  new Choosing(list, list.previousElementSibling, kit).begin(first);
}

class Choosing {
  constructor(list, bar, kit) {
    Object.assign(this, { list, bar, kit, chosen: new Set(), last: null, over: new AbortController() });
  }

  begin(first) {
    const { signal } = this.over;
    this.list.dataset.choosing = '';
    this.watch = new MutationObserver(() => this.draw());
    this.list.addEventListener('click', (event) => this.press(event), { capture: true, signal });
    this.bar.addEventListener('click', (event) => { const button = event.target.closest('[data-do]'); if (button) this.perform(button.dataset.do); }, { signal });
    this.bar.querySelector('select').addEventListener('change', (event) => { if (event.target.value) this.send({ verb: 'move', folder: event.target.value }); event.target.value = ''; }, { signal });
    // A download: the page stays, and the same form may be sent again.
    this.bar.querySelector('form').addEventListener('submit', ({ target }) => { target.elements.ids.value = [...this.chosen].join(','); setTimeout(() => { delete target.dataset.sent; }); }, { signal });
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.kit.ofInputMethod(event) || event.defaultPrevented) return;
      event.preventDefault();
      event.stopPropagation();
      this.end();
    }, { capture: true, signal });
    if (first) { this.chosen.add(first); this.last = first; }
    this.draw();
    this.list.querySelector(first ? `#c${first} .row__tick` : '.row__tick')?.focus();
  }

  rows() { return [...this.list.querySelectorAll('li[data-id]')].filter((row) => row.checkVisibility()); }

  draw() {
    this.watch.disconnect();
    for (const row of this.list.querySelectorAll('li[data-id]')) {
      let tick = row.querySelector('.row__tick');
      if (!tick) {
        tick = Object.assign(document.createElement('input'), { type: 'checkbox', className: 'row__tick' });
        tick.setAttribute('aria-label', row.querySelector('a').innerText.trim());
        row.prepend(tick);
      }
      tick.checked = this.chosen.has(row.dataset.id);
    }
    const n = this.chosen.size;
    this.bar.querySelector('output').textContent = n ? this.bar.dataset.many.replace('{n}', n) : this.bar.dataset.none;
    for (const control of this.bar.querySelectorAll('.choosing__verbs :is(select, button)')) control.disabled = !n;
    this.watch.observe(this.list, { childList: true, subtree: true });
  }

  press(event) {
    const row = event.target.closest('li[data-id]');
    if (!row || event.target.closest('.row__more')) return;
    if (!event.target.matches('.row__tick')) event.preventDefault();
    event.stopPropagation();
    const { id } = row.dataset;
    const on = !this.chosen.has(id);
    const ids = this.rows().map((each) => each.dataset.id);
    const from = event.shiftKey ? ids.indexOf(this.last) : -1;
    const to = ids.indexOf(id);
    const range = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const each of range) if (on) this.chosen.add(each); else this.chosen.delete(each);
    this.last = id;
    // After the browser's own toggling of the box, which it takes back or does once this event is over.
    setTimeout(() => this.draw());
  }

  perform(what) {
    if (what === 'end') this.end();
    else if (what === 'all') { for (const row of this.rows()) if (this.chosen.size < MOST) this.chosen.add(row.dataset.id); this.draw(); } else this.send({ verb: what });
  }

  async send(fields) {
    const { kit } = this;
    const ids = [...this.chosen];
    const here = ids.includes(kit.shownChat()) && fields.verb !== 'move' && kit.shownChat();
    const said = await this.post({ ...fields, ids: ids.join(',') });
    if (!said) return;
    const { says, ...undo } = said.dataset;
    kit.toast(said.textContent, undo.verb ? { action: kit.word('undo'), milliseconds: UNDO_FOR, act: async () => { if (await this.post(undo)) { this.refresh(); if (here) kit.goTo(`${kit.rootPath}/chat/${here}`); } } } : {});
    this.end();
    if (here) await kit.goTo(`${kit.rootPath}/chat`);
    this.refresh();
  }

  async post(fields) {
    const { kit } = this;
    try {
      const answer = await kit.ask('POST', `${kit.rootPath}/chat/batches`, fields);
      const html = await answer.text();
      if (answer.ok) return new DOMParser().parseFromString(html, 'text/html').querySelector('[data-says]');
      kit.toastRefusal(html, kit.word('failed'), answer.status);
    } catch { kit.toast(kit.word('failed'), { bad: true }); }
    return null;
  }

  refresh() { document.dispatchEvent(new CustomEvent('parley:list')); }

  end() {
    this.over.abort();
    this.watch.disconnect();
    delete this.list.dataset.choosing;
    for (const tick of this.list.querySelectorAll('.row__tick')) tick.remove();
    this.bar.remove();
    (this.list.querySelector('a[aria-current]') ?? this.list.querySelector('a'))?.focus();
  }
}
