// One candidate: its crop, what the network makes of it, and the maps behind that.

import { paint, paintSheet, wipe } from "/static/planes.js";
import { ask, Trouble } from "/static/server.js";
import { at, element, percent, sign } from "/static/words.js";

const SHEETS = ["c1", "c3"];
const DIGITS = 10;
let asking = 0;

export function showCandidate(arc, told) {
  const number = ++asking;
  drawBars(arc, told);
  if (!arc) {
    for (const id of ["crop", ...SHEETS]) wipe(at(id));
    at("which").textContent = "";
    return;
  }
  paint(at("crop"), arc.crop);
  at("which").textContent = which(arc, told);
  drawMaps(arc, () => number === asking);
}

function which(arc, { arcs, path, symbols }) {
  const place = path.indexOf(arcs.indexOf(arc)), wrong = arc.joined[symbols.indexOf("#")];
  const taken = `${sign(arc.symbol)}, ${percent(arc.prob)}`;
  if (place >= 0) return `character ${place + 1} of ${path.length}, taken as ${taken}`;
  return `not on the chosen way; ${wrong > arc.prob ? `a wrong cut, ${percent(wrong)}, or ${taken}` : `likeliest ${taken}`}`;
}

async function drawMaps(arc, isWanted) {
  try {
    const { layers } = await ask("/api/maps", { crop: arc.crop.gray });
    if (!isWanted()) return;
    layers.forEach(({ layer, maps }, i) => {
      paintSheet(at(SHEETS[i]), maps);
      at(`${SHEETS[i]}-note`).querySelector("strong").textContent =
        `${layer}: ${maps.length} maps of ${maps[0].width}×${maps[0].height}.`;
    });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    at("which").textContent = error.message;
  }
}

// Left the ten digits, right all else. Marks and dirt are told by size and place alone, so the crop has no bar for them.
function drawBars(arc, told) {
  const shown = new Map(arc ? told.classes.map((name, i) => [name, arc.shown[i]]) : []);
  const joined = new Map(arc ? told.symbols.map((name, i) => [name, arc.joined[i]]) : []);
  joined.set("junk", joined.get("#"));
  const most = arc ? [...joined].reduce((best, one) => (one[1] > best[1] ? one : best))[0] : null;
  const names = [..."0123456789", "/", "$", "*", "junk", ".", ",", "-", "~"];
  const rows = names.map((name) => row(name, shown.get(name), joined.get(name), name === (most === "#" ? "junk" : most)));
  const both = element("div", "both");
  both.append(table("Digits", rows.slice(0, DIGITS)), table("All else", rows.slice(DIGITS)));
  const legend = element("p", "");
  legend.append(element("span", "swatch"), " what the crop shows  ", element("span", "swatch joined"),
    " with size and place, which counts");
  at("bars").replaceChildren(both, legend);
}

function row(name, shown = 0, joined = 0, isMost = false) {
  const made = element("tr", isMost ? "most" : "");
  const head = element("th", "", sign(name)), bars = element("td", "");
  head.scope = "row";
  for (const [share, className] of [[shown, "bar"], [joined, "bar joined"]]) {
    const bar = element("div", className);
    bar.style.width = `${100 * share}%`;
    bars.append(bar);
  }
  made.append(head, bars, element("td", "", percent(joined)));
  return made;
}

function table(name, rows) {
  const made = element("table", "");
  made.setAttribute("aria-label", name);
  made.append(...rows);
  return made;
}
