// Plots and tables of what the record tells.

const at = (id) => document.getElementById(id);
const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

function element(name, attributes = {}, ...inside) {
  const svg = ["svg", "line", "circle", "rect", "text", "path"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

function table(head, rows) {
  const cells = (name, row) => element("tr", {}, ...row.map((cell) => element(name, {}, String(cell))));
  return element("table", {}, element("thead", {}, cells("th", head)), element("tbody", {}, ...rows.map((row) => cells("td", row))));
}

// Agreement by band of confidence; bands are as wide as each other, since the last ones tell most.
function bandPlot(bands) {
  const [wide, high, left, bottom] = [760, 300, 60, 50];
  const low = Math.max(0, Math.min(...bands.map((band) => Math.min(band.low, band.confidence))) - 0.02);
  const x = (i) => left + (i + 0.5) * (wide - left) / bands.length;
  const y = (share) => (high - bottom) * (1 - (share - low) / (1 - low)) + 10;
  const svg = element("svg", { viewBox: `0 0 ${wide} ${high}`, class: "plot", role: "img", "aria-label": "Agreement by confidence" });
  for (let k = 0; k <= 4; k++) {
    const share = low + k * (1 - low) / 4;
    svg.append(element("line", { x1: left, x2: wide, y1: y(share), y2: y(share), class: "axis" }),
      element("text", { x: left - 8, y: y(share) + 4, "text-anchor": "end" }, percent(share)));
  }
  svg.append(element("path", { class: "exact", d: bands.map((band, i) => `${i ? "L" : "M"}${x(i)} ${y(band.confidence)}`).join("") }));
  bands.forEach((band, i) => svg.append(
    element("line", { x1: x(i), x2: x(i), y1: y(band.low), y2: y(band.high), class: "whisker" }),
    element("circle", { cx: x(i), cy: y(band.agreed / band.fields), r: 6 }),
    element("text", { x: x(i), y: high - 18, "text-anchor": "middle" }, `${percent(band.from)} –`),
    element("text", { x: x(i), y: high - 3, "text-anchor": "middle" }, `${percent(band.to)}`),
  ));
  return svg;
}

function confusedPlot(pairs) {
  const [wide, row, left] = [520, 26, 130], most = pairs[0].times;
  const svg = element("svg", { viewBox: `0 0 ${wide} ${row * pairs.length}`, class: "plot", role: "img", "aria-label": "Confused figures" });
  pairs.forEach((pair, i) => svg.append(
    element("text", { x: left - 10, y: i * row + 17, "text-anchor": "end" }, `${pair.is} read as ${pair.read}`),
    element("rect", { x: left, y: i * row + 4, width: (wide - left - 50) * pair.times / most, height: row - 8, rx: 3 }),
    element("text", { x: left + (wide - left - 50) * pair.times / most + 8, y: i * row + 17 }, String(pair.times)),
  ));
  return svg;
}

function verdict(promise) {
  if (!promise.audited) return ["Nothing of the random sample was keyed yet.", ""];
  const seen = `${promise.wrong} of ${promise.audited} accepted fields were wrong`;
  if (promise.broken) return [`No: ${seen}, more than ${percent(promise.promised)} can be by chance. Calibrate on your own scans.`, "broken"];
  return [`Nothing speaks against it: ${seen}; promised are at most ${percent(promise.promised)}.`, "holds"];
}

const told = await (await fetch("/api/numbers", { credentials: "same-origin" })).json();
at("done").textContent = `${(told.items - told.left).toLocaleString("en")} of ${told.items.toLocaleString("en")} fields are decided${
  told.double_key ? `, ${told.disputed} disputed` : ""}.`;
const [words, kind] = verdict(told.promise);
at("verdict").textContent = words;
if (kind) at("verdict").classList.add(kind);
const { of: drawn, accepted, audited, low, high } = told.promise;
at("sample").textContent = `The sample: ${drawn} drawn at random from ${accepted.toLocaleString("en")} accepted fields, ${audited} keyed.`
  + (audited ? ` The true rate lies between ${percent(low, 2)} and ${percent(high, 2)} (95 %).` : "");
at("bands").append(told.bands.length ? bandPlot(told.bands) : "Nothing was decided yet.");
if (told.bands.length) {
  at("bands").append(table(["confidence", "fields", "agreed", "95 % interval"], told.bands.map((band) => [
    `${percent(band.from)} – ${percent(band.to)}`, band.fields, percent(band.agreed / band.fields),
    `${percent(band.low)} – ${percent(band.high)}`])));
}
const rate = (value) => (value == null ? "–" : Math.round(value).toLocaleString("en"));
at("people").append(told.people.length ? table(["who", "fields", "median seconds", "fields an hour", "keys an hour"],
  told.people.map((one) => [one.who, one.fields, one.median_s.toFixed(1), rate(one.fields_an_hour), rate(one.keys_an_hour)])) : "Nobody has keyed yet.");
at("confused").append(told.confused.length ? confusedPlot(told.confused) : "None yet.");
