// Carries points and grid lines through a network's moves, frame by frame. All frames are here from the start; between
// two of them everything moves in a straight line. Dragging, playing and turning ask nothing of the server. A film plays
// once by itself, from the flat sheet to where the network has shaped it: when it is first seen, and when it is uncovered.

export const COLOURS = ["#4477AA", "#EE6677", "#228833", "#B59A1D", "#33A5C7", "#AA3377", "#8A8A8A", "#E07B39", "#7A5FC0", "#2FA88A"];
const MARKS = 10; // shapes a class may have; with numerals, a class is marked by its own
const FULL = 32767; // what stands for the furthest point of a frame
const PALE = 0.22; // how much of its class's colour the paper has
const PACE = 0.9; // moves a second at speed 1
const [REST, LONGEST] = [1, 12]; // seconds that a film which plays by itself stands at its beginning, and lasts
const NOBODY = 255; // what says nothing of a place of the paper

const places = new Map(); // key -> where a visitor left this film
const played = new Set(); // keys of what has played by itself, covered and uncovered
const scrubbers = new WeakMap(); // where Streamlit draws -> the scrubber that is drawn there

export default function ({ data, parentElement }) {
  const section = parentElement.querySelector(".scrubber");
  let one = scrubbers.get(parentElement);
  if (one?.section !== section) {
    one?.leave();
    one = new Scrubber(section);
    scrubbers.set(parentElement, one);
  }
  one.show(new Film(data));
  return () => one.leave();
}

// What the server sent: the length of a text, the text (JSON), then four arrays. See dashboard/scrubber/__init__.py.
class Film {
  constructor(bytes) {
    const { buffer } = bytes.slice(); // from its own start, so that whole numbers lie where they may
    const length = new DataView(buffer).getUint32(0, true);
    Object.assign(this, JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))));
    let at = 4 * Math.ceil((4 + length) / 4);
    this.dots = this.points + this.side ** 2;
    const take = (kind, count) => {
      const told = new kind(buffer, at, count);
      at += told.byteLength;
      return told;
    };
    this.reach = take(Float32Array, this.frames);
    this.states = take(Int16Array, this.frames * this.dots * this.axes);
    this.labels = take(Uint8Array, this.points);
    this.says = take(Uint8Array, this.dots);
    this.last = this.moves.length;
    this.now = new Float32Array(this.dots * this.axes);
  }

  // The frame, as a fraction, at a place counted in moves: 2.5 is the middle of the third.
  frame(at) {
    if (!this.last) return 0;
    const move = Math.min(this.last - 1, Math.floor(at));
    const [begin, end] = [this.moves[move].first, this.moves[move + 1]?.first ?? this.frames - 1];
    return begin + (at - move) * (end - begin);
  }

  // Fills `now` with where all dots are, as shares of the reach, which is returned.
  carry(at) {
    const frame = this.frame(at);
    const before = Math.max(0, Math.min(this.frames - 2, Math.floor(frame)));
    const after = Math.min(this.frames - 1, before + 1);
    const share = frame - before;
    const { now, states } = this;
    const [a, b] = [this.reach[before], this.reach[after]];
    const reach = a ** (1 - share) * b ** share;
    const [near, far] = [(a * (1 - share)) / reach / FULL, (b * share) / reach / FULL];
    const size = now.length;
    for (let i = 0, p = before * size, q = after * size; i < size; i++, p++, q++) now[i] = states[p] * near + states[q] * far;
    return reach;
  }

  // Where the last layer that bends has ended: the paper as the network has shaped it.
  get shaped() {
    const bends = this.moves.findLastIndex(({ kind }) => kind === "bend" || kind === "push");
    return bends < 0 ? this.last : bends + 1;
  }
}

