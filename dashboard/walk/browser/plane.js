// A flat cut through all pictures: regions by what is read there, how far one may go, and a path in it, up to the step
// that is looked at. Everything is here from the start; see dashboard/walk/stepped.py.

import { element, text } from "./svg.js";

const SPACE = 100; // of the drawing, in each direction
const TONES = ["#4477AA", "#EE6677", "#228833", "#B59A1D", "#33A5C7", "#AA3377", "#8A8A8A", "#E07B39", "#7A5FC0", "#2FA88A"];
const [PALE, STRONG] = [30, 175]; // of 255: how much colour there is where a reader is unsure, and sure
const FEW = 60; // pictures, each of which has a dot; of more only those that are past
const RULERS = [2, 1, 0.5, 0.2, 0.1, 0.05, 0.02];

const chosen = new Map(); // key of a walk -> [plane, whose map] that a visitor left

export class Plane {
  constructor(place) {
    this.place = place;
    this.find = (name) => place.querySelector(name);
  }

  show({ key, planes, grids, words, goes, read }) {
    this.place.hidden = !planes;
    this.planes = planes;
    if (!planes) return;
    [this.key, this.grids, this.words, this.goes, this.read] = [key, grids, words, goes, read];
    const [which, whose] = chosen.get(key) ?? [0, 0];
    [this.which, this.whose] = [Math.min(which, planes.length - 1), whose];
    const sky = this.find("svg");
    sky.setAttribute("viewBox", `0 0 ${SPACE} ${SPACE}`);
    const groups = [["which", planes.map((one) => one.name)], ["whose", words.readers]];
    this.find(".choose").ariaLabel = words.choose;
    this.find(".choose").replaceChildren(...groups.flatMap(([kind, names]) => this.buttons(kind, names)));
    this.ground();
  }

  buttons(kind, names) {
    if (names.length < 2) return [];
    return names.map((name, nth) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
      button.ariaPressed = String(this[kind] === nth);
      button.name = `${kind}${nth}`;
      button.onclick = () => this.pick(kind, nth);
      return button;
    });
  }

  pick(kind, nth) {
    this[kind] = nth;
    chosen.set(this.key, [this.which, this.whose]);
    for (const button of this.find(".choose").children)
      if (button.name.startsWith(kind)) button.ariaPressed = String(button.name === `${kind}${nth}`);
    this.ground();
    this.draw(this.at);
  }

  // What is read everywhere, as colours.
  ground() {
    const { side, window: [left, right, bottom, top] } = this.planes[this.which];
    this.x = (along) => ((along - left) / (right - left)) * SPACE;
    this.y = (across) => ((top - across) / (top - bottom)) * SPACE;
    const size = side * side;
    const part = (nth) => this.grids.subarray((3 * this.which + nth) * size, (3 * this.which + nth + 1) * size);
    const [reads, sure, program] = [part(0), part(1), part(2)];
    const canvas = this.find("canvas");
    canvas.width = canvas.height = side;
    const image = canvas.getContext("2d").createImageData(side, side);
    const colours = TONES.map((tone) => [1, 3, 5].map((at) => parseInt(tone.slice(at, at + 2), 16)));
    for (let i = 0; i < size; i++) {
      image.data.set(colours[this.whose ? program[i] : reads[i]], 4 * i);
      image.data[4 * i + 3] = PALE + ((STRONG - PALE) * (this.whose ? 150 : Math.max(0, sure[i] - 25) * 1.11)) / 255;
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  draw(at) {
    this.at = at;
    if (!this.planes) return;
    const { spots, edge, regions, heard, axes, away } = this.planes[this.which];
    this.find(".axes").textContent = `${axes}\n${this.words.away.replace("{away}", away[at].toFixed(2))}`;
    const { x, y } = this;
    const inside = (one) => Math.max(1.5, Math.min(SPACE - 1.5, one));
    const place = ([along, across]) => [inside(x(along)), inside(y(across))];
    const line = (points) => points.map((one) => place(one).map((part) => part.toFixed(2)).join(",")).join(" ");
    const gone = spots.filter((_, step) => this.goes[step] && step <= at);
    const parts = [];
    if (edge.length) parts.push(element("polygon", { points: edge.map(([a, b]) => `${x(a).toFixed(2)},${y(b).toFixed(2)}`).join(" "), class: "edge" }));
    for (const [digit, a, b] of regions[this.whose]) parts.push(text(x(a), y(b) + 2.2, digit, "region", "middle"));
    parts.push(element("polyline", { points: line(spots.filter((_, step) => this.goes[step])), class: "rest" }));
    parts.push(element("polyline", { points: line(gone), class: "gone" }));
    spots.forEach((spot, step) => {
      if (step > at && spots.length > FEW) return;
      const [cx, cy] = place(spot);
      parts.push(element("circle", { cx, cy, r: this.goes[step] ? 0.9 : 0.55, class: step <= at ? "past" : "next" }));
    });
    const [sx, sy] = place(spots[0]);
    parts.push(element("path", { d: `M${sx - 2.2} ${sy}h4.4M${sx} ${sy - 2.2}v4.4`, class: "start" }));
    const [cx, cy] = place(spots[at]);
    const now = this.read[at][0].find(([, , , whose]) => whose !== "program");
    parts.push(element("circle", { cx, cy, r: 3.6, class: "head", fill: TONES[now[4]] }));
    parts.push(text(cx, cy + 1.75, now[4], "reads", "middle"));
    parts.push(...this.ruler());
    const sky = this.find("svg");
    sky.replaceChildren(...parts);
    sky.setAttribute("aria-label", heard[this.whose]);
  }

  // A length to compare with.
  ruler() {
    const { window: [left, right] } = this.planes[this.which];
    const long = RULERS.find((one) => one / (right - left) < 0.3);
    const wide = (long / (right - left)) * SPACE;
    return [element("path", { d: `M${SPACE - 3 - wide} ${SPACE - 3}h${wide}`, class: "start" }), text(SPACE - 3 - wide / 2, SPACE - 4.5, long, "tick", "middle")];
  }
}
