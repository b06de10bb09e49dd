// Drawing, dropping and sampling; every picture is read at once, the latest one last, and never two at a time.

import { showCandidate } from "/static/candidate.js";
import { Lattice } from "/static/lattice.js";
import { Paper } from "/static/paper.js";
import { paint, wipe } from "/static/planes.js";
import { drawDecision, offerPromises, showReading } from "/static/reading.js";
import { ask, Trouble } from "/static/server.js";
import { at, element } from "/static/words.js";

const kind = at("kind"), lattice = new Lattice(at("lattice"), at("line"), showCandidate);
const paper = new Paper(at("paper"), drawn);

let about = null;
let picture = null;     // base64 of what was dropped or sampled; null while one draws
let told = null;        // the last reading
let wanted = null;      // when what is to be read next was finished
let reading = false;

// --- reading ----------------------------------------------------------------------------------------------------

function read() {
  wanted = performance.now();
  if (!reading) readLatest();
}

async function readLatest() {
  reading = true;
  try {
    while (wanted !== null) {
      const since = wanted;
      wanted = null;
      const given = picture ?? (paper.isEmpty ? null : paper.png());
      const seen = given && await ask("/api/see", { picture: given, kind: kind.value });
      if (wanted !== null) continue;  // drawn on meanwhile
      show(seen);
      if (seen) requestAnimationFrame(() => setTimeout(() => performed(since), 0));
    }
  } catch (error) {
    wanted = null;
    if (!(error instanceof Trouble)) throw error;
    show(null);
    say(error.message, true);
  } finally {
    reading = false;
  }
}

function performed(since) {
  const { duration } = performance.measure("stroke-to-reading", { start: since });
  at("took").textContent = `read in ${Math.round(duration)} ms`;
}

function show(seen) {
  told = seen;
  for (const id of ["field", "upright"]) seen ? paint(at(id), seen[id]) : wipe(at(id));
  lattice.show(seen?.lattice ?? { frame: null, path: [] });
  showReading(seen);
  if (!seen) at("took").textContent = "";
  at("weighed").textContent = seen ? weighed(seen) : "what else was weighed";
  if (seen && picture) paper.lay(at("field"));
}

function weighed({ value, lattice: { left_out: out, path } }) {
  if (value && !path.length) return "the likelier cuts; none of their ways spells this value, the second reader proposed it";
  return `what else was weighed${out ? `, without ${out} unlikely ${out === 1 ? "cut" : "cuts"}` : ""}`;
}

function say(words, isTrouble = false) {
  at("source").textContent = words;
  at("source").classList.toggle("trouble", isTrouble);
}

// --- where pictures come from -----------------------------------------------------------------------------------

function drawn() {
  picture = null;
  at("prompt").hidden = !paper.isEmpty;
  describe();
  read();
}

// What may be drawn, with the cells for it where the form has some.
function describe() {
  const { hint, cells, sampled } = about.kinds[kind.value];
  if (!picture) say(hint);
  at("cells").replaceChildren(...Array.from({ length: picture ? 0 : cells }, () => element("span", "")));
  at("sample").disabled = !sampled;
}

function take(given, words) {
  picture = given;
  paper.forget();
  at("prompt").hidden = true;
  describe();
  say(words);
  read();
}

async function open(file) {
  if (!file) return;
  if (file.size > about.most_bytes) {
    say(`${file.name}: more than ${Math.floor(about.most_bytes / 2 ** 20)} MB are not taken.`, true);
    return;
  }
  take(await base64(file), file.name);
}

async function sample() {
  if (at("sample").disabled) return;
  try {
    const made = await ask("/api/sample", { kind: kind.value });
    take(made.picture, `Drawn to say ${made.value}, by the generator that teaches the networks.`);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    say(error.message, true);
  }
}

async function base64(file) {
  const reader = new FileReader();
  await new Promise((done) => { reader.onload = done; reader.readAsDataURL(file); });
  return reader.result.slice(reader.result.indexOf(",") + 1);
}

// --- what people do ---------------------------------------------------------------------------------------------

const KEYS = {
  u: () => paper.undo(), c: () => paper.clear(), s: sample,
  ArrowLeft: () => lattice.step(-1, false), ArrowRight: () => lattice.step(1, false),
  ArrowUp: () => lattice.step(-1, true), ArrowDown: () => lattice.step(1, true),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in KEYS)) return;
  const own = event.target.tagName === "SELECT" || (event.target.tagName === "INPUT" && event.key.startsWith("Arrow"));
  if (own) return;
  KEYS[event.key]();
  event.preventDefault();
});
at("undo").addEventListener("click", () => paper.undo());
at("clear").addEventListener("click", () => paper.clear());
at("sample").addEventListener("click", sample);
at("pen").addEventListener("input", () => { paper.pen = Number(at("pen").value); });
at("file").addEventListener("change", () => { open(at("file").files[0]); at("file").value = ""; });
at("tools").addEventListener("submit", (event) => event.preventDefault());
kind.addEventListener("change", () => { describe(); read(); });
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    at("sheet").classList.toggle("over", name === "dragover");
    if (name === "drop") open(event.dataTransfer.files[0]);
  });
}

// --- begin ------------------------------------------------------------------------------------------------------

about = await (await fetch("/api/about", { credentials: "same-origin" })).json();
at("model").textContent = about.model;
for (const [name, one] of Object.entries(about.kinds)) kind.append(new Option(one.words, name));
kind.value = "own" in about.kinds ? "own" : "digits";
offerPromises(about.promises, about.max_error, () => drawDecision(told));
showReading(null);
showCandidate(null);
describe();
at("paper").dataset.ready = "yes";
