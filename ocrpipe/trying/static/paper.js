// The sheet one draws on, with the mouse, a finger or a stylus; or the picture that lies on it instead.

export class Paper {
  // `changed` is called when a stroke has ended or was taken back, or all is cleared.
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.changed = changed;
    this.strokes = [];
    this.pen = 15;
    this.stroke = null;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => this.up());
    this.redraw();
  }

  get isEmpty() {
    return this.strokes.length === 0;
  }

  down(event) {
    if (event.button !== 0 || this.stroke) return;
    if (this.isEmpty) this.redraw();  // a picture that lies there gives way
    this.canvas.setPointerCapture(event.pointerId);
    this.stroke = { width: this.pen, points: [this.at(event)] };
    this.strokes.push(this.stroke);
    this.draw(this.stroke);
  }

  move(event) {
    if (!this.stroke) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.stroke.points.push(...(events.length ? events : [event]).map((one) => this.at(one)));
    this.draw(this.stroke);
  }

  up() {
    if (!this.stroke) return;
    this.stroke = null;
    this.redraw();
    this.changed();
  }

  // Where a pointer is, in pixels of the canvas.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      (event.clientX - box.left) * this.canvas.width / box.width,
      (event.clientY - box.top) * this.canvas.height / box.height,
    ];
  }

  // A smooth line: through the middle between every two points, bent towards each.
  draw({ width, points }) {
    const { context } = this;
    context.lineWidth = width;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "#16181b";
    context.beginPath();
    context.moveTo(...points[0]);
    for (let i = 1; i < points.length - 1; i++) {
      const [x, y] = points[i], [u, v] = points[i + 1];
      context.quadraticCurveTo(x, y, (x + u) / 2, (y + v) / 2);
    }
    context.lineTo(...points.at(-1));
    context.stroke();
  }

  redraw() {
    this.context.fillStyle = "#fff";
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.strokes.forEach((stroke) => this.draw(stroke));
  }

  undo() {
    if (!this.strokes.pop()) return;
    this.redraw();
    this.changed();
  }

  clear() {
    this.forget();
    this.changed();
  }

  forget() {
    this.strokes = [];
    this.redraw();
  }

  // Shows a picture in place of what was drawn.
  lay(picture) {
    this.forget();
    const scale = Math.min(this.canvas.width / picture.width, this.canvas.height / picture.height, 4);
    const [wide, high] = [picture.width * scale, picture.height * scale];
    this.context.drawImage(picture, (this.canvas.width - wide) / 2, (this.canvas.height - high) / 2, wide, high);
  }

  // The drawing as PNG in base64, at once: `toBlob` may wait a second for an idle moment.
  png() {
    return this.canvas.toDataURL("image/png").split(",")[1];
  }
}
