// A pad to draw points on. They stay in the browser until the visitor says that they are to be used.

import { COLOURS, label, mark } from "./scrubber.js";

const SAME = 0.003; // closer than that, two points may become one place of the link
const GAP = 0.03; // between two points of one stroke, in half-widths of the pad
const pads = new WeakMap(); // where Streamlit draws -> the pad that is drawn there
const drawings = new Map(); // key -> points; a page that is drawn again has not forgotten them

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const section = parentElement.querySelector(".pad");
  let pad = pads.get(parentElement);
  if (pad?.section !== section) pads.set(parentElement, (pad = new Pad(section)));
  pad.show(data, (rows) => setTriggerValue("rows", rows));
  return () => pad.watch.disconnect();
}

class Pad {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.canvas = this.find("canvas");
    this.canvas.onpointerdown = (event) => this.begin(event);
    this.canvas.onkeydown = (event) => this.pressed(event);
    this.canvas.setAttribute("role", "application"); // it has keys of its own
    this.find("[name=class]").onchange = () => this.draw();
    this.cursor = [0, 0];
    this.moved = false; // by keys: its place is told from then on
    this.watch = new ResizeObserver(() => this.draw());
    this.clicked("undo", () => this.points.pop());
    this.clicked("clear", () => this.points.splice(0));
    this.find("[name=use]").onclick = () => this.use(this.points.map(([x, y, kind]) => `${x.toFixed(3)},${y.toFixed(3)},${kind}`).join("\n"));
  }

  clicked(name, does) {
    this.find(`[name=${name}]`).onclick = () => (does(), this.draw());
  }

  show(data, use) {
    const { words, key, most, classes } = data;
    this.words = words;
    this.most = most;
    this.use = use;
    this.points = drawings.get(key) ?? drawings.set(key, []).get(key);
    const kinds = this.find("[name=class]");
    if (kinds.options.length !== classes) kinds.replaceChildren(...Array.from({ length: classes }, (_, kind) => new Option(kind, kind)));
    for (const name of ["undo", "clear", "use"]) this.find(`[name=${name}]`).textContent = words[name];
    this.find("label span").textContent = words.class;
    label(kinds, words.class);
    this.canvas.ariaLabel = words.title;
    this.section.classList.add("drawn");
    this.watch.observe(this.canvas);
    this.draw();
  }

  get kind() {
    return Number(this.find("[name=class]").value);
  }

  begin(event) {
    if (event.button || !event.isPrimary) return;
    this.canvas.setPointerCapture(event.pointerId);
    const before = [...this.points];
    const draws = (one) => one.isPrimary && this.add(...this.place(one));
    draws(event);
    this.canvas.onpointermove = draws;
    this.canvas.onpointerup = this.canvas.onpointercancel = ({ isPrimary, type }) => {
      if (!isPrimary) return;
      this.canvas.onpointermove = null;
      if (type === "pointercancel") this.points.splice(0, this.points.length, ...before); // the finger moves the page
      this.draw();
    };
  }

  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return [(2 * (clientX - box.left)) / box.width - 1, 1 - (2 * (clientY - box.top)) / box.height];
  }

  add(x, y) {
    if (Math.max(Math.abs(x), Math.abs(y)) > 1 || this.points.length >= this.most) return;
    const [before] = this.points.slice(-1);
    if (before && before[2] === this.kind && Math.hypot(before[0] - x, before[1] - y) < GAP) return;
    const left = this.points.filter(([a, b, kind]) => kind === this.kind || Math.hypot(a - x, b - y) > SAME);
    this.points.splice(0, this.points.length, ...left, [x, y, this.kind]); // a place has one class: the one drawn last
    this.draw();
  }

  // Arrows move a cross, the space bar sets a point there.
  pressed(event) {
    const step = { ArrowLeft: [-0.05, 0], ArrowRight: [0.05, 0], ArrowUp: [0, 0.05], ArrowDown: [0, -0.05] }[event.key];
    if (step) [this.cursor, this.moved] = [this.cursor.map((one, i) => Math.max(-1, Math.min(1, one + step[i]))), true];
    else if (event.key === " ") this.add(...this.cursor);
    else return;
    event.preventDefault();
    this.draw();
  }

  draw() {
    const { canvas } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const wide = Math.round(canvas.clientWidth * ratio);
    if (!wide) return;
    [canvas.width, canvas.height] = [wide, wide];
    const pen = canvas.getContext("2d");
    const at = (x, y) => [((x + 1) / 2) * wide, ((1 - y) / 2) * wide];
    const size = 14 * ratio;
    for (const [x, y, kind] of this.points) {
      const [right, down] = at(x, y);
      pen.save();
      pen.translate(right - size / 2, down - size / 2);
      mark(pen, kind, size, false);
      pen.restore();
    }
    const [right, down] = at(...this.cursor);
    pen.strokeStyle = COLOURS[this.kind];
    pen.beginPath();
    pen.moveTo(right - size / 2, down), pen.lineTo(right + size / 2, down), pen.moveTo(right, down - size / 2), pen.lineTo(right, down + size / 2);
    pen.stroke();
    const counts = [0, 0, 0, 0];
    for (const [, , kind] of this.points) counts[kind] += 1;
    const told = [this.words.count.replace("{count}", this.points.length).replace("{classes}", counts.join(" / "))];
    if (this.moved) told.push(this.words.at.replace("{x}", this.cursor[0].toFixed(2)).replace("{y}", this.cursor[1].toFixed(2)));
    this.find(".count").textContent = told.join(" · ");
    for (const name of ["undo", "clear", "use"]) this.find(`[name=${name}]`).disabled = !this.points.length;
  }
}
