// A throw along its true arc, and where each contestant had it land. All throws are here from the start; nothing is
// asked of the server. It flies once by itself, when it is first seen and when its answers are uncovered.

const FULL = 999; // what stands for a whole range, and for the apex
const SECONDS = 2.4; // that a flight lasts on the screen, however long it lasts there
const [TOP, ROW, SIDE] = [30, 20, 12]; // pixels, with letters of LETTERS
const LETTERS = 13; // pixels; on a projector they are larger, and so is all that is measured by them
const FAR = 3; // ranges: what is named further out stands at the edge, with its number
const MARKS = ["circle", "triangle", "diamond", "square", "cross"];

const places = new Map(); // key -> which throw a visitor left
const flown = new Set(); // keys of what has flown by itself, covered and uncovered
const flights = new WeakMap(); // where Streamlit draws -> the flight that is drawn there

export default function ({ data, parentElement }) {
  const section = parentElement.querySelector(".flight");
  let one = flights.get(parentElement);
  if (one?.section !== section) {
    one?.leave();
    one = new Flight(section);
    flights.set(parentElement, one);
  }
  one.show(JSON.parse(new TextDecoder().decode(data)));
  return () => one.leave();
}

class Flight {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.sky = this.find(".sky");
    this.slider = this.find(".slider");
    this.share = 1; // of the flight that is over
    this.find("[name=play]").onclick = () => this.fly();
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.watch = new ResizeObserver(() => this.data && this.draw());
    this.seen = new IntersectionObserver((told) => told.some((one) => one.isIntersecting) && this.first(), { threshold: 0.6 });
  }

  // Throws from the server, also when a page is drawn again: the visitor stays with theirs.
  show(data) {
    this.data = data;
    const { key, words, throws } = data;
    this.at = Math.min(places.get(key) ?? data.start, throws.length - 1);
    this.slider.max = throws.length - 1;
    this.slider.ariaLabel = words.place;
    this.find("[name=play] span").textContent = words.play;
    this.find(".bodies").ariaLabel = words.bodies;
    this.named();
    this.section.classList.add("drawn");
    this.draw();
    this.watch.observe(this.sky);
    this.seen.unobserve(this.sky); // what is watched anew tells at once whether it is seen
    this.seen.observe(this.sky);
  }

  // A button for each throw at a place that people know.
  named() {
    const told = this.data.throws.flatMap(({ body }, at) => (body ? [[body, at]] : []));
    const buttons = told.map(([body, at]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: body, value: at });
      button.onclick = () => (this.go(at), this.calm || this.fly());
      return button;
    });
    const kept = [...this.find(".bodies").children];
    const same = kept.length === buttons.length && kept.every(({ value, textContent }, i) => value === buttons[i].value && textContent === buttons[i].textContent);
    if (!same) this.find(".bodies").replaceChildren(...buttons); // else the one with the keyboard keeps it
  }

  get calm() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  first() {
    const { key, covered } = this.data;
    const name = `${key} ${covered}`;
    if (flown.has(name)) return;
    flown.add(name);
    if (!this.calm) this.fly();
  }

  go(at) {
    this.share = 1;
    this.at = at;
    places.set(this.data.key, at);
    this.draw();
  }

  fly() {
    this.share = 0;
    this.then = null;
    this.place();
    this.asked ||= requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.asked = 0;
    if (this.share >= 1) return;
    this.share = Math.min(1, this.share + Math.min(0.1, (now - (this.then ?? now)) / 1000) / SECONDS);
    this.then = now;
    this.place();
    if (this.share < 1) this.asked = requestAnimationFrame((later) => this.frame(later));
  }

  leave() {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    this.watch.disconnect();
    this.seen.disconnect();
  }

  draw() {
    const { throws, who, words } = this.data;
    const one = throws[this.at];
    const [wide, high] = [this.sky.clientWidth, this.sky.clientHeight];
    if (!wide) return;
    const grown = parseFloat(getComputedStyle(this.sky).fontSize) / LETTERS;
    [this.top, this.row, this.grown] = [TOP * grown, ROW * grown, grown];
    this.ground = high - who.length * this.row - 26 * grown;
    const named = (one.lands ?? []).map(([middle]) => middle).filter((at) => at !== null && at < FAR * one.span);
    this.edge = wide - SIDE;
    const most = 1.05 * Math.max(one.span, ...named);
    this.scale = Math.min((this.edge - SIDE) / most, (this.ground - this.top) / one.apex); // the same up and across: the arc is true
    this.x = (at) => SIDE + at * this.scale;
    const lands = this.x(one.span);
    const bottom = high - 6;
    this.sky.replaceChildren(
      text(SIDE, 21 * grown, one.body ? `${one.says} · ${one.body}` : one.says, "title"),
      ...this.ticks(wide),
      element("line", { x1: lands, x2: lands, y1: this.ground, y2: bottom, stroke: who[0].colour, "stroke-dasharray": "2 3", class: "landed" }),
      element("polyline", { class: "trail", fill: "none", stroke: who[0].colour, "stroke-width": 2.5 }),
      element("circle", { class: "ball", r: 6 }),
    );
    if (one.lands) one.lands.forEach((told, row) => this.landing(told, row));
    else this.sky.append(text(SIDE, this.ground + 26 * grown + 1.5 * this.row, words.hidden, "veil"));
    const heard = one.lands?.map(([, , , metres, miss], i) => `${who[i].name} ${metres}${i ? `, ${miss}` : ""}`) ?? [words.hidden];
    this.sky.setAttribute("aria-label", `${[one.says, one.body].filter(Boolean).join(" · ")}: ${heard.join("; ")}`);
    this.slider.value = this.at;
    this.slider.ariaValueText = [one.says, one.body].filter(Boolean).join(" · ");
    for (const button of this.find(".bodies").children) button.ariaPressed = String(Number(button.value) === this.at);
    this.place();
  }

  ticks(wide) {
    const least = (64 * this.grown) / this.scale;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = power * [1, 2, 5, 10].find((times) => times * power >= least);
    const marks = [element("line", { class: "ground", x1: 0, x2: wide, y1: this.ground, y2: this.ground })];
    for (let i = 0; this.x(i * step) < this.edge - 30 * this.grown; i++) {
      const label = i ? String(Number((i * step).toPrecision(3))) : `0 m`;
      marks.push(element("line", { class: "ground", x1: this.x(i * step), x2: this.x(i * step), y1: this.ground, y2: this.ground + 4 }));
      marks.push(text(this.x(i * step) - (i ? 0 : 6), this.ground + 17 * this.grown, label, "tick", i ? "middle" : "start"));
    }
    return marks;
  }

  // What one contestant said: seeds as a band, their median as a mark, beside it its name, and once the throw has landed its miss.
  landing([middle, least, most, metres, miss], row) {
    const { colour, name } = this.data.who[row];
    const y = this.ground + 26 * this.grown + this.row * (row + 0.35);
    const within = (at) => Math.max(SIDE, Math.min(this.edge, this.x(at)));
    const group = element("g", row ? {} : { class: "landed" });
    this.sky.append(group);
    const [low, at, high] = [least ?? middle, middle, most ?? middle].map((one) => (one === null ? SIDE : within(one)));
    if (middle !== null) {
      group.append(element("line", { x1: low, x2: high, y1: y, y2: y, stroke: colour, "stroke-width": 6, opacity: 0.4 }));
      const beyond = this.x(middle) > this.edge + 1 ? 1 : this.x(middle) < SIDE - 1 ? -1 : 0;
      group.append(beyond ? arrow(at, y, beyond, colour) : mark(MARKS[row % MARKS.length], at, y, colour));
    }
    const label = text(0, y + 4.5 * this.grown, `${name} ${metres}`, "");
    if (row && miss) {
      const told = element("tspan", { class: "miss landed", dx: 7 });
      told.textContent = miss;
      label.append(told);
    }
    group.append(label);
    const long = label.getComputedTextLength();
    const [after, before] = [Math.max(at, high) + 11, Math.min(at, low) - 11 - long];
    label.setAttribute("x", after + long <= this.edge + 4 ? after : before >= 4 ? before : this.edge - long);
  }

  // Where the ball is now.
  place() {
    const { span, apex, arc } = this.data.throws[this.at];
    const last = arc.length / 2 - 1;
    const at = this.share * last;
    const points = [];
    const point = (i) => [this.x((arc[2 * i] / FULL) * span), this.ground - (arc[2 * i + 1] / FULL) * apex * this.scale];
    for (let i = 0; i <= at; i++) points.push(point(i));
    if (at < last) {
      const [[ax, ay], [bx, by]] = [point(Math.floor(at)), point(Math.floor(at) + 1)];
      points.push([ax + (at % 1) * (bx - ax), ay + (at % 1) * (by - ay)]);
    }
    const [x, y] = points.at(-1);
    this.find(".trail")?.setAttribute("points", points.map((one) => one.map((it) => it.toFixed(1)).join()).join(" "));
    this.find(".ball")?.setAttribute("cx", x);
    this.find(".ball")?.setAttribute("cy", y);
    this.section.classList.toggle("flying", this.share < 1);
  }
}

function element(kind, told) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(told)) made.setAttribute(name, value);
  return made;
}

function text(x, y, says, kind, anchor = "start") {
  const made = element("text", { x, y, class: kind, "text-anchor": anchor });
  made.textContent = says;
  return made;
}

// A shape for each row, so that colour alone says nothing.
function mark(kind, x, y, fill) {
  const corners = { triangle: [0, -6, 6, 5, -6, 5], diamond: [0, -7, 6, 0, 0, 7, -6, 0], square: [-5, -5, 5, -5, 5, 5, -5, 5], cross: [-6, -2, -2, -2, -2, -6, 2, -6, 2, -2, 6, -2, 6, 2, 2, 2, 2, 6, -2, 6, -2, 2, -6, 2] }[kind];
  if (!corners) return element("circle", { cx: x, cy: y, r: 5, fill });
  return element("polygon", { points: corners.join(" "), transform: `translate(${x} ${y})`, fill });
}

// It lies beyond the edge, to the right or to the left.
function arrow(x, y, side, fill) {
  return element("polygon", { points: [0, -6, 9 * side, 0, 0, 6].join(" "), transform: `translate(${x} ${y})`, fill });
}
