// A table as CSV (RFC 4180): lines end in CRLF, a field with a comma, a quote or a line break is quoted, quotes doubled.
// Cells that start with = + - @ stay as they are: an apostrophe in front would change the data for every program that
// is not a spreadsheet, and negative numbers begin like that. The reader copies what they see.
const field = (text) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// A formula as it was written, not its two renderings at once; a link without the host we show beside it.
function text(cell) {
  const copy = cell.cloneNode(true);
  for (const drawn of copy.querySelectorAll('[data-drawn]')) drawn.textContent = drawn.querySelector('annotation')?.textContent ?? drawn.textContent;
  for (const host of copy.querySelectorAll('a > small')) host.remove();
  return copy.textContent.trim();
}

export function start(button, event, { copyFrom }) {
  const rows = [...button.parentElement.querySelectorAll('tr')];
  return copyFrom(button, rows.map((row) => `${[...row.cells].map((cell) => field(text(cell))).join(',')}\r\n`).join(''));
}
