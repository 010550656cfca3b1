// What filters or classes want to see. All pictures of a step lie on one sheet, the patches that excite on another; they
// are cut out here. The growth plays once by itself, when it is first seen; whoever watched the run has seen it.

const SECONDS = 0.6; // that a kept step lasts on the screen
const GAP = 3; // pixels between pictures
const LEAST = 44; // pixels of a picture on a phone, for a finger
const COARSE = 16; // pixels: pictures this small are shown as they are
const MOVES = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: (wide) => -wide, ArrowDown: (wide) => wide };

const places = new Map(); // key -> [frame, picture] that a visitor left
const played = new Set(); // keys of what has played by itself, or was watched
const grids = new WeakMap(); // where Streamlit draws -> the grid that is drawn there

export default function ({ data, parentElement }) {
  const section = parentElement.querySelector(".grid");
  let one = grids.get(parentElement);
  if (one?.section !== section) {
    one?.leave();
    one = new Grid(section);
    grids.set(parentElement, one);
  }
  one.show(unpacked(data));
  return () => one.leave();
}

function unpacked(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const long = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + long)));
  let at = 4 + long;
  const sheets = head.sizes.map((size) => bytes.slice(at, (at += size)));
  return { ...head, sheets, last: head.steps.length - 1 };
}

