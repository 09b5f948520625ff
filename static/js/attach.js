// Files for the next message: picked, pasted or dropped, uploaded at once, sent by their ids.
import { behave } from './behaviours.js';
import { byId, csrfHeaders, on, rootPath } from './dom.js';
import { chatKey, keptFiles, keepFiles } from './drafts.js';
import { say, toast, word } from './words.js';

const chips = () => [...document.querySelectorAll('#files > li')];
export const hasFiles = () => chips().length > 0;
const keep = () => keepFiles(chips().map((chip) => chip.kept).filter(Boolean));

// Why the message has to wait, "" when it need not.
export function filesHold() {
  if (chips().some((chip) => chip.dataset.state === 'failed')) return word('fileBad');
  return chips().some((chip) => !chip.kept) ? word('uploading') : '';
}

// What the composer held, for a message that leaves now.
export function takeFiles() {
  const files = chips().map((chip) => chip.kept);
  byId('files').replaceChildren();
  keep();
  return files;
}

export function giveFiles(files) {
  for (const file of files) {
    const chip = draw(file.name, file.width && `${rootPath}/files/${file.id}?size=thumb`);
    chip.kept = file;
    chip.querySelector('.file__note').textContent = file.note;
  }
  keep();
}

behave('files', () => giveFiles(keptFiles()));

function draw(name, src) {
  const chip = byId('chip').content.firstElementChild.cloneNode(true);
  const image = chip.querySelector('img');
  image.onerror = () => image.remove();
  if (src) image.src = src; else image.remove();
  chip.querySelector('.file__name').textContent = chip.title = name;
  const away = chip.querySelector('[data-unattach]');
  away.setAttribute('aria-label', `${away.title}: ${name}`);
  byId('files').append(chip);
  return chip;
}

function attachFiles(files) {
  const field = byId('pick');
  const refused = new RegExp(field.dataset.refused, 'i');
  for (const file of files) {
    const name = file.name || 'image.png';
    if (chips().length >= field.dataset.most) { toast(word('filesMany'), { bad: true }); return; }
    const drawn = /^image\/(?!svg)/.test(file.type);
    const all = chips().reduce((sum, chip) => sum + (chip.file ?? chip.kept).size, file.size);
    if (refused.test(file.type)) toast(`${name}: ${word('fileKind')}`, { bad: true });
    else if (file.size > (drawn ? field.dataset.largest : 1e8)) toast(`${name}: ${word('fileLarge')}`, { bad: true });
    else if (all > 6e7) toast(`${name}: ${word('filesHeavy')}`, { bad: true });
    else {
      const chip = draw(name, drawn && URL.createObjectURL(file));
      chip.file = file;
      say(name);
      upload(chip);
    }
  }
  byId('ask').focus({ preventScroll: true });
}

function upload(chip) {
  const request = chip.request = new XMLHttpRequest(); // fetch tells no progress
  const body = new FormData();
  body.set('file', chip.file);
  chip.dataset.state = 'sending';
  request.open('POST', `${rootPath}/files`);
  for (const [name, value] of Object.entries({ ...csrfHeaders(), Accept: 'application/json' })) request.setRequestHeader(name, value);
  request.responseType = 'json';
  const note = chip.querySelector('.file__note');
  request.upload.onprogress = ({ loaded, total }) => {
    chip.querySelector('progress').value = loaded / total;
    note.textContent = `${Math.floor(100 * loaded / total)} %`;
  };
  request.onloadend = () => {
    if (!chip.isConnected) return;
    const { data, error } = request.response ?? {};
    chip.dataset.state = data ? 'kept' : 'failed';
    if (data) {
      chip.kept = { ...data.file, name: chip.title };
      note.textContent = data.file.note;
      keep();
      if (byId('composer').hasAttribute('data-holding') && !filesHold()) byId('composer').requestSubmit();
    } else {
      const again = !request.status || request.status >= 500;
      chip.querySelector('[data-reattach]').hidden = !again;
      chip.querySelector('.file__fault').textContent = `${chip.title}: ${error ?? word('fileFailed')}`;
    }
  };
  request.send(body);
}

on('click', '[data-attach]', (event, button) => byId(button.dataset.attach).click());
on('change', '#pick, #camera', (event, field) => { attachFiles(field.files); field.value = ''; });
on('click', '[data-reattach]', (event, button) => upload(button.closest('li')));
on('click', '[data-unattach]', (event, button) => {
  const chip = button.closest('li');
  chip.request?.abort();
  chip.remove();
  keep();
  byId('ask').focus();
});
// Text that was copied with a picture of it (a spreadsheet) is meant as text.
on('paste', '#ask', (event, field) => {
  const { files, types } = event.clipboardData;
  if (files.length && !types.includes('text/plain')) {
    event.preventDefault();
    attachFiles(files);
  }
  const text = event.clipboardData.getData('text/plain').replace(/\r\n?/g, '\n');
  if (text.length > 4000) toast(word('pasted'), { action: word('asFile'), milliseconds: 20000, act: () => {
    if (!field.value.includes(text)) return; // it was changed meanwhile
    field.value = field.value.replace(text, '');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    attachFiles([new File([text], byId('pick').dataset.pasted, { type: 'text/plain' })]);
  } });
});
for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  on(type, '#stage', (event, stage) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    const inside = type.startsWith('drage') || type === 'dragover' || (type === 'dragleave' && stage.contains(event.relatedTarget));
    if (inside) stage.dataset.drop = word('drop'); else delete stage.dataset.drop;
    if (type === 'drop') attachFiles(event.dataTransfer.files);
  });
}
