// Makes or uses a passkey: asks the server what to sign, the device to sign it, and sends the form with the answer.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const listed = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

// PublicKeyCredential.parse…FromJSON and toJSON() are younger than the browsers we serve.
async function ceremony(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), excludeCredentials: listed(options.excludeCredentials), allowCredentials: listed(options.allowCredentials) };
  const making = Boolean(options.user);
  if (making) publicKey.user = { ...options.user, id: bytes(options.user.id) };
  const key = await navigator.credentials[making ? 'create' : 'get']({ publicKey });
  const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = key.response;
  const response = making
    ? { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) }
    : { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature), ...(userHandle && { userHandle: text(userHandle) }) };
  return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} });
}

export function start(form) {
  // A key is bound to a host name; on an IP address no browser makes one.
  if (!window.PublicKeyCredential || /^[\d.]+$|^\[/.test(location.hostname)) {
    const why = form.parentElement.querySelector('[data-impossible]');
    if (why) why.hidden = false;
    return;
  }
  form.hidden = false;
  const trouble = form.querySelector('[role="alert"]');
  const button = form.querySelector('button:not([type="button"])');
  form.addEventListener('submit', async (submitted) => {
    if (form.elements.credential.value) return;
    submitted.preventDefault();
    button.disabled = true;
    trouble.hidden = true;
    try {
      const answer = await fetch(form.dataset.options, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' } });
      const told = await answer.json();
      if (!answer.ok) throw new Error(Object.values(told.fields ?? {})[0] ?? told.error);
      form.elements.credential.value = await ceremony(told);
      if (form.elements.password) form.elements.password.disabled = true;
      form.submit();
    } catch (error) {
      // The device's own errors are for programmers; the server's are sentences.
      trouble.textContent = error instanceof DOMException || error instanceof TypeError ? form.dataset.failed : error.message;
      trouble.hidden = false;
      button.disabled = false;
    }
  });
}

// The page of signing in has none of the machinery that starts features.
document.querySelectorAll('form[data-passkey]').forEach((form) => start(form));

// A visitor says once, at the switch, whether their chats come along; it holds for the other ways in too.
function follow(choice) {
  const takes = document.querySelector('form[data-passkey] [name="take"]');
  if (takes) takes.value = choice.checked ? '1' : '';
  const way = document.querySelector('[data-provider]');
  if (!way) return;
  const address = new URL(way.href);
  address.searchParams[choice.checked ? 'delete' : 'set']('left', '1');
  way.href = address.href;
}
const choice = document.querySelector('input[type="checkbox"][name="take"]');
choice?.addEventListener('change', () => follow(choice));
if (choice) follow(choice); // browsers bring back what was chosen before
