// A sheet to draw on, with a finger, a mouse or keys. It is sent once a stroke has ended, as a small PNG, and is
// remembered here while the page is open.

const SIDE = 224; // pixels of the picture
const PEN = 12; // pixels that a stroke is wide, where it is not said
const SHAPE = 72; // pixels that a shape is wide
const STEP = 8; // pixels that an arrow key goes
const PAPER = "#ffffff";
const COLOURS = { black: "#1a1a1a", red: "#d32f2f", orange: "#ef8a17", green: "#2e8b57", blue: "#1f5fbf", white: PAPER };
const SHAPES = ["disc", "square", "triangle"];

const sheets = new WeakMap(); // where Streamlit draws -> the sheet that is there
const drawings = new Map(); // key -> what was drawn; a page that is drawn again has not forgotten it

export default function ({ data: [data], parentElement, setStateValue }) {
  const section = parentElement.querySelector(".sketch");
  let sheet = sheets.get(parentElement);
  if (sheet?.section !== section) sheets.set(parentElement, (sheet = new Sheet(section)));
  sheet.show(data, (png) => setStateValue("png", png));
}

class Sheet {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.canvas = this.find("canvas");
    this.canvas.width = this.canvas.height = SIDE;
    this.canvas.setAttribute("role", "application"); // it has keys of its own
    this.canvas.onpointerdown = (event) => this.begin(event);
    this.canvas.onkeydown = (event) => this.pressed(event);
    this.canvas.onfocus = this.canvas.onblur = () => this.draw();
    this.find("[name=undo]").onclick = () => this.ended(this.marks.pop());
    this.find("[name=clear]").onclick = () => this.ended(this.marks.splice(0));
    this.colour = "black";
    this.cursor = [SIDE / 2, SIDE / 2];
    this.down = false; // the pen, for keys
  }

  show({ key, words, pen = PEN, plain = false }, send) {
    this.send = send;
    this.pen = pen;
    for (const name of [".colours", ".shapes"]) this.find(name).hidden = plain;
    this.words = words;
    this.marks = drawings.get(key) ?? drawings.set(key, []).get(key);
    this.canvas.ariaLabel = words.sheet;
    this.buttons(".colours", Object.keys(COLOURS), (name) => this.pick(name));
    for (const button of this.find(".colours").children) button.style.setProperty("--ink", COLOURS[button.name]);
    this.buttons(".shapes", SHAPES, (name) => this.add({ shape: name, at: this.cursor }));
    this.find(".colours").ariaLabel = words.colours;
    this.find(".shapes").ariaLabel = words.shapes;
    for (const name of ["undo", "clear"]) this.find(`[name=${name}]`).textContent = words[name];
    this.find(".keys").textContent = words.keys;
    this.section.classList.add("drawn");
    this.draw();
  }

  buttons(place, names, does) {
    const group = this.find(place);
    if (!group.children.length)
      for (const name of names) group.append(Object.assign(document.createElement("button"), { type: "button", name }));
    for (const button of group.children) {
      button.textContent = this.words[button.name];
      button.onclick = () => does(button.name);
    }
  }

  pick(name) {
    this.colour = name;
    this.draw();
  }

  begin(event) {
    if (event.button || !event.isPrimary) return;
    this.canvas.setPointerCapture(event.pointerId);
    const points = [this.place(event)];
    this.marks.push({ colour: this.colour, points });
    this.draw();
    this.canvas.onpointermove = (one) => {
      if (!one.isPrimary) return;
      points.push(this.place(one));
      this.draw();
    };
    this.canvas.onpointerup = this.canvas.onpointercancel = (one) => {
      if (!one.isPrimary) return;
      this.canvas.onpointermove = this.canvas.onpointerup = this.canvas.onpointercancel = null;
      this.cursor = points[points.length - 1];
      this.ended();
    };
  }

  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height].map((one) => within(one * SIDE));
  }

  add(mark) {
    this.marks.push({ colour: this.colour, ...mark });
    this.ended();
  }

  // Arrows move a cross; the space bar puts the pen down there and takes it up again.
  pressed(event) {
    const step = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (step) this.cursor = this.cursor.map((one, i) => within(one + step[i]));
    else if (event.key !== " ") return;
    event.preventDefault();
    const last = this.marks[this.marks.length - 1];
    if (step && this.down) last.points.push(this.cursor);
    else if (!step && !this.down) this.marks.push({ colour: this.colour, points: [this.cursor] });
    if (!step) this.down = !this.down;
    if (!step && !this.down) this.ended();
    this.draw();
  }

  ended() {
    this.down = false;
    this.draw();
    this.send(this.marks.length ? this.png() : "");
  }

  png() {
    const sheet = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    painted(sheet.getContext("2d"), this.marks, this.pen);
    return sheet.toDataURL("image/png").split(",")[1];
  }

  draw() {
    const pen = this.canvas.getContext("2d");
    painted(pen, this.marks, this.pen);
    const active = this.section.getRootNode().activeElement === this.canvas;
    if (active) crossed(pen, this.cursor, COLOURS[this.colour]);
    for (const button of this.find(".colours").children) button.ariaPressed = button.name === this.colour;
    for (const name of ["undo", "clear"]) this.find(`[name=${name}]`).disabled = !this.marks.length;
    const [x, y] = this.cursor.map(Math.round);
    const told = this.words[this.down ? "down" : "up"].replace("{x}", x).replace("{y}", y);
    this.find(".said").textContent = active ? told : "";
  }
}

function within(place) {
  return Math.max(0, Math.min(SIDE, place));
}

function painted(pen, marks, wide) {
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.lineCap = pen.lineJoin = "round";
  pen.lineWidth = wide;
  for (const { colour, points, shape, at } of marks) {
    pen.strokeStyle = pen.fillStyle = COLOURS[colour];
    pen.beginPath();
    if (shape) outlined(pen, shape, at);
    else points.forEach(([x, y], nth) => (nth ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    if (shape) pen.fill();
    else if (points.length > 1) pen.stroke();
    else pen.arc(...points[0], wide / 2, 0, 7), pen.fill();
  }
}

function outlined(pen, shape, [x, y]) {
  const half = SHAPE / 2;
  if (shape === "disc") pen.arc(x, y, half, 0, 7);
  else if (shape === "square") pen.rect(x - half, y - half, SHAPE, SHAPE);
  else for (const [right, down] of [[0, -half], [half, half], [-half, half]]) pen.lineTo(x + right, y + down);
}

function crossed(pen, [x, y], colour) {
  for (const [width, style] of [[4, "#888888"], [2, colour]]) {
    pen.lineWidth = width;
    pen.strokeStyle = style;
    pen.beginPath();
    pen.moveTo(x - 9, y), pen.lineTo(x + 9, y), pen.moveTo(x, y - 9), pen.lineTo(x, y + 9);
    pen.stroke();
  }
}
