// A chosen file of settings goes into the text field, where the form without a script takes it too.
export function start(form) {
  const file = form.querySelector('[data-into]');
  file.addEventListener('change', async () => {
    if (file.files[0]) form.elements[file.dataset.into].value = await file.files[0].text();
  });
}
