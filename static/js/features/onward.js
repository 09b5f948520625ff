// Another version, an edit, a deletion: what the server answers takes the place of a turn and of all that follows.
const NEAR = 32;

// A press on a pager or on a form that asks for another answer.
export async function start(form, event, kit) {
  const button = event.submitter;
  const turn = kit.byId(form.dataset.onward);
  if (kit.byId('turns').dataset.turning || button.ariaDisabled === 'true') return;
  const fields = new FormData(form, button);
  const picked = 'picked' in form.dataset && document.querySelector('#models :checked');
  if (picked) fields.set('model', picked.value);
  const at = button.getBoundingClientRect().top;
  if (button.id) kit.setFollow(false);
  const fresh = await replaceFrom(kit, turn, button.getAttribute('formaction') ?? form.action, fields, 'keep' in form.dataset);
  if (!fresh) return;
  const log = kit.byId('log');
  const same = kit.byId(button.id || '-');
  if (!same) { kit.tellEnded(fresh); kit.followOn(); return; }
  same.focus({ preventScroll: true }); // the pager stays where it is, under the finger
  log.scrollTop += same.getBoundingClientRect().top - at;
  if (log.scrollHeight - log.scrollTop - log.clientHeight < NEAR) kit.setFollow(true);
}

// The new elements, or nothing when the server refused. `keep`: the turn stays, the answer follows it.
export async function replaceFrom(kit, turn, path, fields, keep) {
  const turns = kit.byId('turns');
  turns.dataset.turning = '1'; // news wait: what is on its way brings itself
  try {
    const answer = await kit.ask('POST', path, fields);
    const box = document.createElement('template');
    box.innerHTML = await answer.text();
    const away = answer.headers.get('HX-Redirect');
    if (away) location.assign(away);
    else if (!answer.ok) kit.toastRefusal(box.innerHTML, kit.word('failed'), answer.status);
    else return put(kit, turn, box.content, keep);
  } catch { kit.toast(kit.word('failed'), { bad: true }); } finally {
    delete turns.dataset.turning;
    document.dispatchEvent(new CustomEvent('parley:settled'));
  }
}

function put(kit, turn, content, keep) {
  while (turn.nextElementSibling && !turn.nextElementSibling.dataset.state) takeAway(turn.nextElementSibling);
  const fresh = [...content.children];
  turn.after(content);
  if (!keep) takeAway(turn);
  for (const each of fresh) htmx.process(each);
  settle(kit);
  return fresh;
}

// The whole path anew, when another tab has led it elsewhere.
export function replaceTurns(kit, html) {
  const box = document.createElement('template');
  box.innerHTML = html;
  const ids = (scope) => [...scope.querySelectorAll('.turn[id]')].map((turn) => turn.id);
  const fresh = ids(box.content);
  if (fresh.length && ids(kit.byId('turns')).slice(-fresh.length).join() === fresh.join()) return;
  for (const old of document.querySelectorAll('#turns > :is(.turn, .more-turns):not([data-state])')) takeAway(old);
  const origin = document.querySelector('#turns > .origin');
  if (origin) origin.after(box.content); else kit.byId('turns').prepend(box.content);
  htmx.process(kit.byId('turns'));
  settle(kit);
}

function takeAway(turn) {
  document.querySelector(`.ruler [href="#${turn.id}"]`)?.remove();
  turn.remove();
}

function settle(kit) {
  kit.byId('stage').toggleAttribute('data-empty', !document.querySelector('#turns .turn'));
  kit.showBusy();
}