class Grid {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.slider = this.find(".slider");
    this.slider.oninput = () => this.go(Number(this.slider.value), this.chosen);
    this.find("[name=play]").onclick = () => (this.timer ? this.halt() : this.play());
    this.find(".all").onkeydown = (event) => this.key(event);
    this.watch = new ResizeObserver(() => this.data && this.fit());
    this.seen = new IntersectionObserver((told) => told.some((one) => one.isIntersecting) && this.first(), { threshold: 0.5 });
  }

  // From the server, also while it grows: what was shown stays until the new sheets are read, and so does the choice.
  async show(data) {
    this.told = data;
    const read = (bytes) => (bytes.length ? createImageBitmap(new Blob([bytes], { type: "image/webp" })) : null);
    const sheets = await Promise.all(data.sheets.map(read));
    if (data !== this.told) return;
    const fresh = this.data?.key !== data.key;
    this.data = data;
    this.patches = sheets.pop();
    this.frames = sheets;
    if (data.growing) played.add(data.key);
    const [frame, chosen] = places.get(data.key) ?? [data.last, fresh ? 0 : this.chosen];
    this.chosen = chosen;
    this.at = this.waits && fresh ? 0 : Math.min(frame, data.last);
    this.slider.max = data.last;
    this.slider.disabled = this.find("[name=play]").disabled = data.last < 1;
    this.slider.ariaLabel = data.words.place;
    this.section.classList.toggle("alone", data.names.length === 1);
    this.section.classList.toggle("coarse", data.side <= COARSE);
    const all = this.find(".all");
    all.ariaLabel = data.words.all;
    if (fresh || all.children.length !== data.names.length) all.replaceChildren(...data.names.map((_, place) => this.small(place)));
    this.section.classList.add("drawn");
    this.fit();
    this.draw();
    this.watch.observe(this.section);
    this.watch.observe(all); // whose styles may come after what is drawn
    this.seen.disconnect(); // what is watched anew tells at once whether it is seen
    this.seen.observe(data.names.length === 1 ? this.find(".own") : all); // on a small screen all of it is never seen
  }

  get waits() {
    return !matchMedia("(prefers-reduced-motion: reduce)").matches && !this.data.growing && !played.has(this.data.key) && !places.has(this.data.key);
  }

  first() {
    if (!this.waits) return;
    played.add(this.data.key);
    this.play();
  }

  play() {
    this.halt();
    if (this.at >= this.data.last) this.at = 0;
    this.draw();
    this.timer = setInterval(() => {
      if (this.at >= this.data.last) return this.halt();
      this.at += 1;
      this.draw();
    }, 1000 * SECONDS);
    this.named();
  }

  halt() {
    clearInterval(this.timer);
    this.timer = 0;
    this.named();
  }

  go(at, chosen) {
    if (at !== this.at) this.halt();
    [this.at, this.chosen] = [at, chosen];
    places.set(this.data.key, [at, chosen]);
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

  small(place) {
    const button = Object.assign(document.createElement("button"), { type: "button", onclick: () => this.go(this.at, place) });
    button.role = "radio";
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = this.data.side;
    button.append(canvas);
    return button;
  }

  key(event) {
    const count = this.data.names.length;
    const ends = { Home: 0, End: count - 1 };
    const to = ends[event.key] ?? this.chosen + MOVES[event.key]?.(this.wide);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    if (to < 0 || to >= count) return;
    this.go(this.at, to);
    this.find(".all").children[to].focus();
  }

  // As many beside each other as make them largest.
  fit() {
    const all = this.find(".all");
    const count = this.data.names.length;
    const [wide, high] = [all.clientWidth, matchMedia("(max-width: 40rem)").matches ? 0 : all.clientHeight];
    if (!wide || getComputedStyle(all).display !== "grid") return; // its styles have not come
    this.section.classList.add("fits");
    const tile = (columns) => {
      const across = (wide + GAP) / columns - GAP;
      return high ? Math.min(across, (high + GAP) / Math.ceil(count / columns) - GAP) : across;
    };
    const columns = Array.from({ length: count }, (_, nth) => nth + 1).filter((one) => high || tile(one) >= LEAST);
    const best = high ? columns.reduce((one, other) => (tile(other) > tile(one) ? other : one), 1) : (columns.pop() ?? 1);
    this.wide = best;
    all.style.setProperty("--tile", `${Math.floor(tile(best))}px`);
    all.style.gridTemplateColumns = `repeat(${best}, max-content)`;
  }

  draw() {
    const { data, at, chosen } = this;
    const { words } = data;
    [...this.find(".all").children].forEach((button, place) => {
      this.cut(button.firstChild, this.frames[at], data.side, data.columns, place);
      button.ariaChecked = place === chosen;
      button.tabIndex = place === chosen ? 0 : -1;
      button.ariaLabel = `${data.names[place]}: ${data.answers[at][place]}`;
    });
    const own = this.find(".own canvas");
    this.cut(own, this.frames[at], data.side, data.columns, chosen);
    this.find(".own strong").textContent = data.wants[chosen];
    this.find(".own span").textContent = data.answers[at][chosen];
    const heard = { name: data.names[chosen], step: data.steps[at], answer: data.answers[at][chosen] };
    own.ariaLabel = filled(words.heard, heard);
    this.find(".what").textContent = data.beside || words.later;
    this.find(".beside ul").replaceChildren(...(data.excites[chosen] ?? []).map((text, rank) => this.patch(text, rank)));
    this.find(".ratio").replaceChildren(...bold(data.ratios[at]?.[chosen] ?? ""));
    this.find(".finding").replaceChildren(...bold(data.finding));
    this.find(".said").textContent = data.steps[at];
    this.slider.value = at;
    this.slider.ariaValueText = data.steps[at];
    this.named();
  }

  patch(text, rank) {
    const { data, chosen, patches } = this;
    const row = document.createElement("li");
    const canvas = document.createElement("canvas");
    canvas.role = "img";
    canvas.ariaLabel = filled(data.words.photo, { name: data.names[chosen], photo: text });
    this.cut(canvas, patches, patches.width / data.best, data.best, chosen * data.best + rank);
    const caption = document.createElement("span");
    caption.textContent = text;
    caption.ariaHidden = "true"; // the picture says it
    row.append(canvas, caption);
    return row;
  }

  // One picture out of a sheet.
  cut(canvas, sheet, side, columns, place) {
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const [left, top] = [side * (place % columns), side * Math.floor(place / columns)];
    canvas.getContext("2d").drawImage(sheet, left, top, side, side, 0, 0, side, side);
  }
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Words between double stars stand out.
function bold(text) {
  return text.split("**").map((part, nth) => Object.assign(document.createElement(nth % 2 ? "strong" : "span"), { textContent: part }));
}
