// Steps through what a program did to a row of numbers. All steps are here from the start; nothing is asked of the server.
// Beside another's answer it plays once by itself: when it is first seen, and when that answer is uncovered.

const LONGEST = 8; // seconds that it plays by itself

const places = new Map(); // key -> the step and speed at which a visitor left these steps
const played = new Set(); // keys of what has played by itself, covered and uncovered
const players = new WeakMap(); // where Streamlit draws -> the player that is drawn there

export default function ({ data, parentElement }) {
  const section = parentElement.querySelector(".player");
  let player = players.get(parentElement);
  if (player?.section !== section) {
    player?.leave();
    player = new Player(section);
    players.set(parentElement, player);
  }
  player.show(JSON.parse(new TextDecoder().decode(data)));
  return () => player.leave();
}

class Player {
  constructor(section) {
    this.section = section;
    this.find = (name) => section.querySelector(name);
    this.slider = this.find(".slider");
    this.speed = this.find("[name=speed]");
    this.timer = null;
    this.clicked("start", () => this.halt(0));
    this.clicked("back", () => this.halt(this.at - 1));
    this.clicked("forward", () => this.halt(this.at + 1));
    this.clicked("play", () => this.toggle());
    this.slider.oninput = () => this.halt(Number(this.slider.value));
    this.speed.onchange = () => this.timer && this.play();
    section.onkeydown = (event) => this.pressed(event);
    this.seen = new IntersectionObserver((told) => told.some((one) => one.isIntersecting) && this.first(), { threshold: 0.5 });
  }

  clicked(name, does) {
    this.find(`[name=${name}]`).onclick = does;
  }

  // Steps from the server, also when a page is drawn again: what has not changed stays where it is.
  show(data) {
    const mark = JSON.stringify([data.row, data.changes, data.touched, data.held]);
    this.data = data;
    this.last = data.changes.length;
    if (this.mark !== mark) {
      const left = places.get(data.key);
      this.pause();
      this.mark = mark;
      this.speed.value = left?.speed ?? this.speed.value;
      this.steps = unfold(data.row, data.changes);
      this.slider.max = this.last;
      this.build();
      this.at = left?.mark === mark ? left.at : data.raced ? this.last : 0;
    }
    if (this.due && !this.calm) this.at = 0; // the untouched row at rest, before it is seen
    this.name();
    this.section.classList.toggle("raced", data.raced);
    this.section.classList.add("drawn");
    this.draw();
    this.seen.unobserve(this.section); // what is watched anew tells at once whether it is seen
    this.seen.observe(this.section);
  }

  get once() {
    return `${this.data.key} ${this.data.answer !== null}`;
  }

  get due() {
    return this.data.raced && !played.has(this.once);
  }

  get calm() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  first() {
    if (!this.due) return;
    played.add(this.once);
    if (this.calm) return;
    const paces = [...this.speed.options].map(({ value }) => value);
    this.speed.value = paces.find((pace) => this.last / Number(pace) <= LONGEST) ?? paces.at(-1);
    this.at = 0;
    this.play();
  }

  leave() {
    this.pause();
    this.seen.disconnect();
  }

  build() {
    const n = this.data.row.length;
    this.bars = this.data.row.map(() => {
      const bar = element("div", "bar");
      bar.append(element("div", "column"), element("span", "number"));
      bar.style.width = `${100 / n}%`;
      return bar;
    });
    this.top = Math.max(1, ...this.steps.map(({ row }) => Math.max(0, ...row)));
    this.find(".bars").replaceChildren(...this.bars);
    this.find(".bars").style.maxWidth = `${6 * n}rem`; // a short row keeps to the middle
  }

  name() {
    const { words } = this.data;
    this.section.ariaLabel = words.title;
    this.slider.ariaLabel = words.place;
    for (const part of ["start", "back", "forward", "speed"]) label(this.find(`[name=${part}]`), words[part]);
  }

