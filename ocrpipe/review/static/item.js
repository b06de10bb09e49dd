// One field, drawn: its picture, the cuts, each figure under its crop, and the other readings.

const FIGURES_HIGH = 64;

// How sure the network is of one character; in words too, for whoever does not see colours.
export function sureness(prob) {
  if (prob >= 0.99) return "sure";
  if (prob >= 0.9) return "likely";
  if (prob >= 0.6) return "doubtful";
  return "wrong";
}

export function drawField(stage, item, image) {
  const frame = stage.parentElement;
  if (!image) {
    const none = element("p", "none", item.field_picture.trouble ?? "The field cannot be shown.");
    stage.style.transform = "";
    stage.replaceChildren(none);
    return;
  }
  const { width, height } = item.field_picture;
  const room = item.characters.length ? FIGURES_HIGH : 0;
  const scale = Math.min(frame.clientWidth / width, (frame.clientHeight - room) / height, 3);
  image.style.width = `${width * scale}px`;
  image.style.height = `${height * scale}px`;
  const parts = [image];
  item.characters.forEach((character, place) => {
    const [x0, y0, x1, y1] = character.box.map((v) => v * scale);
    const box = element("div", `box ${sureness(character.prob)}`);
    box.dataset.place = place;
    setBox(box, x0, y0, x1 - x0, y1 - y0);
    const figure = element("div", `figure ${sureness(character.prob)}`, character.text);
    figure.title = percent(character.prob);
    figure.append(element("small", "", String(Math.floor(100 * character.prob))));
    setBox(figure, (x0 + x1) / 2 - 24, height * scale + 4, 48, FIGURES_HIGH - 8);
    parts.push(box, figure);
  });
  stage.style.width = `${width * scale}px`;
  stage.style.transform = `translate(${(frame.clientWidth - width * scale) / 2}px, ${
    (frame.clientHeight - room - height * scale) / 2}px)`;
  stage.replaceChildren(...parts);
}

// Marks the crop of one digit of the value, counted among digits; none for -1, nor where the value has the digits in
// another order than the paper, as dates have.
export function markDigit(stage, item, digit) {
  const places = item.characters.map((c, i) => (/\d/.test(c.text) ? i : -1)).filter((i) => i >= 0);
  const written = places.map((i) => item.characters[i].text).join("");
  const alike = (item.value ?? "").replace(/\D/g, "").startsWith(written);
  for (const box of stage.querySelectorAll(".box")) {
    box.classList.toggle("at", alike && digit >= 0 && Number(box.dataset.place) === places[digit]);
  }
}

export function drawRunnersUp(list, item, choose) {
  list.replaceChildren(...item.runners_up.map((one, i) => {
    const button = element("button", "", "");
    button.type = "button";
    button.append(element("kbd", "", String(i + 1)), ` ${one.value} `, element("small", "", percent(one.prob)));
    button.addEventListener("click", () => choose(one.value));
    const row = element("li", "");
    row.append(button);
    return row;
  }));
}

const WHY = {
  low_confidence: "the machine is not sure", blank_required: "blank, but must not be", blank_unsure: "perhaps blank",
  no_reading: "ink, but no value", out_of_range: "outside the range of the form", checksum: "the check digit does not fit",
  cross_check: "the MICR line says otherwise", uncalibrated: "nothing is promised for this kind",
  registration: "the page does not fit its form", not_found: "not found on the page", distorted: "the sheet is distorted",
};

export function why(item) {
  if (item.entries.length) {
    const said = item.entries.map((one) => one.value ?? one.action).join("” and “");
    return `two people differ: “${said}”`;
  }
  if (item.blind) return item.part === "audit" ? "a check of what was accepted: key what you see" : "keyed by two, each alone";
  const sure = item.confidence == null ? "" : ` (${percent(item.confidence)})`;
  return `${WHY[item.reason] ?? item.reason ?? ""}${sure}${item.detail ? `: ${item.detail}` : ""}`;
}

export function percent(share) {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  return `${(100 * share).toFixed(share < 0.01 || (share > 0.99 && share < 1) ? 1 : 0)} %`;
}

// A picture that is ready to be painted, or null.
export async function picture(shown) {
  if (!shown.url) return null;
  const image = new Image(shown.width, shown.height);
  image.alt = "";
  image.draggable = false;
  image.src = shown.url;
  try {
    await image.decode();
  } catch {
    return null;
  }
  return image;
}

function setBox(of, x, y, width, height) {
  Object.assign(of.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
