// The model picker: filtering (on the server when there are many), choosing, marking; and the reasoning control.
import { behave } from './behaviours.js';
import { ask, byId, ofInputMethod, on } from './dom.js';
import { toast, toastRefusal, word } from './words.js';

const failed = () => toast(word('failed'), { bad: true });
const chosen = (menu) => menu.querySelector('input[name="model"]:checked');

// Shown before it is stored: so it must arrive though the page be left at once.
async function save(path, fields) {
  const answer = await ask('POST', path, fields, 30000, true).catch(failed);
  if (answer && !answer.ok) failed();
  return answer?.ok ? answer.text() : '';
}

async function choose(menu, radio) {
  for (const place of document.querySelectorAll('[data-model-name]')) place.textContent = radio.parentElement.querySelector('[data-name]').firstChild.textContent;
  byId('thinking').hidden = !('reasons' in radio.dataset);
  const standard = menu.querySelector('[name="default"]');
  if (standard) standard.value = radio.value;
  const gauge = menu.dataset.save && await save(menu.dataset.save, { model: radio.value });
  if (gauge && menu.isConnected) byId('gauge').outerHTML = gauge;
}

function filterHere(menu, wanted) {
  let any = false;
  for (const row of menu.querySelectorAll('.pick')) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    any ||= !row.hidden;
  }
  for (const group of menu.querySelectorAll('fieldset')) group.hidden = !group.querySelector('.pick:not([hidden])');
  menu.querySelector('[data-none]').hidden = any;
}

behave('models', (menu) => {
  const filter = menu.querySelector('[data-filter]');
  let soon;
  menu.addEventListener('change', (event) => { if (event.target.name === 'model') choose(menu, event.target); });
  // A press chooses and closes; arrow keys only choose.
  menu.addEventListener('click', (event) => { if (event.target.closest('label.menu__item') && event.detail) setTimeout(() => menu.hidePopover(), 120); });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || ofInputMethod(event) || event.target.matches('button')) return;
    event.preventDefault();
    // An arrow out of the filter only comes to a model; inside the group it chooses.
    (event.target === filter ? menu.querySelector('.pick:not([hidden]) input:not(:disabled)') : event.target)?.click();
    menu.hidePopover();
    byId('ask')?.focus();
  });
  menu.addEventListener('toggle', (event) => {
    if (event.newState === 'open' || !filter?.value) return;
    filter.value = '';
    filter.dispatchEvent(new Event('input'));
  });
  filter?.addEventListener('input', () => {
    const wanted = filter.value.trim();
    if (!menu.dataset.more) { filterHere(menu, wanted.toLowerCase()); return; }
    clearTimeout(soon);
    soon = setTimeout(async () => {
      const query = new URLSearchParams({ q: wanted, current: chosen(menu)?.value ?? '' });
      const answer = await ask('GET', `${menu.dataset.more}?${query}`).catch(failed);
      if (answer?.ok && wanted === filter.value.trim()) byId('model-list').innerHTML = await answer.text();
    }, 150);
  });
});
on('click', '.star', async (event, star) => {
  event.preventDefault();
  star.setAttribute('aria-pressed', String(star.name === 'star'));
  save(star.form.action, { [star.name]: star.value });
  star.name = star.name === 'star' ? 'unstar' : 'star';
});
on('click', '#models [name="default"]', (event, button) => {
  event.preventDefault();
  save(button.form.action, { default: button.value });
  byId('models').hidePopover();
  toast(word('saved'));
});
on('change', '#thinking select[data-save]', (event, select) => save(select.dataset.save, { effort: select.value }));

on('click', 'a[data-panel]', async (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = await ask('GET', link.getAttribute('href')).catch(failed);
  if (!answer) return;
  const html = await answer.text();
  if (!answer.ok) { toastRefusal(html, word('failed'), answer.status); return; } // signed out, or the chat is gone
  const panel = byId('panel');
  panel.innerHTML = html;
  panel.showModal();
});
