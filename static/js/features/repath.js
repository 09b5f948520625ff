// Another tab has led this chat along another path.
export async function start(element, html, kit) {
  const { replaceTurns } = await import(`${kit.assets}js/features/onward.js`);
  replaceTurns(kit, html);
}
