// A picture on its way, step by step. Its start and the direction of every step are here at once; every picture is made
// of them, as the labs make it (lib/labs/panda/scene.py); or the pictures are here themselves, and a map of what is read
// around them. It plays once by itself, when it is first seen uncovered.

import { Plane } from "./plane.js";
import { element, line, text } from "./svg.js";

const GREY = 128; // where the magnified change is nothing
const [SECONDS, LONGEST] = [0.28, 8]; // that a step lasts on the screen at most, and a long walk
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 12, 20]; // pixels around the curves, with letters of LETTERS
const LETTERS = 12; // pixels; on a projector they are larger
const TONES = ["#0072b2", "#d55e00"]; // of what is there, and of what it is to be taken for
const DASHES = ["8 3", ""];

const places = new Map(); // key -> the step that a visitor left
const played = new Set(); // keys of what has played by itself
const walks = new WeakMap(); // where Streamlit draws -> the walk that is drawn there

export default function ({ data, parentElement }) {
  const section = parentElement.querySelector(".walk");
  let one = walks.get(parentElement);
  if (one?.section !== section) {
    one?.leave();
    one = new Walk(section);
    walks.set(parentElement, one);
  }
  one.show(unpacked(data));
  return () => one.leave();
}

function unpacked(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const long = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + long)));
  const size = 3 * head.side ** 2;
  const clean = bytes.slice(4 + long, 4 + long + size);
  if (!head.frames) return { ...head, clean, ways: bytes.slice(4 + long + size) };
  const all = size * (head.steps + 1); // of the pictures, and again of their changes
  const [sums, changes] = [0, all].map((from) => bytes.slice(4 + long + size + from, 4 + long + size + from + all));
  return { ...head, clean, sums, changes, grids: bytes.slice(4 + long + size + 2 * all) };
}

