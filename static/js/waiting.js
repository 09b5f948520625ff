// What a running answer waits for: seconds counted down, and a calm line when nothing comes at all.
import { behave } from './behaviours.js';
import { say } from './words.js';

const PATIENCE = 8000;

// The server's clock and this one may differ: never more than the server said, never less than nothing.
function countDown() {
  for (const place of document.querySelectorAll('[data-until]')) {
    const most = Number(place.dataset.seconds);
    if (!place.dataset.seen) {
      place.dataset.seen = Date.now() + Math.min(most * 1000, Math.max(0, place.dataset.until - Date.now()) || most * 1000);
      say(place.parentElement.textContent);
    }
    const left = Math.max(0, Math.min(most, Math.ceil((place.dataset.seen - Date.now()) / 1000)));
    place.textContent = left;
    if (!left) showQuiet(place.closest('.turn'));
  }
}
setInterval(countDown, 250);

// The stylesheet takes the line away as soon as the answer shows anything.
function showQuiet(turn) {
  const line = turn?.querySelector('.turn__quiet[hidden]');
  if (!line) return;
  line.hidden = false;
  if (getComputedStyle(line).display !== 'none') say(line.textContent);
}
behave('quiet', (line) => setTimeout(() => { if (!line.parentElement?.querySelector('.waiting')) showQuiet(line.parentElement); }, PATIENCE));
