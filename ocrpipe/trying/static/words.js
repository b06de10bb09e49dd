// How things are called and counted on the page.

const SIGNS = { "~": "dirt", "#": "scribble" };

export const at = (id) => document.getElementById(id);

export const sign = (symbol) => SIGNS[symbol] ?? symbol;

export function percent(share) {
  if (share > 0.9995) return "100 %";
  if (share < 0.0005) return "0 %";
  return `${(100 * share).toFixed(share > 0.1 ? 0 : 1)} %`;
}

export function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
