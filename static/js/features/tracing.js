// The switch for a trace holds for one question: once that is on its way, it stands again as the page came.
export function start(label) {
  const box = label.querySelector('input');
  document.addEventListener('parley:sent', () => { if (box.isConnected) box.checked = box.defaultChecked; });
}
