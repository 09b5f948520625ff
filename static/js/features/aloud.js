// Reads a running answer to screen readers: finished sentences, at most every four seconds, while the reader is at it.
const EVERY = 4000;
const WHOLE = /^[\s\S]*(?:[.!?…]["”’)]*\s|[。！？；]["”’）]*|\n)/;

export function start(turn, event, kit) {
  let said = 0;
  const text = () => [...turn.querySelectorAll('.prose > .blocks > *')].map((block) => block.innerText).join('\n');
  const rest = (whole) => {
    const fresh = text().slice(said);
    const piece = whole ? fresh.match(WHOLE)?.[0] ?? '' : fresh;
    said += piece.length;
    return piece.trim();
  };
  const listening = () => document.activeElement?.closest('#log, #composer');
  const timer = setInterval(() => {
    if (!turn.isConnected) { clearInterval(timer); return; }
    const piece = rest(true);
    if (piece && listening()) kit.say(piece);
  }, EVERY);
  turn.addEventListener('done', () => {
    clearInterval(timer);
    kit.say(`${listening() ? rest(false) : ''} ${kit.word('complete')}`.trim());
  }, { once: true });
}
