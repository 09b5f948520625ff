// The switch for notifications asks the browser for its permission, at this moment only, and tells when it is refused.
export function start(element) {
  const box = element.querySelector('input');
  const line = element.querySelector('[role="status"]');
  const refuse = (why) => { box.checked = false; line.textContent = line.dataset[why]; line.hidden = false; };
  box.addEventListener('change', async () => {
    line.hidden = true;
    if (!box.checked) return;
    if (!('Notification' in window) || !isSecureContext) refuse('missing');
    else if (await Notification.requestPermission() !== 'granted') refuse('refused');
  });
}