class Scrubber {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.canvas = this.find("canvas");
    this.slider = this.find(".slider");
    this.speed = this.find("[name=speed]");
    this.pace = 0; // +1 plays, -1 plays backwards
    this.clicked("play", () => this.toggle(1));
    this.clicked("reverse", () => this.toggle(-1));
    this.clicked("back", () => this.halt(Math.ceil(this.at - 1e-6) - 1));
    this.clicked("forward", () => this.halt(Math.floor(this.at + 1e-6) + 1));
    this.slider.oninput = () => this.halt(Number(this.slider.value));
    this.canvas.onpointerdown = (event) => this.grab(event);
    this.canvas.onkeydown = this.slider.onkeydown = (event) => this.pressed(event);
    this.watch = new ResizeObserver(() => this.ask());
    this.seen = new IntersectionObserver((told) => told.some((one) => one.isIntersecting) && this.first(), { threshold: 0.5 });
  }

  clicked(name, does) {
    this.find(`[name=${name}]`).onclick = does;
  }

  // A film from the server, also when a page is drawn again: the visitor stays where they are, while it is trained too.
  show(film) {
    const left = places.get(film.key);
    const same = left && left.last === film.last;
    this.film = film;
    this.at = same ? left.at : film.shaped;
    [this.yaw, this.pitch] = left?.view ?? [0.4, 0.9];
    if (left) this.speed.value = left.speed;
    this.slider.max = film.last;
    this.sprites = null;
    this.name();
    this.section.classList.add("drawn");
    this.watch.observe(this.canvas);
    if (!played.has(this.once) && !this.calm) this.at = 0; // the sheet at rest, before it is seen
    this.draw();
    this.seen.unobserve(this.canvas); // what is watched anew tells at once whether it is seen
    this.seen.observe(this.canvas);
  }

  get once() {
    return `${this.film.key} ${this.film.covered}`;
  }

  get calm() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  first() {
    if (played.has(this.once)) return;
    played.add(this.once);
    if (this.calm || !this.film.last) return;
    this.toggle(1);
    this.rest = REST;
    this.end = this.film.shaped;
    this.rush = Math.max(1, this.end / PACE / LONGEST);
  }

  name() {
    const { words } = this.film;
    this.canvas.ariaLabel = words.title;
    this.canvas.setAttribute("role", "application"); // it has keys of its own
    this.slider.ariaLabel = words.place;
    this.find(".meant").textContent = this.film.figures.length ? words.meant : "";
    this.tabled();
    for (const part of ["reverse", "play", "back", "forward", "speed"]) label(this.find(`[name=${part}]`), words[part]);
    this.find("label span").textContent = words.speed;
    this.find(".told").textContent = words.told;
    this.find(".help").textContent = words.help;
    this.find("summary").textContent = words.more;
    this.find(".veil").textContent = this.film.covered ? words.told : "";
    this.find("details").hidden = this.film.covered;
  }

  // The figures for each layer boundary; the one that the film has passed last is marked.
  tabled() {
    const cell = (kind, text) => Object.assign(document.createElement(kind), { textContent: text });
    const rows = this.film.figures.map(([name, ...figures], top) => {
      const row = document.createElement("tr");
      row.append(cell("th", name), ...figures.map((one) => cell(top ? "td" : "th", one)));
      return row;
    });
    this.find("table").replaceChildren(...rows);
  }

  toggle(pace) {
    this.pace = this.pace === pace ? 0 : pace;
    [this.rest, this.rush, this.end] = [0, 1, pace > 0 ? this.film.last : 0];
    if (pace > 0 && this.at >= this.film.last) this.at = 0;
    if (pace < 0 && this.at <= 0) this.at = this.film.last;
    this.then = null;
    this.ask();
  }

  halt(at) {
    this.pace = 0;
    this.at = Math.max(0, Math.min(this.film.last, at));
    this.ask();
  }

  leave() {
    this.pace = 0;
    this.watch.disconnect();
    this.seen.disconnect();
    cancelAnimationFrame(this.asked);
    this.asked = 0;
  }

  // Draws once before the browser paints next, however often it is asked.
  ask() {
    this.asked ||= requestAnimationFrame((now) => {
      this.asked = 0;
      if (this.pace) this.advance(now);
      this.draw();
      if (this.pace) this.ask();
    });
  }

  advance(now) {
    const seconds = this.then ? Math.min(0.1, (now - this.then) / 1000) : 0;
    this.then = now;
    this.rest -= seconds;
    if (this.rest > 0) return;
    this.at += this.pace * seconds * PACE * this.rush * Number(this.speed.value);
    if (this.pace * (this.at - this.end) >= 0) [this.at, this.pace] = [this.end, 0];
  }

  // A plane is pulled through its moves, space is turned.
  grab(event) {
    if (event.button || !event.isPrimary) return; // a second finger does not pull too
    if (this.film.axes < 3) this.halt(this.at);
    const start = { x: event.clientX, y: event.clientY, at: this.at, yaw: this.yaw, pitch: this.pitch };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.onpointermove = ({ clientX, clientY, isPrimary }) => {
      if (!isPrimary) return;
      const [right, down] = [clientX - start.x, clientY - start.y];
      if (this.film.axes < 3) return this.halt(start.at + (right / this.canvas.clientWidth) * Math.min(8, this.film.last));
      this.yaw = start.yaw + right / 120;
      this.pitch = Math.max(-1.57, Math.min(1.57, start.pitch + down / 120));
      this.ask();
    };
    this.canvas.onpointerup = this.canvas.onpointercancel = ({ isPrimary }) => isPrimary && (this.canvas.onpointermove = null);
  }

  pressed(event) {
    const turn = event.shiftKey && this.film.axes > 2;
    const does = {
      ArrowLeft: () => (turn ? (this.yaw -= 0.1) : this.halt(this.at - 0.1)),
      ArrowRight: () => (turn ? (this.yaw += 0.1) : this.halt(this.at + 0.1)),
      ArrowUp: () => turn && (this.pitch = Math.min(1.57, this.pitch + 0.1)),
      ArrowDown: () => turn && (this.pitch = Math.max(-1.57, this.pitch - 0.1)),
      PageUp: () => this.halt(Math.ceil(this.at) - 1),
      PageDown: () => this.halt(Math.floor(this.at) + 1),
      Home: () => this.halt(0),
      End: () => this.halt(this.film.last),
      " ": () => this.toggle(1),
    }[event.key];
    if (!does || ((event.key === "ArrowUp" || event.key === "ArrowDown") && !turn)) return;
    event.preventDefault();
    does();
    this.ask();
  }

  draw() {
    const { canvas, film } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [wide, high] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (!wide) return;
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(this.section);
    const ink = style.color;
    this.least = parseFloat(style.getPropertyValue("--least")) || 0; // pixels that a letter has at the least
    pen.clearRect(0, 0, wide, high);
    if (this.sprites?.ink !== ink || this.sprites.ratio !== ratio) this.sprites = this.stamped(ink, ratio);
    const reach = film.carry(this.at);
    const [x, y, deep] = this.looked(wide, high);
    this.axesDrawn(pen, wide, high, ink);
    if (film.side) this.paper(pen, x, y, ink, ratio);
    this.stamp(pen, x, y, deep);
    this.bar(pen, reach, wide, high, ink, ratio);
    this.say();
    places.set(film.key, { at: this.at, last: film.last, view: [this.yaw, this.pitch], speed: this.speed.value });
  }

  // Pixels of all dots, and how far each lies behind the middle.
  looked(wide, high) {
    const { now, dots, axes } = this.film;
    const scale = 0.47 * Math.min(wide, high);
    const [x, y, deep] = [new Float32Array(dots), new Float32Array(dots), axes > 2 ? new Float32Array(dots) : null];
    const [cy, sy, cp, sp] = [Math.cos(this.yaw), Math.sin(this.yaw), Math.cos(this.pitch), Math.sin(this.pitch)];
    for (let i = 0, p = 0; i < dots; i++, p += axes) {
      let [right, up] = [now[p], now[p + 1]];
      if (deep) {
        const [along, away] = [cy * right - sy * up, sy * right + cy * up];
        deep[i] = cp * away - sp * now[p + 2];
        [right, up] = [along, sp * away + cp * now[p + 2]];
      }
      x[i] = wide / 2 + scale * right;
      y[i] = high / 2 - scale * up;
    }
    return [x, y, deep];
  }

  axesDrawn(pen, wide, high, ink) {
    if (this.film.axes > 2) return;
    pen.strokeStyle = ink;
    pen.globalAlpha = 0.15;
    pen.beginPath();
    pen.moveTo(0, high / 2), pen.lineTo(wide, high / 2), pen.moveTo(wide / 2, 0), pen.lineTo(wide / 2, high);
    pen.stroke();
    pen.globalAlpha = 1;
  }

  // The paper: its fields in the colour of what the network says there, and every other line of its grid.
  paper(pen, x, y, ink, ratio) {
    const { side, points, says } = this.film;
    const fields = new Map();
    for (let row = 0; row + 1 < side; row++)
      for (let column = 0; column + 1 < side; column++) {
        const at = points + row * side + column;
        const path = fields.get(says[at]) ?? fields.set(says[at], new Path2D()).get(says[at]);
        const [b, c, d] = [at + 1, at + side + 1, at + side];
        // Always the same way round: fields that are folded over each other would cancel else.
        const back = (x[c] - x[at]) * (y[d] - y[b]) < (x[d] - x[b]) * (y[c] - y[at]);
        path.moveTo(x[at], y[at]);
        for (const corner of back ? [d, c, b] : [b, c, d]) path.lineTo(x[corner], y[corner]);
        path.closePath();
      }
    pen.globalAlpha = PALE;
    for (const [kind, path] of fields) {
      if (kind === NOBODY) continue;
      pen.fillStyle = COLOURS[kind % COLOURS.length];
      pen.fill(path);
    }
    pen.globalAlpha = 0.4;
    pen.strokeStyle = ink;
    pen.lineWidth = 0.7 * ratio;
    pen.beginPath();
    for (let line = 0; line < side; line += 2)
      for (const [first, step] of [[line * side, 1], [line, side]])
        for (let i = 0, at = points + first; i < side; i++, at += step) i ? pen.lineTo(x[at], y[at]) : pen.moveTo(x[at], y[at]);
    pen.stroke();
    pen.globalAlpha = 1;
  }

  // The points, those behind first and fainter; a ring around each that the network puts in a wrong class.
  stamp(pen, x, y, deep) {
    const { points, labels, says } = this.film;
    const { right, wrong, size } = this.sprites;
    const half = size / 2; // whole pixels: stamps that lie between them take twice the time
    for (const behind of deep ? [true, false] : [false]) {
      pen.globalAlpha = behind ? 0.55 : 1;
      for (let i = 0; i < points; i++) {
        if (deep && deep[i] > 0 !== behind) continue;
        const sprite = (labels[i] === says[i] ? right : wrong)[labels[i]];
        pen.drawImage(sprite, Math.round(x[i] - half), Math.round(y[i] - half));
      }
    }
    pen.globalAlpha = 1;
  }

  // Every mark once, to be stamped as often as needed; the same marks make the legend.
  stamped(ink, ratio) {
    const { labels, numerals, words } = this.film;
    const size = Math.round((numerals ? Math.max(13, this.least) : 11) * ratio);
    const kinds = [...new Set(labels)].sort((a, b) => a - b);
    const drawn = (kind, ringed) => {
      const sprite = new OffscreenCanvas(size, size);
      mark(sprite.getContext("2d"), kind, size, numerals);
      if (ringed) ring(sprite.getContext("2d"), size, ink, ratio);
      return sprite.transferToImageBitmap();
    };
    const told = { ink, ratio, size, right: [], wrong: [] };
    for (const kind of kinds) [told.right[kind], told.wrong[kind]] = [drawn(kind, false), drawn(kind, true)];
    const key = kinds.map((kind) => entry(told.right[kind], words.class.replace("{class}", kind)));
    if (!this.film.covered) key.push(entry(told.wrong[kinds[0]], words.wrong));
    if (this.film.side && !this.film.covered) key.push(entry(swatch(kinds, size, ink), words.paper));
    this.find(".key").replaceChildren(...key);
    return told;
  }

  // How long one unit of the network's own numbers is now, since the view follows the paper.
  bar(pen, reach, wide, high, ink, ratio) {
    const unit = 10 ** Math.floor(Math.log10(reach));
    const long = (unit / reach) * 0.47 * Math.min(wide, high);
    pen.strokeStyle = pen.fillStyle = ink;
    pen.lineWidth = 2 * ratio;
    pen.beginPath();
    pen.moveTo(12 * ratio, high - 12 * ratio), pen.lineTo(12 * ratio + long, high - 12 * ratio);
    pen.stroke();
    pen.font = `${Math.max(12, this.least) * ratio}px sans-serif`;
    pen.fillText(String(Number(unit.toPrecision(1))), 14 * ratio, high - 18 * ratio);
  }

  // What the move is called that the film is in, with its share.
  called() {
    const { words, moves, last, layers } = this.film;
    if (this.at <= 0) return moves[0]?.kind === "fold" ? words.flat : words.begin;
    const now = Math.min(last - 1, Math.ceil(this.at - 1e-6) - 1);
    const { layer, kind } = moves[Math.max(0, now)];
    const folds = moves.filter((one) => one.kind === "fold").length;
    const share = Math.round(100 * (this.at - Math.ceil(this.at - 1e-6) + 1));
    return filled(kind === "fold" ? words.fold : words.move, { layer: layer + 1, layers, kind: words.kinds[kind], share, fold: now + 1, folds });
  }

  say() {
    const { words, moves, last } = this.film;
    const text = this.called();
    const over = (i) => moves[i].layer >= 0 && moves[i + 1]?.layer !== moves[i].layer && i + 1 <= this.at + 1e-6;
    const passed = moves.filter((_, i) => over(i)).length;
    if (passed !== this.passed || !this.find(".now"))
      for (const row of this.find("table").rows) [...row.cells].forEach((one, i) => one.classList.toggle("now", i === passed + 1));
    this.passed = passed;
    const line = this.find(".move");
    line.ariaLive = this.pace || this.slider.matches(":focus") ? "off" : "polite"; // a voice cannot keep pace; a slider speaks
    if (line.textContent !== text) line.textContent = text;
    this.slider.value = this.at;
    this.slider.ariaValueText = text;
    this.find("[name=play]").textContent = this.pace > 0 ? "❚❚" : "▶";
    this.find("[name=reverse]").textContent = this.pace < 0 ? "❚❚" : "◀";
    label(this.find("[name=play]"), this.pace > 0 ? words.pause : words.play);
    label(this.find("[name=reverse]"), this.pace < 0 ? words.pause : words.reverse);
    this.slider.disabled = this.find("[name=play]").disabled = this.find("[name=reverse]").disabled = !last; // a sheet alone
    this.find("[name=back]").disabled = this.at <= 0;
    this.find("[name=forward]").disabled = this.at >= last;
  }
}

