// Code as a file. The name comes from the server, which lets only harmless ones through.
export function start(button) {
  const text = button.closest('.code').querySelector('code').textContent;
  const href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  Object.assign(document.createElement('a'), { href, download: button.dataset.name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10000);
}
