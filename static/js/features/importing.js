// An export may take minutes to upload: how far it is, a way to stop it, and a word before gigabytes go in vain.
export function start(form, event, kit) {
  const [file] = form.querySelectorAll('input[type=file]');
  const [bar, button, stop] = ['progress', 'button.btn--primary', '[data-stop]'].map((what) => form.querySelector(what));
  const said = form.querySelector('[role=alert]');

  const show = (going) => {
    bar.hidden = stop.hidden = !going;
    button.disabled = going;
  };

  form.addEventListener('submit', (submitted) => {
    submitted.preventDefault();
    const [chosen] = file.files;
    said.textContent = chosen.size > Number(form.dataset.most) ? form.dataset.tooLarge : '';
    if (said.textContent) return;
    const request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.upload.addEventListener('progress', ({ loaded, total }) => { bar.value = total ? (loaded / total) * 100 : 0; });
    request.addEventListener('load', () => {
      if (request.status < 300) { location.assign(request.responseURL); return; }
      show(false);
      const page = new DOMParser().parseFromString(request.responseText, 'text/html');
      said.textContent = page.querySelector('[role=alert]')?.textContent.trim() || kit.word('failed');
    });
    request.addEventListener('error', () => { show(false); said.textContent = form.dataset.brokeOff; });
    request.addEventListener('abort', () => { show(false); bar.value = 0; });
    stop.onclick = () => request.abort();
    const body = new FormData(form); // before the fields are disabled
    show(true);
    kit.say(form.dataset.going);
    request.send(body);
  });
}
