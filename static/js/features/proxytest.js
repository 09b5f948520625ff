// The test of the proxy: when do marks of a stream arrive here, and does the wish for a WebSocket arrive there?
async function arrivals(address) {
  const times = [];
  const answer = await fetch(address, { headers: { Accept: 'text/event-stream' } });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return times;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop();
    for (const part of parts) if (part.startsWith('data:')) times.push(Math.round(performance.now()));
  }
}

// It never opens: the server only looks whether the wish came through.
function upgrade(address) {
  return new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = socket.onerror = () => { socket.close(); resolve(); };
    setTimeout(resolve, 3000);
  });
}

export async function start(button, event, kit) {
  const note = button.closest('.setnote');
  const result = note.querySelector('[data-result]');
  button.disabled = true;
  result.textContent = note.dataset.wait;
  const token = Array.from(crypto.getRandomValues(new Uint8Array(12)), (each) => each.toString(16).padStart(2, '0')).join('');
  const address = new URL(`${note.dataset.upgrade}?token=${token}`, location);
  address.protocol = address.protocol.replace('http', 'ws');
  const [times] = await Promise.all([arrivals(note.dataset.stream).catch(() => []), upgrade(address)]);
  const body = new URLSearchParams({ times: times.join(',') });
  const path = note.dataset.upgrade.replace(/upgrade$/, `verdict/${token}`);
  const answer = await fetch(path, { method: 'POST', headers: kit.csrfHeaders(), body }).catch(() => null);
  button.disabled = false;
  if (!answer?.ok) {
    result.textContent = '';
    kit.toast(kit.word('failed'), { bad: true });
    return;
  }
  result.innerHTML = await answer.text();
  const copy = result.querySelector('[data-copy-lines]');
  copy?.addEventListener('click', async () => {
    await kit.copyText(result.querySelector('pre').textContent);
    copy.textContent = copy.dataset.done;
  });
}