class Walk {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.slider = this.find(".slider");
    this.plane = new Plane(this.find(".plane"));
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.find("[name=play]").onclick = () => (this.timer ? this.halt() : this.play(this.data.steps));
    this.watch = new ResizeObserver(() => this.data && this.curves());
    this.seen = new IntersectionObserver((told) => told.some((one) => one.isIntersecting) && this.first(), { threshold: 0.5 });
  }

  // A walk from the server, also while it grows and when a page is drawn again: the visitor stays where they were.
  show(data) {
    const before = this.data;
    this.data = data;
    this.place = null;
    const growing = !data.done;
    const rest = growing ? data.steps : Math.min(data.attack, data.steps);
    const waits = !this.calm && !growing && !data.covered && !played.has(data.key) && !before?.steps;
    this.at = Math.min(places.get(data.key) ?? (waits ? 0 : rest), data.steps);
    this.slider.max = data.steps;
    this.slider.disabled = this.find("[name=play]").disabled = !data.steps;
    this.slider.ariaLabel = data.words.place;
    for (const canvas of this.section.querySelectorAll("canvas")) canvas.width = canvas.height = data.side;
    for (const [name, text] of [["photo", data.words.photo], ["change", data.words.change], ["sum", data.words.sum]])
      this.find(`[name=${name}] figcaption`).textContent = text;
    this.paint("photo", (i) => data.clean[i]);
    this.said("photo", data.read[0][0]);
    this.section.classList.toggle("mapped", !!data.planes);
    this.plane.show(data);
    this.section.classList.add("drawn");
    this.draw();
    this.watch.observe(this.find(".curve"));
    this.seen.unobserve(this.section); // what is watched anew tells at once whether it is seen
    this.seen.observe(this.section);
  }

  get calm() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  first() {
    const { key, covered, done, attack } = this.data;
    if (covered || !done || played.has(key)) return;
    played.add(key);
    if (!this.calm && !places.has(key)) this.play(attack);
  }

  play(until) {
    this.halt();
    if (this.at >= until) this.at = 0;
    this.draw();
    this.timer = setInterval(() => {
      if (this.at >= Math.min(until, this.data.steps)) return this.halt();
      this.at += 1;
      this.draw();
    }, 1000 * Math.min(SECONDS, LONGEST / until));
    this.named();
  }

  halt() {
    clearInterval(this.timer);
    this.timer = 0;
    this.named();
  }

  go(at) {
    this.halt();
    this.at = at;
    places.set(this.data.key, at);
    this.draw();
  }

  leave() {
    clearInterval(this.timer);
    this.timer = 0;
    this.watch.disconnect();
    this.seen.disconnect();
  }

  named() {
    const button = this.find("[name=play]");
    button.textContent = this.timer ? "❚❚" : "▶";
    button.ariaLabel = button.title = this.timer ? this.data.words.pause : this.data.words.play;
  }

  // By how many levels each number has moved after so many steps, within ε and within what a picture can hold.
  moved(steps) {
    const { clean, ways, stride, eps } = this.data;
    if (!this.place || this.placed > steps) [this.place, this.placed] = [new Float64Array(clean.length), 0];
    for (; this.placed < steps; this.placed++) {
      const from = this.placed * (clean.length / 8);
      for (let i = 0; i < clean.length; i++) {
        const sign = (ways[from + (i >> 3)] >> (7 - (i & 7))) & 1 ? 1 : -1;
        const low = Math.max(-eps, -clean[i]);
        const high = Math.min(eps, 255 - clean[i]);
        this.place[i] = Math.min(high, Math.max(low, this.place[i] + stride * sign));
      }
    }
    return this.place;
  }

  draw() {
    const { data } = this;
    if (data.frames) this.framed();
    else this.made();
    this.plane.draw(this.at);
    const [sum, change] = data.read[Math.min(this.at, data.read.length - 1)];
    this.said("change", data.covered ? [] : change);
    this.said("sum", data.covered ? [] : sum);
    const text = data.covered ? data.words.hidden : data.words.step.replace("{step}", this.at);
    this.find(".said").textContent = text;
    this.slider.value = this.at;
    this.slider.ariaValueText = data.covered ? text : `${text}: ${sum[0][0]} ${sum[0][2]}`;
    this.named();
    this.curves();
  }

  // The picture after so many steps, made of them.
  made() {
    const { data } = this;
    const moved = this.moved(this.at);
    const whole = (i) => Math.sign(moved[i]) * Math.min(Math.floor(data.eps), Math.floor(Math.abs(moved[i]) + 0.5));
    const shown = data.eps >= 1 ? whole : (i) => moved[i];
    this.paint("change", (i) => (data.covered ? GREY : GREY + even(data.factor * shown(i))));
    this.paint("sum", (i) => data.clean[i] + whole(i), data.covered);
  }

  // The same, as it came.
  framed() {
    const { sums, changes, clean } = this.data;
    this.paint("change", (i) => changes[this.at * clean.length + i]);
    this.paint("sum", (i) => sums[this.at * clean.length + i]);
  }

  paint(name, level, hidden = false) {
    const { side } = this.data;
    const pen = this.find(`[name=${name}] canvas`).getContext("2d");
    const image = pen.createImageData(side, side);
    for (let at = 0, i = 0; at < image.data.length; at += 4, i += 3) {
      for (let colour = 0; colour < 3; colour++) image.data[at + colour] = hidden ? GREY : level(i + colour);
      image.data[at + 3] = 255;
    }
    pen.putImageData(image, 0, 0);
  }

  // The five likeliest labels of a picture, as bars and to be heard.
  said(name, labels) {
    const figure = this.find(`[name=${name}]`);
    const rows = labels.map(([label, sure, text, whose]) => {
      const row = Object.assign(document.createElement("li"), { className: whose });
      row.style.setProperty("--sure", `${100 * sure}%`);
      row.append(span(label), span(text));
      row.title = `${label} ${text}`;
      return row;
    });
    figure.querySelector("ol").replaceChildren(...rows);
    const what = figure.querySelector("figcaption").textContent;
    const heard = labels.map(([label, , text]) => `${label} ${text}`).join(", ") || this.data.words.hidden;
    figure.querySelector("canvas").ariaLabel = this.data.words.heard.replace("{what}", what).replace("{labels}", heard);
  }

  // How sure the network is of what is there, and of what it is to see, at every step, and where the picture stands.
  curves() {
    const { curve, names, whole, words, covered, attack } = this.data;
    const sky = this.find(".curve");
    const [wide, high] = [sky.clientWidth, sky.clientHeight];
    if (!wide) return;
    const grown = Math.max(1, (parseFloat(getComputedStyle(this.section).getPropertyValue("--least")) || 0) / LETTERS);
    const [left, bottom] = [LEFT * grown, BOTTOM * grown];
    const x = (step) => left + (step / whole) * (wide - left - RIGHT);
    const y = (sure) => TOP + (1 - sure) * (high - TOP - bottom);
    const parts = [
      ...[0, 0.5, 1].flatMap((sure) => [line(left, y(sure), wide - RIGHT, y(sure), "axis"), text(left - 6, y(sure) + 4 * grown, `${100 * sure} %`, "tick", "end")]),
      ...ticks(whole).map((step) => text(x(step), high - 4, step, "tick", "middle")),
    ];
    if (covered) parts.push(text((left + wide) / 2, y(0.5) + 4, words.hidden, "name", "middle"));
    else {
      parts.push(line(x(attack), y(1), x(attack), y(0), "attack"), line(x(this.at), TOP - 8, x(this.at), y(0), "now"));
      for (const which of [0, 1]) {
        const points = curve.map((told, step) => `${x(step).toFixed(1)},${y(told[which]).toFixed(1)}`).join(" ");
        parts.push(element("polyline", { points, fill: "none", stroke: TONES[which], "stroke-width": 2.5, "stroke-dasharray": DASHES[which] }));
        const now = curve[Math.min(this.at, curve.length - 1)];
        if (now) parts.push(element("circle", { cx: x(this.at), cy: y(now[which]), r: 4, fill: TONES[which] }));
      }
      const last = curve[curve.length - 1] ?? [0, 0];
      const above = last[0] >= last[1] ? 0 : 1;
      const lower = Math.max(y(last[1 - above]) - 6, y(1) + 30 * grown);
      const upper = Math.min(y(last[above]) + 16 * grown, lower - LETTERS * grown); // of two that end together neither lies on the other
      names.forEach((name, which) => {
        if (name) parts.push(text(wide - RIGHT - 2, which === above ? upper : lower, name, "name", "end"));
      });
    }
    sky.replaceChildren(...parts);
    const told = curve.map((one, step) => (step % 5 && step !== curve.length - 1 ? "" : `${step}: ${names.map((name, i) => `${name} ${Math.round(100 * one[i])} %`).join(", ")}`));
    sky.setAttribute("aria-label", `${words.curve} ${covered ? words.hidden : told.filter(Boolean).join("; ")}`);
  }
}

// Four or five steps that are named below the curves.
function ticks(whole) {
  const apart = [1, 2, 5, 10, 20].find((one) => whole / one <= 5) ?? 50;
  return Array.from({ length: 1 + Math.floor(whole / apart) }, (_, nth) => nth * apart);
}

// Halves to the even neighbour, as numpy rounds.
function even(value) {
  const down = Math.floor(value);
  const over = value - down;
  return over < 0.5 || (over === 0.5 && down % 2 === 0) ? down : down + 1;
}

function span(words) {
  return Object.assign(document.createElement("span"), { textContent: words });
}
