// The whole page, with the field marked: zoom, move, and back to the field.

const NEAREST = 8, STEP = 1.35, MOVE = 60;

export class Viewer {
  constructor(view) {
    this.view = view;
    this.onField = true;
    this.sheet = null;
    view.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? STEP : 1 / STEP, event.offsetX, event.offsetY);
    }, { passive: false });
    view.addEventListener("pointerdown", (event) => {
      view.setPointerCapture(event.pointerId);
      view.classList.add("dragging");
      this.from = [event.clientX - this.x, event.clientY - this.y];
    });
    view.addEventListener("pointermove", (event) => {
      if (!this.from) return;
      [this.x, this.y] = [event.clientX - this.from[0], event.clientY - this.from[1]];
      this.place();
    });
    for (const name of ["pointerup", "pointercancel"]) {
      view.addEventListener(name, () => { this.from = null; view.classList.remove("dragging"); });
    }
    new ResizeObserver(() => this.fit()).observe(view);
  }

  show(shown, image) {
    this.shown = shown;
    this.sheet = document.createElement("div");
    if (!image) {
      this.sheet.className = "none";
      this.sheet.textContent = shown.trouble ?? "The page cannot be shown.";
      this.view.replaceChildren(this.sheet);
      this.shown = null;
      return;
    }
    this.sheet.className = "sheet";
    this.sheet.append(image);
    if (shown.outline) this.sheet.append(outlined(shown));
    this.view.replaceChildren(this.sheet);
    this.fit();
  }

  toggle() {
    this.onField = !this.onField;
    this.fit();
  }

  // The field with what is around it, or the whole page.
  fit() {
    if (!this.shown) return;
    const { clientWidth: wide, clientHeight: high } = this.view;
    let [x0, y0, x1, y1] = [0, 0, this.shown.width, this.shown.height];
    const whole = Math.min(wide / x1, high / y1);
    this.scale = whole;
    if (this.onField && this.shown.outline) {
      const xs = this.shown.outline.filter((_, i) => i % 2 === 0), ys = this.shown.outline.filter((_, i) => i % 2);
      [x0, y0, x1, y1] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
      this.scale = Math.max(whole, Math.min(1.2, wide / (2.2 * (x1 - x0)), high / (6 * (y1 - y0))));
    }
    this.x = wide / 2 - this.scale * (x0 + x1) / 2;
    this.y = high / 2 - this.scale * (y0 + y1) / 2;
    if (this.scale * this.shown.width > wide) {  // no more of the desk than must be
      this.x = Math.min(0, Math.max(wide - this.scale * this.shown.width, this.x));
    }
    if (this.scale * this.shown.height > high) {
      this.y = Math.min(0, Math.max(high - this.scale * this.shown.height, this.y));
    }
    this.place();
  }

  zoom(times, x = this.view.clientWidth / 2, y = this.view.clientHeight / 2) {
    if (!this.shown) return;
    const scale = Math.min(NEAREST, Math.max(0.1, this.scale * times));
    this.x = x - (x - this.x) * scale / this.scale;
    this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale;
    this.place();
  }

  move(right, down) {
    this.x -= MOVE * right;
    this.y -= MOVE * down;
    this.place();
  }

  place() {
    if (this.shown) this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
  }
}

function outlined(shown) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("width", shown.width);
  svg.setAttribute("height", shown.height);
  const polygon = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  polygon.setAttribute("points", shown.outline.join(" "));
  svg.append(polygon);
  return svg;
}
