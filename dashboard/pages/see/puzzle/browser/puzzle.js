// Photos cut into tiles and laid out anew. Photos and orders are here from the start; every picture is made of them, as
// lib/tasks/see/tiles.py makes it.

const places = new Map(); // key -> [level, photo] that a visitor left
const puzzles = new WeakMap(); // where Streamlit draws -> the puzzle that is drawn there

export default function ({ data, parentElement }) {
  const section = parentElement.querySelector(".puzzle");
  let one = puzzles.get(parentElement);
  if (one?.section !== section) {
    one = new Puzzle(section);
    puzzles.set(parentElement, one);
  }
  one.show(unpacked(data));
}

function unpacked(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const long = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + long)));
  return { ...head, row: new Blob([bytes.slice(4 + long)], { type: "image/webp" }) };
}

class Puzzle {
  constructor(section) {
    this.find = (name) => section.querySelector(name);
    this.section = section;
    this.slider = this.find(".slider");
    this.slider.oninput = () => this.go(Number(this.slider.value), this.photo);
    this.find("[name=fewer]").onclick = () => this.go(this.level - 1, this.photo);
    this.find("[name=more]").onclick = () => this.go(this.level + 1, this.photo);
  }

  async show(data) {
    this.data = data;
    const [level, photo] = places.get(data.key) ?? [0, 0];
    [this.level, this.photo] = [level, Math.min(photo, data.photos.length - 1)];
    this.slider.max = data.pieces.length - 1;
    this.slider.ariaLabel = data.words.cut;
    for (const name of ["fewer", "more"]) {
      const button = this.find(`[name=${name}]`);
      button.ariaLabel = button.title = data.words[name];
    }
    this.find(".all").ariaLabel = data.words.choose;
    this.find(".all").replaceChildren(...data.photos.map((_, place) => this.small(place)));
    this.section.classList.add("drawn");
    this.draw();
    const row = await createImageBitmap(data.row);
    if (data !== this.data) return;
    this.row = row;
    this.draw();
  }

  small(place) {
    const button = Object.assign(document.createElement("button"), { type: "button", onclick: () => this.go(this.level, place) });
    const canvas = Object.assign(document.createElement("canvas"), { width: this.data.side, height: this.data.side });
    canvas.ariaHidden = "true";
    button.append(canvas, span(""));
    return button;
  }

  go(level, photo) {
    this.level = Math.max(0, Math.min(level, this.data.pieces.length - 1));
    this.photo = photo;
    places.set(this.data.key, [this.level, photo]);
    this.draw();
  }

  // What is known of a photo at this level: its labels, and who says what of it.
  told(place) {
    const { read, right, cut, doubts } = this.data;
    if (this.level >= read.length) return null;
    const at = (rows) => rows[this.level][place];
    return { labels: at(read), right: at(right), cut: at(cut), doubts: at(doubts) };
  }

  draw() {
    const { data, level } = this;
    const { words } = data;
    const pieces = data.pieces[level];
    const known = level < data.right.length;
    const named = known ? data.right[level].filter(Boolean).length : words.hidden;
    const says = pieces === 1 ? words.whole : words.tiles;
    this.find(".said").textContent = says.replace("{tiles}", pieces ** 2).replace("{named}", named);
    this.slider.value = level;
    this.slider.ariaValueText = this.find(".said").textContent;
    this.find("[name=fewer]").disabled = level === 0;
    this.find("[name=more]").disabled = level === data.pieces.length - 1;
    [...this.find(".all").children].forEach((button, place) => {
      this.paint(button.firstChild, place);
      const told = this.told(place);
      button.className = told ? (told.right ? "right" : "wrong") : "";
      button.lastChild.textContent = told ? `${told.right ? "✓" : "✗"} ${told.labels[0][0]}` : "?";
      button.ariaLabel = button.title = this.heard(place, told);
      button.ariaPressed = String(place === this.photo);
    });
    this.large();
  }

  heard(place, told) {
    const { words, photos } = this.data;
    const labels = told ? told.labels.map(([label, , text]) => `${label} ${text}`).join(", ") : words.hidden;
    return words.heard.replace("{photo}", photos[place]).replace("{labels}", labels);
  }

  // The chosen photo, what the network calls it, and who notices that it is cut up.
  large() {
    const { words, side } = this.data;
    const canvas = this.find(".large canvas");
    if (canvas.width !== side) canvas.width = canvas.height = side;
    this.paint(canvas, this.photo);
    const told = this.told(this.photo);
    canvas.ariaLabel = this.heard(this.photo, told);
    const who = told ? [told.right ? words.right : words.wrong, told.doubts ? words.doubts : words.trusts, told.cut ? words.noticed : words.unnoticed] : [words.hidden];
    this.find(".large figcaption").replaceChildren(...who.map(span));
    const rows = (told?.labels ?? []).map(([label, sure, text, right]) => {
      const row = Object.assign(document.createElement("li"), { className: right ? "source" : "" });
      row.style.setProperty("--sure", `${100 * sure}%`);
      row.append(span(label), span(text));
      row.title = `${label} ${text}`;
      return row;
    });
    this.find(".large ol").replaceChildren(...rows);
  }

  paint(canvas, place) {
    if (!this.row) return;
    const { side, pieces, orders, feather } = this.data;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const [count, order] = [pieces[this.level], orders[this.level]];
    const tile = side / count;
    order.forEach((from, at) => {
      const [left, top] = [place * side + (from % count) * tile, Math.floor(from / count) * tile];
      pen.drawImage(this.row, left, top, tile, tile, (at % count) * tile, Math.floor(at / count) * tile, tile, tile);
    });
    if (feather) smoothed(pen, side, tile, Math.min(feather, Math.floor(tile / 2) - 1));
  }
}

// Seams smoothed: within `reach` pixels of one, a straight line in colour; across, then up and down.
function smoothed(pen, side, tile, reach) {
  if (reach < 1) return;
  const image = pen.getImageData(0, 0, side, side);
  const level = Float64Array.from(image.data);
  for (const [step, along] of [[4, 4 * side], [4 * side, 4]])
    for (let line = 0; line < side; line++)
      for (let seam = tile; seam < side; seam += tile)
        for (let colour = 0; colour < 3; colour++) {
          const at = (offset) => (seam + offset) * step + line * along + colour;
          const [first, last] = [level[at(-reach - 1)], level[at(reach)]];
          for (let n = 1; n <= 2 * reach; n++) level[at(n - reach - 1)] = first + ((last - first) * n) / (2 * reach + 1);
        }
  image.data.set(level);
  pen.putImageData(image, 0, 0);
}

function span(words) {
  return Object.assign(document.createElement("span"), { textContent: words });
}
