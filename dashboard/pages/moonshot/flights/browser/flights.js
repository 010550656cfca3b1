// The map of somebody's own flights. All of them are here; playing and turning ask nothing of the server.

const WIDE = 1.3; // of the distance of Earth and Moon: what is seen to each side of their centre
const HIGH = 1.04; // and above and below it
const LASTS = 3.5; // seconds that a flight takes here
const FINE = 6; // pieces that the way from one point to the next is drawn in
const maps = new WeakMap(); // where Streamlit draws -> the map that is drawn there
const still = matchMedia("(prefers-reduced-motion: reduce)");

export default function ({ data: [data], parentElement }) {
  const section = parentElement.querySelector(".flights");
  let map = maps.get(parentElement);
  if (map?.section !== section) {
    map?.leave();
    maps.set(parentElement, (map = new FlightMap(section)));
  }
  map.show(data);
  return () => map.leave();
}

class FlightMap {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.canvas = this.find("canvas");
    this.slider = this.find("input");
    this.find("button").onclick = () => this.toggle();
    this.slider.oninput = () => this.halt(Number(this.slider.value));
    this.find("select").onchange = () => this.ask();
    this.watch = new ResizeObserver(() => this.ask());
    this.at = 1; // how much of the flight has been flown
    this.playing = false;
  }

  show(data) {
    const { words } = data;
    const mark = JSON.stringify([data.first, data.lines]);
    const before = this.mark;
    this.data = data;
    this.flights = data.lines.map(unrolled);
    this.mark = mark;
    const says = this.find(".says");
    const text = (data.hit ? "★ " : "") + data.says;
    if (says.textContent !== text) says.textContent = text;
    says.classList.toggle("hit", data.hit);
    this.section.style.setProperty("--flown", data.colour);
    this.canvas.ariaLabel = data.title;
    this.slider.ariaLabel = words.day;
    const select = this.find("select");
    const frame = select.value;
    select.ariaLabel = words.frame;
    select.replaceChildren(new Option(words.turning, "0"), new Option(words.resting, "1"));
    select.value = frame || "0";
    this.section.classList.add("drawn");
    this.watch.observe(this.canvas);
    for (const one of [this.find("button"), this.slider]) one.disabled = !this.flights.length;
    if (mark !== before) {
      this.halt(1);
      if (before && this.flights.length && !still.matches) this.toggle();
    }
    this.ask();
  }

  leave() {
    this.playing = false;
    this.watch.disconnect();
    cancelAnimationFrame(this.asked);
    this.asked = 0;
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.at >= 1) this.at = 0;
    this.then = null;
    this.ask();
  }

  halt(at) {
    this.playing = false;
    this.at = at;
    this.ask();
  }

  // Draws once before the browser paints next, however often it is asked.
  ask() {
    this.asked ||= requestAnimationFrame((now) => {
      this.asked = 0;
      if (this.playing) {
        this.at = Math.min(1, this.at + (this.then ? Math.min(0.1, (now - this.then) / 1000) / LASTS : 0));
        this.then = now;
        if (this.at >= 1) this.playing = false;
      }
      this.draw();
      if (this.playing) this.ask();
    });
  }

  draw() {
    const { canvas, data, flights } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
    if (!wide) return;
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(high * ratio);
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const last = flights.at(-1);
    const day = last ? this.at * last.at(-1)[0] : 0;
    const turned = Number(this.find("select").value) * data.turn;
    const unit = Math.min(wide / 2 / WIDE, high / 2 / HIGH);
    const place = ([when, x, y]) => {
      const [c, s] = [Math.cos(turned * when), Math.sin(turned * when)];
      return [wide / 2 + unit * (x * c - y * s), high / 2 - unit * (x * s + y * c)];
    };
    const style = getComputedStyle(this.section);
    const ink = style.color;
    this.letters = Math.max(13, parseFloat(style.getPropertyValue("--least")) || 0);
    this.orbit(pen, place([0, 0, 0]), unit * (1 - data.share), ink);
    this.numbers = [];
    flights.forEach((flight, i) => this.flight(pen, flight, i, place, day, ink));
    pen.globalAlpha = 1;
    this.body(pen, place([day, -data.share, 0]), 8, data.large, ink);
    this.body(pen, place([day, 1 - data.share, 0]), 5, data.small, ink);
    if (last) this.rocket(pen, place(where(last, day)), data.hit && this.at >= 1);
    this.say(day);
  }

  orbit(pen, [x, y], radius, ink) {
    pen.strokeStyle = ink;
    pen.globalAlpha = 0.35;
    pen.setLineDash([2, 4]);
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.stroke();
    pen.setLineDash([]);
  }

  // The last one bold and up to the day; those before it the paler the older they are, each with its number at its end.
  flight(pen, flight, i, place, day, ink) {
    const { first, colour } = this.data;
    const last = this.flights.length - 1;
    const flown = i < last ? flight : [...flight.filter(([when]) => when <= day), where(flight, day)];
    pen.globalAlpha = i < last ? Math.max(0.2, 0.75 * 0.8 ** (last - i - 1)) : 1;
    pen.strokeStyle = colour;
    pen.lineWidth = i < last ? 1.4 : 3;
    pen.lineJoin = "round";
    pen.beginPath();
    flown.forEach((point, step) => (step ? pen.lineTo(...place(point)) : pen.moveTo(...place(point))));
    pen.stroke();
    if (last - i > 5) return; // older numbers would lie on each other
    const [wide, high] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const seen = flown.map(place).filter(([x, y]) => x > 0 && y > 0 && x < wide && y < high);
    const [x, y] = this.free(seen.at(-1) ?? [wide / 2, high / 2]);
    pen.fillStyle = ink;
    pen.font = `${i < last ? "" : "bold "}${this.letters}px sans-serif`;
    pen.fillText(String(first + i), Math.max(4, Math.min(wide - 20, x + 8)), Math.max(14, Math.min(high - 6, y - 8)));
  }

  // Numbers that would lie on each other stand side by side.
  free([x, y]) {
    const room = this.letters + 1;
    while (this.numbers.some(([a, b]) => Math.abs(a - x) < room && Math.abs(b - y) < room)) x += room + 1;
    this.numbers.push([x, y]);
    return [x, y];
  }

  body(pen, [x, y], size, name, ink) {
    pen.fillStyle = ink;
    pen.beginPath();
    pen.arc(x, y, size, 0, 2 * Math.PI);
    pen.fill();
    pen.font = `${this.letters}px sans-serif`;
    pen.textAlign = "center";
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(this.section).getPropertyValue("--st-background-color"); // flights pass behind it
    pen.strokeText(name, x, y + size + this.letters + 2);
    pen.fillText(name, x, y + size + this.letters + 2);
    pen.textAlign = "start";
  }

  // Where the rocket is; around a hit a star and two rings, which do not move.
  rocket(pen, [x, y], hit) {
    pen.fillStyle = pen.strokeStyle = this.data.colour;
    pen.beginPath();
    pen.arc(x, y, 4, 0, 2 * Math.PI);
    pen.fill();
    if (!hit) return;
    const { words } = this.data;
    pen.lineWidth = 2;
    const middle = this.canvas.clientWidth / 2;
    pen.font = "bold 20px sans-serif";
    pen.textAlign = "center";
    pen.fillText(`★ ${words.hits} ★`, middle, 26);
    pen.textAlign = "start";
    pen.strokeRect(1, 1, this.canvas.clientWidth - 4, this.canvas.clientHeight - 4);
  }

  say(day) {
    const { words } = this.data;
    const text = this.flights.length ? words.on.replace("{day}", day.toFixed(1)) : "";
    const button = this.find("button");
    button.textContent = this.playing ? "❚❚" : "▶";
    button.ariaLabel = button.title = this.playing ? words.pause : words.play;
    this.find(".day").textContent = this.slider.ariaValueText = text;
    this.slider.value = this.at;
  }
}

