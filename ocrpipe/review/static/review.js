// The work queue: the next fields are here before they are asked for, and every key is saved before the next one shows.

import { drawField, drawRunnersUp, markDigit, picture, why } from "/static/item.js";
import { ask, Trouble } from "/static/server.js";
import { Viewer } from "/static/viewer.js";

const AHEAD = 4;
const FACETS = ["part", "kind", "template", "reason", "source"];
const PARTS = { review: "in doubt", failed: "not found", audit: "check of accepted" };

const at = (id) => document.getElementById(id);
const text = at("text"), stage = at("stage"), choice = at("choice"), viewer = new Viewer(at("view"));

let current = null;     // {item, field, page}
let ahead = [];         // the same, leased and loaded
let loading = null;     // a promise while more are fetched
let busy = false;       // a key is being saved
let asked = null;       // what was keyed when the server asked once more
let shownAt = 0;
let checking = 0;
let generation = 0;     // of the choice; what was fetched for another one is dropped

// --- fetching ---------------------------------------------------------------------------------------------------

function chosen() {
  const form = new FormData(choice);
  return Object.fromEntries(FACETS.map((facet) => [facet, form.get(facet)]).filter(([, value]) => value));
}

async function loaded(item) {
  const [field, page] = await Promise.all([picture(item.field_picture), picture(item.page_picture)]);
  return { item, field, page };
}

function fill() {
  if (!loading) {
    const mine = fetchMore(generation).finally(() => { if (loading === mine) loading = null; });
    loading = mine;
  }
  return loading;
}

async function fetchMore(wanted) {
  const held = [current, ...ahead].filter(Boolean).map((one) => one.item.id);
  const told = await ask("/api/next", {
    count: current ? AHEAD - ahead.length : 1, order: choice.elements.order.value, chosen: chosen(), held,
  });
  const ready = await Promise.all(told.items.map(loaded));
  if (wanted !== generation) return;
  showCounts(told.counts);
  ahead.push(...ready);
}

// --- showing ----------------------------------------------------------------------------------------------------

function show(one) {
  current = one;
  asked = null;
  const empty = one === null;
  at("work").hidden = at("page").hidden = empty;
  at("empty").hidden = !empty;
  if (empty) return;
  const { item } = one;
  at("field-name").textContent = item.field.replaceAll("_", " ");
  at("why").textContent = at("why").title = why(item);
  at("origin").textContent =
    `${item.source} · page ${item.page + 1}${item.document ? ` · document ${item.document + 1}` : ""} · ${item.template ?? ""} · ${item.kind}`;
  at("text-label").textContent = item.format ? `What does it say? (${item.format}, or 2024-07-28)` : "What does it say?";
  text.value = item.value ?? "";
  text.placeholder = item.reads_blank ? "blank" : "";
  text.inputMode = item.kind === "micr" ? "text" : "decimal";
  drawField(stage, item, one.field);
  drawRunnersUp(at("runners-up"), item, (value) => { text.value = value; check(); text.focus(); });
  viewer.show(item.page_picture, one.page);
  say("");
  means(item.value ? { value: item.value } : {});
  text.focus();
  text.select();
  shownAt = performance.now();
}

async function next() {
  if (!ahead.length) await fill();
  show(ahead.shift() ?? null);
  if (ahead.length < AHEAD) fill().catch(trouble);
}

function showCounts(counts) {
  const done = counts.items - counts.left;
  at("bar").max = Math.max(1, counts.items);
  at("bar").value = done;
  at("left").textContent = `${counts.left.toLocaleString("en")} of ${counts.items.toLocaleString("en")} left${
    counts.disputed ? `, ${counts.disputed} disputed` : ""}`;
  for (const facet of FACETS) {
    const select = choice.elements[facet], kept = select.value;
    const options = Object.entries(counts.facets[facet]).map(([value, count]) => {
      const option = new Option(`${PARTS[value] ?? (value || "–")} (${count})`, value);
      return option;
    });
    select.replaceChildren(new Option("all", ""), ...options);
    if (kept && !(kept in counts.facets[facet])) select.append(new Option(kept, kept));
    select.value = kept;
  }
}

function say(words, isTrouble = false) {
  at("message").textContent = words;
  at("message").classList.toggle("trouble", isTrouble);
}

function trouble(error) {
  if (!(error instanceof Trouble)) throw error;
  say(error.message, true);
}

function means({ value = null, trouble: words = "", runner_up = null }) {
  const refused = Boolean(words) && text.value !== "";
  at("meaning").textContent = refused ? words : value === null || value === text.value ? "" : `= ${value}`;
  at("meaning").classList.toggle("refused", refused);
  text.classList.toggle("refused", refused);
  text.setAttribute("aria-invalid", String(refused));
  at("runners-up").querySelectorAll("button").forEach((button, i) => button.classList.toggle("chosen", i + 1 === runner_up));
}

// --- keys -------------------------------------------------------------------------------------------------------

async function check() {
  if (!current) return;
  const number = ++checking, item = current.item.id;
  const said = text.value === "" ? {} : await ask("/api/check", { item, text: text.value });
  if (number === checking && current?.item.id === item) means(said);
}

