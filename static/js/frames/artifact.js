// Inside the sandboxed frame: becomes the document it is handed, once. Esc is the only thing it tells the page.
for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']) delete globalThis[name]; // no policy covers them
addEventListener('message', (event) => {
  if (event.source !== parent || typeof event.data?.show !== 'string') return;
  document.open();
  document.write(event.data.show);
  document.close();
  addEventListener('keydown', (press) => { if (press.key === 'Escape') parent.postMessage({ leave: true }, '*'); }, true);
}, { once: true });
parent.postMessage({ ready: true }, '*');
