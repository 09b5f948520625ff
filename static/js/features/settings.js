// Fields of the settings centre that are not saved: counted, marked, and not left by mistake.
const names = (form) => [...form.querySelectorAll('.setting')];

function state(field) {
  return [...field.querySelectorAll('input, select, textarea')].filter((each) => !['hidden', 'file'].includes(each.type)).map((each) => each.type === 'checkbox' ? each.checked : each.value).join('\n');
}

export function start(form) {
  const first = new Map(names(form).map((field) => [field, state(field)]));
  const [count, discard] = [form.querySelector('[data-count]'), form.querySelector('[data-discard]')];
  // What a refused form brought back is not saved either.
  let refused = form.querySelector('[aria-invalid]:not([type=file])') !== null;
  let leaving = false;

  function look() {
    let n = 0;
    for (const [field, was] of first) n += field.toggleAttribute('data-dirty', state(field) !== was);
    count.textContent = n === 0 ? '' : n === 1 ? form.dataset.one : form.dataset.many.replace('{n}', n);
    discard.hidden = n === 0;
    return n > 0 || refused;
  }

  form.addEventListener('input', look);
  form.addEventListener('change', (event) => { if ('atOnce' in event.target.dataset && event.target.value) event.target.form.requestSubmit(); });
  form.addEventListener('reset', () => { refused = false; setTimeout(look); });
  form.addEventListener('submit', () => { leaving = true; });
  const stay = (event) => {
    if (!form.isConnected) removeEventListener('beforeunload', stay);
    else if (!leaving && look()) event.preventDefault();
  };
  addEventListener('beforeunload', stay);
  look();
}