async function decide(action) {
  if (busy || !current) return;
  if (action === "value" && text.value === "") {
    if (current.item.reads_blank) return decide("blank");
    say("Type what is written, or b for blank, x for unreadable, s for later.", true);
    return;
  }
  busy = true;
  const pressed = performance.now();
  const keyed = `${action} ${text.value}`;
  try {
    const told = await ask("/api/decide", {
      item: current.item.id, action, text: text.value, seconds: (pressed - shownAt) / 1000, confirmed: asked === keyed,
    });
    if (told.gone) {
      await next();
      say(told.gone, true);
      return;
    }
    if (told.again !== null) {
      asked = keyed;
      shownAt = pressed;
      say(`The machine has accepted ${told.again}. Enter once more keeps ${told.value ?? "blank"}.`, true);
      text.select();
      return;
    }
    ++checking;
    await next();
    requestAnimationFrame(() => setTimeout(() => performance.measure("key-to-next", { start: pressed }), 0));
  } catch (error) {
    trouble(error);
    text.classList.add("refused");
  } finally {
    busy = false;
  }
}

async function undo() {
  if (busy) return;
  busy = true;
  try {
    const { item } = await ask("/api/undo");
    if (current) ahead.unshift(current);
    ahead = ahead.filter((one) => one.item.id !== item.id);
    show(await loaded(item));
    say("Taken back: here it is again.");
  } catch (error) {
    trouble(error);
  } finally {
    busy = false;
  }
}

function selectDigit(place) {
  text.setSelectionRange(place, place + 1);
}

// The next or the one before of the digits in the line; false where there is none.
function step(back) {
  const places = [...text.value].map((sign, i) => (/\d/.test(sign) ? i : -1)).filter((i) => i >= 0);
  const one = text.selectionEnd - text.selectionStart === 1;
  const from = one ? text.selectionStart : back ? text.value.length : -1;
  const place = back ? places.filter((i) => i < from).at(-1) : places.find((i) => i > from);
  if (place === undefined) return false;
  selectDigit(place);
  return true;
}

const COMMANDS = {
  u: undo, s: () => decide("skip"), x: () => decide("unreadable"), b: () => decide("blank"),
  z: () => viewer.zoom(1.35), Z: () => viewer.zoom(1 / 1.35), f: () => viewer.toggle(),
  c: () => document.body.classList.toggle("contrast"), i: () => document.body.classList.toggle("invert"),
  "?": () => at("help").showModal(),
};
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const inLine = event.target === text;
  if (!inLine && /^(SELECT|BUTTON|A|INPUT)$/.test(event.target.tagName)) return;
  if (event.shiftKey && event.key in ARROWS) {
    viewer.move(...ARROWS[event.key]);
  } else if (event.key in COMMANDS) {
    COMMANDS[event.key]();
  } else if (inLine && event.key === "Tab") {
    if (!step(event.shiftKey)) return;  // the line is no trap: on to what follows it
  } else if (inLine && event.key === "Escape") {
    text.value = current?.item.value ?? "";
    text.select();
    check().catch(trouble);
  } else if (event.key === "Enter") {
    if (!event.repeat) decide("value");
  } else {
    return;
  }
  event.preventDefault();
});

text.addEventListener("input", (event) => {
  const oneDigit = event.inputType === "insertText" && text.value.length === (current?.item.value ?? "").length;
  if (oneDigit && document.activeElement === text && text.selectionStart < text.value.length) step(false);
  say("");
  check().catch(trouble);
});
document.addEventListener("selectionchange", () => {
  if (!current) return;
  const one = document.activeElement === text && text.selectionEnd - text.selectionStart === 1;
  markDigit(stage, current.item, one ? text.value.slice(0, text.selectionStart).replace(/\D/g, "").length : -1);
});
at("key").addEventListener("submit", (event) => event.preventDefault());
choice.addEventListener("change", async () => {
  ++generation;
  ahead = [];
  loading = current = null;
  busy = true;
  at("work").setAttribute("aria-busy", "true");
  try {
    await next();
  } catch (error) {
    trouble(error);
  } finally {
    busy = false;
    at("work").setAttribute("aria-busy", "false");
  }
});
at("help-button").addEventListener("click", () => at("help").showModal());
at("help").addEventListener("close", () => text.focus());
at("export").addEventListener("click", async () => {
  try {
    const told = await ask("/api/export");
    say(`${told.path}: ${told.decided.toLocaleString("en")} fields were decided by people.`);
  } catch (error) {
    trouble(error);
  }
  text.focus();
});
addEventListener("pagehide", () => ask("/api/leave", {}, true).catch(() => {}));
new ResizeObserver(() => { if (current) drawField(stage, current.item, current.field); }).observe(at("picture"));

// --- begin ------------------------------------------------------------------------------------------------------

async function begin(name) {
  const told = await ask("/api/who", { name });
  at("results").textContent = told.results;
  if (!told.name) return false;
  at("who").textContent = told.name;
  localStorage.setItem("name", told.name);
  await next();
  return true;
}

at("name-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    if (await begin(at("name").value)) at("name-dialog").close();
    text.focus();
  } catch (error) {
    at("name-trouble").textContent = error.message;
  }
});
at("name-dialog").addEventListener("cancel", (event) => event.preventDefault());

begin().then((known) => {
  if (known) return;
  at("name").value = localStorage.getItem("name") ?? "";
  at("name-dialog").showModal();
}).catch(trouble);

