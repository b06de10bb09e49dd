// What was read, whether it is believed at the promise that is chosen, and who says what.

import { at, element, percent } from "/static/words.js";

const STATUS = { accepted: "Accepted", review: "To a person", blank: "Blank" };
const MARKS = { accepted: "✓", review: "→", blank: "✓" };
const NINES = 4;  // to the right end of the gauge
const LONG = 13;  // characters that the large type holds

export function offerPromises(promises, chosen, change) {
  at("promises").append(...promises.map((promise) => {
    const label = element("label", ""), input = element("input", "");
    Object.assign(input, { type: "radio", name: "promise", value: promise, checked: promise === chosen });
    input.addEventListener("change", change);
    label.append(input, `${+(100 * promise).toFixed(4)} %`, element("small", ""));
    return label;
  }));
}

export function showReading(told) {
  drawDecision(told);
  drawValues(at("values"), told?.values ?? [], told?.value);
  const readers = Object.fromEntries((told?.readers ?? []).map((one) => [one.reader, valuesOf(one, told.value)]));
  drawValues(at("by-cuts"), readers.lattice ?? [], told?.value);
  drawValues(at("by-sweep"), readers.sweep ?? [], told?.value);
  drawLooks(told);
}

// The decision at the chosen promise; each promise shows what it would be there.
export function drawDecision(told) {
  const decisions = told?.decisions ?? [], labels = [...at("promises").querySelectorAll("label")];
  labels.forEach((label, i) => {
    label.className = decisions[i]?.status ?? "";
    label.querySelector("small").textContent = decisions[i] ? MARKS[decisions[i].status] : "";
  });
  const decision = decisions[labels.findIndex((label) => label.querySelector("input").checked)];
  const value = told ? told.value || (told.value === "" ? "blank" : "?") : "–";
  at("value").textContent = value;
  at("value").classList.toggle("long", value.length > LONG);
  at("written").textContent = told?.text && told.text !== told.value ? `written ${told.text}` : "";
  at("status").textContent = decision ? STATUS[decision.status] : "Nothing yet";
  at("status").className = at("sure").className = decision?.status ?? "";
  at("because").textContent = decision?.because ?? "";
  drawGauge(decision?.confidence ?? null, decision?.threshold ?? null);
}

// Each nine of the confidence takes the same room: what matters happens between 90 and 99.99 %.
function drawGauge(confidence, threshold) {
  const along = (share) => `${100 * Math.min(1, -Math.log10(Math.max(1 - share, 1e-9)) / NINES)}%`;
  at("sure").style.width = confidence === null ? "0" : along(confidence);
  at("least").hidden = threshold === null;
  at("least").style.left = along(threshold ?? 0);
  at("gauge").setAttribute("aria-label", confidence === null ? "No confidence" :
    `Confidence ${(100 * confidence).toFixed(2)} %${threshold === null ? "" : `, needed ${(100 * threshold).toFixed(2)} %`}`);
}

function drawValues(table, values, agreed) {
  table.replaceChildren(...values.map(({ value, prob }) => line(value === "" ? "blank" : value, prob, value === agreed)));
}

// What a reader would read by itself; the value that was agreed on is among it, however little it gives to that.
function valuesOf({ values, agreed }, value) {
  if (value === null || values.some((one) => one.value === value)) return values;
  return [...values.slice(0, -1), { value, prob: agreed }];
}

function drawLooks(told) {
  const looks = told?.looks ?? [];
  at("looks").replaceChildren(...looks.map((look) => line(
    look.value === null ? "nothing" : look.value || "blank", look.prob ?? 0, look.value === told.value,
    `${nameOf(look)}${look.shown && looks.length > 1 ? ", shown" : ""}`)));
  const agreeing = looks.filter((look) => look.value === told.value).length;
  at("looks-note").textContent = !looks.length ? "" : looks.length === 1
    ? "One look sufficed: less than 3 % was left to anything else."
    : `${agreeing} of ${looks.length} thresholds between paper and ink agree. Their shares are averaged.`;
}

function nameOf({ threshold }) {
  if (threshold === 1) return "first";
  return threshold < 1 ? "fainter ink, too" : "darker ink only";
}

function line(value, prob, isAgreed, remark) {
  const made = element("tr", isAgreed ? "agreed" : ""), head = element("th", "", value);
  head.scope = "row";
  made.append(head, ...(remark ? [element("td", "", remark)] : []), element("td", "", percent(prob)));
  return made;
}