export function label(element, text) {
  element.ariaLabel = element.title = text;
}

// A mark with its meaning, for the legend.
function entry(sprite, text) {
  const [span, picture] = [document.createElement("span"), document.createElement("canvas")];
  Object.assign(picture, { width: sprite.width, height: sprite.height });
  picture.getContext("2d").drawImage(sprite, 0, 0);
  span.append(picture, ` ${text}`);
  return span;
}

// The paper in the legend: a strip of each class's colour, as pale as it is drawn, within a line, as its fields are.
function swatch(kinds, size, ink) {
  const sprite = new OffscreenCanvas(size, size);
  const pen = sprite.getContext("2d");
  pen.globalAlpha = PALE;
  kinds.forEach((kind, i) => {
    pen.fillStyle = COLOURS[kind % COLOURS.length];
    pen.fillRect((i * size) / kinds.length, 0, size / kinds.length, size);
  });
  pen.globalAlpha = 0.7;
  pen.strokeStyle = ink;
  pen.strokeRect(0.5, 0.5, size - 1, size - 1);
  return sprite;
}

function filled(line, told) {
  return line.replace(/\{(\w+)\}/g, (_, name) => told[name]);
}

export function mark(pen, kind, size, numerals) {
  const [middle, far] = [size / 2, size * 0.3];
  pen.fillStyle = pen.strokeStyle = COLOURS[kind % COLOURS.length];
  pen.lineWidth = size * 0.16;
  if (numerals) {
    pen.font = `bold ${size * 0.95}px sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    return pen.fillText(String(kind), middle, middle);
  }
  const corners = [0, 4, 3, 4, 5, 3, 4, 6, 4, 5][kind % MARKS]; // circle, square, triangle, diamond, ...
  const turned = [0, Math.PI / 4, -Math.PI / 2, 0, -Math.PI / 2, Math.PI / 2, Math.PI / 4, 0, 0, Math.PI / 2][kind % MARKS];
  pen.beginPath();
  if (!corners) pen.arc(middle, middle, far * 0.85, 0, 2 * Math.PI);
  for (let i = 0; i < corners; i++) {
    const angle = turned + (2 * Math.PI * i) / corners;
    pen.lineTo(middle + far * 1.15 * Math.cos(angle), middle + far * 1.15 * Math.sin(angle));
  }
  pen.closePath();
  kind < 6 ? pen.fill() : pen.stroke();
}

function ring(pen, size, ink, ratio) {
  pen.strokeStyle = ink;
  pen.lineWidth = 1.2 * ratio;
  pen.beginPath();
  pen.arc(size / 2, size / 2, size / 2 - ratio, 0, 2 * Math.PI);
  pen.stroke();
}