  draw() {
    const { words, touched, held, comparisons, bound } = this.data;
    const { row, order } = this.steps[this.at];
    order.forEach((which, place) => {
      const [column, number] = this.bars[which].children;
      this.bars[which].style.transform = `translateX(${100 * place}%)`;
      this.bars[which].classList.toggle("touched", touched[this.at].includes(place));
      column.style.height = `${(85 * row[place]) / this.top}%`;
      number.textContent = row[place];
    });
    const told = {
      step: this.at,
      steps: this.last,
      held: held[this.at] ?? "–",
      comparisons: comparisons[this.at],
      bound,
      row: row.join(", "),
      touched: touched[this.at].map((place) => row[place]).join(", ") || "–",
    };
    for (const line of ["step", "held", "count"]) this.find(`.${line}`).textContent = filled(words[line], told);
    this.find(".bars").ariaLabel = filled(words.bars, told);
    this.answered();
    this.slider.value = this.at;
    this.slider.ariaValueText = filled(words.step, told);
    for (const part of ["start", "back"]) this.spent(part, this.at === 0);
    this.spent("forward", this.at === this.last);
    this.spent("play", this.last === 0);
    const playing = this.timer !== null;
    this.section.classList.toggle("playing", playing);
    this.find(".lines").ariaLive = playing ? "off" : "polite"; // a voice cannot keep pace with the bars
    label(this.find("[name=play]"), playing ? words.pause : words.play);
    this.section.style.setProperty("--pause", `${playing ? 1 / Number(this.speed.value) : 0.3}s`);
    places.set(this.data.key, { mark: this.mark, at: this.at, speed: this.speed.value });
  }

  // The other's answer, as much of it as the program's steps are through, and what is said of both in the end.
  answered() {
    const { words, answer, raced } = this.data;
    if (!raced) return;
    const { numbers, wrong } = answer ?? { numbers: [], wrong: [] };
    const over = this.at === this.last;
    const come = over ? numbers.length : Math.floor((numbers.length * this.at) / this.last);
    this.find(".program").textContent = over ? words.program_end : words.program;
    this.find(".other").textContent = over || !answer ? words.other_end : words.other;
    const box = this.find(".cells");
    if (box.children.length !== numbers.length) box.replaceChildren(...numbers.map(() => element("div", "cell")));
    box.style.maxWidth = `${6 * this.data.row.length}rem`;
    numbers.forEach((number, place) => {
      const slip = place < come && wrong[place];
      box.children[place].textContent = place < come ? `${number < 0 ? "–" : number}${slip ? "\n✗" : ""}` : "";
      box.children[place].classList.toggle("wrong", slip);
    });
    box.ariaLabel = `${words.other}: ${numbers.slice(0, come).map((number, place) => `${number}${wrong[place] ? " ✗" : ""}`).join(", ")}`;
    box.ariaHidden = String(!answer); // its room is kept
  }

  // A button that was `disabled` would lose the keyboard in the middle of stepping.
  spent(name, is) {
    this.find(`[name=${name}]`).ariaDisabled = String(is);
  }

  halt(at) {
    this.pause();
    this.at = Math.max(0, Math.min(this.last, at));
    this.draw();
  }

  toggle() {
    if (this.timer !== null) return this.halt(this.at);
    if (this.at === this.last) this.at = 0;
    this.play();
  }

  play() {
    this.pause();
    this.timer = setInterval(() => this.tick(), 1000 / Number(this.speed.value));
    this.draw();
  }

  tick() {
    if (this.at >= this.last - 1) return this.halt(this.at + 1);
    this.at += 1;
    this.draw();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
  }

  // Space plays, arrows step; a button, the list and the slider keep the keys that are their own.
  pressed(event) {
    const own = { button: [" "], select: [" ", "ArrowLeft", "ArrowRight", "Home"], input: ["ArrowLeft", "ArrowRight", "Home"] };
    const does = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.halt(this.at - 1),
      ArrowRight: () => this.halt(this.at + 1),
      Home: () => this.halt(0),
      End: () => this.halt(this.last),
    }[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
    if (own[event.target.localName]?.includes(event.key)) return;
    event.preventDefault();
    does();
  }
}

// From the first row and what each step changes: every row, and which bar stands at each of its places. A number that
// only went elsewhere takes its bar along.
function unfold(row, changes) {
  let step = { row, order: row.map((_, place) => place) };
  const steps = [step];
  for (const change of changes) {
    const next = { row: [...step.row], order: [...step.order] };
    const moved = [];
    for (let i = 0; i < change.length; i += 2) {
      moved.push(change[i]);
      next.row[change[i]] = change[i + 1];
    }
    const free = new Set(moved); // places whose bar has not found its new place
    const lone = [];
    for (const place of moved) {
      const from = [...free].find((other) => step.row[other] === next.row[place]);
      if (from === undefined) lone.push(place);
      else {
        free.delete(from);
        next.order[place] = step.order[from];
      }
    }
    for (const place of lone) {
      const from = free.has(place) ? place : free.values().next().value;
      free.delete(from);
      next.order[place] = step.order[from];
    }
    steps.push(next);
    step = next;
  }
  return steps;
}

function filled(line, told) {
  return (line ?? "").replace(/\{(\w+)\}/g, (slot, name) => told[name] ?? slot);
}

function label(control, text) {
  control.ariaLabel = control.title = text;
}

function element(kind, name) {
  const made = document.createElement(kind);
  made.className = name;
  return made;
}