// Points (day, x, y) of a path, closer together: between two of them a cubic that leaves each as its neighbours say.
// Within a tenth of a pixel of what was integrated.
function unrolled(flat) {
  const points = [];
  for (let i = 0; i < flat.length; i += 3) points.push(flat.slice(i, i + 3));
  const slopes = points.map((_, i) => slope(points, i));
  const fine = [points[0]];
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b, long] = [points[i], points[i + 1], points[i + 1][0] - points[i][0]];
    for (let piece = 1; piece <= FINE; piece++) {
      const s = piece / FINE;
      const at = (axis) =>
        (1 + 2 * s) * (1 - s) ** 2 * a[axis] + s * (1 - s) ** 2 * long * slopes[i][axis - 1] +
        s * s * (3 - 2 * s) * b[axis] + s * s * (s - 1) * long * slopes[i + 1][axis - 1];
      fine.push([a[0] + s * long, at(1), at(2)]);
    }
  }
  return fine;
}

// How fast x and y change at a point: of the parabola through it and its neighbours.
function slope(points, i) {
  const rate = (a, b) => [1, 2].map((axis) => (b[axis] - a[axis]) / (b[0] - a[0]));
  if (points.length < 3) return points.length < 2 ? [0, 0] : rate(points[0], points[1]);
  const middle = Math.max(1, Math.min(points.length - 2, i));
  const [a, b, c] = points.slice(middle - 1, middle + 2);
  const [before, after] = [rate(a, b), rate(b, c)];
  const share = (b[0] - a[0]) / (c[0] - a[0]);
  return before.map((one, axis) => {
    const bend = after[axis] - one; // between the middles of both pieces
    return i < middle ? one - share * bend : i > middle ? after[axis] + (1 - share) * bend : one + share * bend;
  });
}

// The point of a path at a day.
function where(path, day) {
  const next = path.findIndex(([when]) => when >= day);
  if (next <= 0) return next < 0 ? path.at(-1) : path[0];
  const [a, b] = [path[next - 1], path[next]];
  const share = (day - a[0]) / (b[0] - a[0]);
  return a.map((one, axis) => one + share * (b[axis] - one));
}
