// Walls of test digits, and what is read in each at the share of poisoned lessons that the dial stands at. All shares
// are here from the start; nothing is asked of the server.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"; // a pixel's 64 shades
const ROWS = { 1: 3, 2: 4 }; // of a wall, by how many walls there are
const [INK, PAPER, TINT] = [[22, 24, 29], [255, 255, 255], [150, 203, 255]]; // the paper at a tint of 0 and of 255 / 4
const [WRONG, TAKEN] = ["#808080", "#D55E00"];
const READ = ["#A84A00", "#E8752A"]; // numerals of what is taken, on a light ground and on a dark one

const places = new Map(); // key -> where a visitor left the dial, and whom they watch
const dials = new WeakMap(); // where Streamlit draws -> the dial that is drawn there

export default function ({ data, parentElement }) {
  const section = parentElement.querySelector(".dial");
  let one = dials.get(parentElement);
  if (one?.section !== section) {
    one?.leave();
    one = new Dial(section);
    dials.set(parentElement, one);
  }
  one.show(JSON.parse(new TextDecoder().decode(data)));
  return () => one.leave();
}

class Dial {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.slider = this.find(".slider");
    this.slider.oninput = () => this.go({ at: Number(this.slider.value) });
    for (const who of ["network", "program"]) this.find(`[name=${who}]`).onclick = () => this.go({ who });
    this.watch = new ResizeObserver(() => this.data && this.draw());
  }

  // Walls from the server, also when a page is drawn again: the visitor stays where they were.
  show(data) {
    const { key, words, counts, walls, covered, start } = (this.data = data);
    this.kept = { who: "network", ...places.get(key) };
    this.at = Math.min(this.kept.at ?? start, counts.length - 1);
    this.slider.max = Math.max(1, counts.length - 1);
    this.slider.disabled = counts.length < 2;
    this.find(".place").textContent = words.place;
    this.find(".who").ariaLabel = words.who;
    for (const who of ["network", "program"]) this.find(`[name=${who}]`).textContent = words[who];
    this.find(".veil").textContent = covered ? words.hidden : "";
    const box = this.find(".walls");
    if (box.children.length !== walls.length) box.replaceChildren(...walls.map(hung));
    this.section.classList.add("drawn");
    this.draw();
    this.watch.observe(box);
  }

  go(told) {
    Object.assign(this.kept, told);
    places.set(this.data.key, this.kept);
    this.at = this.kept.at ?? this.at;
    this.draw();
  }

  leave() {
    this.watch.disconnect();
  }

  draw() {
    const { counts, walls } = this.data;
    this.slider.value = this.at;
    this.slider.ariaValueText = this.find(".count").textContent = counts[this.at];
    for (const who of ["network", "program"]) this.find(`[name=${who}]`).ariaPressed = String(this.kept.who === who);
    [...this.find(".walls").children].forEach((figure, side) => this.wall(figure, walls[side], walls.length));
  }

  wall(figure, wall, count) {
    const { labels, aim, words } = this.data;
    const reads = this.kept.who === "network" ? wall.reads[this.at] : wall.program;
    const [caption, canvas] = figure.children;
    caption.textContent = wall.says[this.at];
    const wrong = reads.filter((read, i) => read !== labels[i]).length;
    const told = { who: words[this.kept.who], wrong, shown: labels.length, reads: reads.join(" "), labels: labels.join(" ") };
    canvas.ariaLabel = `${wall.says[this.at]}. ${words.heard.replace(/\{(\w+)\}/g, (_, name) => told[name])}`;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [wide, high] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (!wide) return;
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, wide, high);
    const rows = ROWS[count];
    const columns = Math.ceil(labels.length / rows);
    const [across, down] = [wide / columns, high / rows];
    const letters = Math.max(14 * ratio, Math.min(20 * ratio, across * 0.24));
    const pixel = Math.floor(Math.min((across - letters - 4 * ratio) / 8.6, (down - 7 * ratio) / 8));
    const ink = getComputedStyle(this.section).color;
    const dark = ink.match(/[\d.]+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0) > 382;
    labels.forEach((label, i) => {
      const [x, y] = [Math.round((i % columns) * across + 3 * ratio), Math.round(Math.floor(i / columns) * down + 3 * ratio)];
      picture(pen, wall.pictures[i], wall.tint, x, y, pixel);
      const read = reads[i];
      const state = read === label ? "" : read === aim ? TAKEN : WRONG;
      pen.lineWidth = (state ? 3 : 1) * ratio;
      pen.strokeStyle = state || "#80808066";
      pen.setLineDash(state === WRONG ? [4 * ratio, 3 * ratio] : []);
      pen.strokeRect(x - pen.lineWidth / 2, y - pen.lineWidth / 2, 8 * pixel + pen.lineWidth, 8 * pixel + pen.lineWidth);
      pen.setLineDash([]);
      pen.fillStyle = state === TAKEN ? READ[Number(dark)] : ink;
      pen.globalAlpha = state ? 1 : 0.75;
      pen.font = `${state ? "700" : "400"} ${letters}px sans-serif`;
      pen.textBaseline = "middle";
      pen.fillText(String(read), x + 8.5 * pixel + 3 * ratio, y + 4 * pixel);
      pen.globalAlpha = 1;
    });
  }
}

function hung() {
  const figure = document.createElement("figure");
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  figure.append(document.createElement("figcaption"), canvas);
  return figure;
}

// A digit, a letter a pixel, on paper that may be coloured.
function picture(pen, told, tint, x, y, pixel) {
  const paper = PAPER.map((one, i) => one + Math.min(1, (4 * tint) / 255) * (TINT[i] - one));
  for (let i = 0; i < 64; i++) {
    const shade = ALPHABET.indexOf(told[i]) / 63;
    pen.fillStyle = `rgb(${paper.map((one, c) => Math.round(one + shade * (INK[c] - one))).join()})`;
    pen.fillRect(x + (i % 8) * pixel, y + Math.floor(i / 8) * pixel, pixel, pixel);
  }
}
