// The lattice over the line of writing: the chosen way above it, what else was weighed below.

import { paint, wipe } from "/static/planes.js";
import { percent, sign } from "/static/words.js";

const ABOVE = 84, BELOW = 150;  // room for arcs, px
const NEAREST = 4;
const LEGIBLE = 34;  // an arc as wide has room for its share, px

export class Lattice {
  // `chosen` is called with the arc that somebody points at, or moves to by keys.
  constructor(room, line, chosen) {
    [this.room, this.line, this.chosen] = [room, line, chosen];
    this.told = null;
    this.at = -1;
    new ResizeObserver(() => this.draw()).observe(room);
  }

  show(told) {
    const place = this.told && this.told.path.indexOf(this.at);
    this.told = told.frame ? told : null;
    told.path.forEach((i) => { told.arcs[i].on_path = true; });
    this.at = -1;
    this.draw();
    if (!this.told) return this.chosen(null);
    const { path, arcs } = told;
    const kept = path[Math.min(Math.max(place ?? 0, 0), path.length - 1)];
    this.select(kept ?? arcs.findIndex((arc) => arc.prob === Math.max(...arcs.map((one) => one.prob))));
  }

  // Along the chosen way, or with `aside` through all arcs from left to right.
  step(by, aside) {
    if (!this.told) return;
    const order = aside ? this.told.arcs.map((_, i) => i) : this.told.path;
    if (!order.length) return;
    const here = aside ? this.at : this.nearest();
    const to = order[Math.min(Math.max(order.indexOf(here) + by, 0), order.length - 1)];
    this.select(to);
    if (this.room.contains(document.activeElement)) this.drawn[to].focus();
  }

  // The arc of the path that covers most of the one that is selected.
  nearest() {
    const { arcs, path } = this.told, one = arcs[this.at];
    const shared = (i) => Math.min(arcs[i].end, one.end) - Math.max(arcs[i].start, one.start);
    return path.reduce((best, i) => (shared(i) > shared(best) ? i : best), path[0]);
  }

  select(index) {
    if (index === this.at || !this.told?.arcs[index]) return;
    this.at = index;
    this.mark();
    this.chosen(this.told.arcs[index], this.told);
  }

  mark() {
    this.drawn.forEach((arc, i) => {
      arc.setAttribute("aria-checked", String(i === this.at));
      arc.setAttribute("tabindex", i === this.at ? "0" : "-1");
    });
    const arc = this.told.arcs[this.at];
    if (!arc) return;
    const [x0, y0, x1, y1] = arc.box.map((v) => v * this.scale);
    for (const [name, value] of Object.entries({ x: this.left + x0, y: ABOVE + y0, width: x1 - x0, height: y1 - y0 })) {
      this.selected.setAttribute(name, value);
    }
  }

  draw() {
    this.room.querySelector("svg")?.remove();
    this.drawn = [];
    if (!this.told) return wipe(this.line);
    const { frame, nodes, arcs, path } = this.told;
    const { clientWidth: wide, clientHeight: high } = this.room;
    this.scale = Math.min((wide - 24) / frame.width, (high - ABOVE - BELOW) / frame.height, NEAREST);
    this.left = (wide - frame.width * this.scale) / 2;
    this.bottom = ABOVE + frame.height * this.scale;
    paint(this.line, frame);
    Object.assign(this.line.style, {
      left: `${this.left}px`, top: `${ABOVE}px`, width: `${frame.width * this.scale}px`, height: `${frame.height * this.scale}px`,
    });
    const svg = shape("svg", { role: "radiogroup", "aria-label": "Cuts, from left to right", viewBox: `0 0 ${wide} ${high}` });
    const onPath = new Set(path.flatMap((i) => [arcs[i].start, arcs[i].end]));
    nodes.forEach((x, node) => svg.append(...this.cut(this.left + x * this.scale, onPath.has(node))));
    this.selected = shape("rect", { id: "selected", rx: 3 });
    svg.append(this.selected);
    this.drawn = arcs.map((arc, i) => this.arc(arc, i));
    svg.append(...this.drawn.filter((_, i) => !arcs[i].on_path), ...path.map((i) => this.drawn[i]));
    this.room.append(svg);
    this.mark();
  }

  cut(x, onPath) {
    const named = onPath ? "on-path" : "";
    return [
      shape("line", { x1: x, x2: x, y1: ABOVE, y2: this.bottom, class: `cut ${named}` }),
      shape("circle", { cx: x, cy: onPath ? ABOVE : this.bottom, r: onPath ? 4.5 : 3, class: `node ${named}` }),
    ];
  }

  arc(arc, i) {
    const [from, to] = [arc.start, arc.end].map((node) => this.left + this.told.nodes[node] * this.scale);
    const middle = (from + to) / 2, pieces = arc.end - arc.start;
    const foot = arc.on_path ? ABOVE : this.bottom;
    const depth = arc.on_path ? -34 : 26 + Math.min(20 * (pieces - 1), BELOW - 50);
    const d = `M${from} ${foot} C${from} ${foot + depth * 1.33} ${to} ${foot + depth * 1.33} ${to} ${foot}`;
    const words = `${sign(arc.symbol)}, ${percent(arc.prob)}, ${pieces === 1 ? "one piece" : `${pieces} pieces`}${
      arc.on_path ? ", on the chosen way" : ""}`;
    const group = shape("g", { class: `arc ${arc.on_path ? "on-path" : ""}`, role: "radio", "aria-label": words });
    const line = shape("path", { d, opacity: arc.on_path ? 1 : 0.3 + 0.7 * arc.prob });
    group.append(line, shape("path", { d, class: "reach" }));
    if (arc.on_path) {
      group.append(shape("text", { x: middle, y: foot - 52 }, arc.symbol));
      if (to - from >= LEGIBLE) group.append(shape("text", { x: middle, y: foot - 36, class: "prob" }, percent(arc.prob)));
    } else {
      group.append(shape("text", { x: middle, y: foot + depth + 5 }, arc.symbol));
    }
    for (const name of ["pointerenter", "focus", "click"]) group.addEventListener(name, () => this.select(i));
    return group;
  }
}

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}
