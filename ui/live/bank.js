/** One slider for each number, and a row of pictures under it. Knows no network. */

import { pictureButton } from "./picture.js";
import { shareOf, valueAt } from "./paths.js";

const SETTLED = 350; // milliseconds after the last key until a movement counts as finished
const KEYS = {
  ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1,
  PageDown: -1, PageUp: 1, Home: -Infinity, End: Infinity,
}; // in standard deviations
const ROW = `
  <div class="name"><b></b><span class="weight"><i></i></span><span class="measure"></span></div>
  <div class="move"><input type="range" step="any"><div class="tiles"></div></div>
  <output class="value"></output><button type="button" class="undo">↺</button>`;

export class Bank {
  /**
   * @param {HTMLElement} root
   * @param {{moved: (dim: number, value: number) => void, released: () => void,
   *   reset: (dim: number) => void}} told
   */
  constructor(root, told) {
    this.root = root;
    this.told = told;
    this.rows = [];
    this.held = false;
    this.waiting = 0;
  }

  /** Whether somebody moves a slider, so that nobody else may. */
  get busy() {
    return Boolean(this.held || this.waiting);
  }

  /**
   * @param {{index: number, importance: number, unused: boolean, mean: number, std: number}[]}
   *   numbers those that matter most first
   * @param {string} measure "kl" or "variance"
   * @param {number} steps pictures in a row
   * @param {number} reach standard deviations to either end
   */
  build(numbers, measure, steps, reach) {
    const most = Math.max(...numbers.map(({ importance }) => importance)) || 1;
    this.root.style.setProperty("--steps", steps);
    this.steps = steps;
    this.reach = reach;
    this.rows = numbers.map((number) => this.row(number, measure, number.importance / most));
    this.root.replaceChildren(...this.rows.map(({ element }) => element));
  }

  row(number, measure, share) {
    const element = document.createElement("div");
    element.className = `number${number.unused ? " unused" : ""}`;
    element.innerHTML = ROW;
    const find = (name) => element.querySelector(name);
    const [input, undo] = [find("input"), find(".undo")];
    const title = `number ${number.index + 1}`;
    find("b").textContent = title;
    find(".weight i").style.width = `${100 * share}%`;
    const amount = measure === "kl" ? `KL ${number.importance.toFixed(2)} nats` : `variance ${number.importance.toFixed(2)}`;
    find(".measure").textContent = number.unused ? `not used · ${amount}` : amount;
    undo.title = `Put ${title} back to the start`;
    undo.setAttribute("aria-label", undo.title);
    undo.onclick = () => this.told.reset(number.index);
    Object.assign(input, { min: -this.reach, max: this.reach });
    input.setAttribute("aria-label", `Number ${number.index + 1}`);
    const row = { number, element, input, undo, output: find(".value"), canvases: [], tiles: find(".tiles") };
    this.listen(row);
    for (let i = 0; i < this.steps; i++) {
      const value = valueAt(number, i / (this.steps - 1), this.reach);
      const { button, canvas } = pictureButton("", `${title} = ${value.toFixed(2)}`, () => {
        this.told.moved(number.index, value);
        this.settle(0);
      });
      button.tabIndex = -1; // the slider above takes the keys
      row.canvases.push(canvas);
      row.tiles.append(button);
    }
    return row;
  }

  listen({ number, input }) {
    const move = (deviations) => {
      const { reach } = this;
      const within = Math.max(-reach, Math.min(reach, deviations));
      this.told.moved(number.index, number.mean + within * number.std);
    };
    input.onpointerdown = () => (this.held = true);
    input.onpointerup = input.onpointercancel = () => (this.held = false);
    input.oninput = () => move(input.valueAsNumber);
    input.onchange = () => this.settle(0);
    input.onkeydown = (event) => {
      const step = KEYS[event.key];
      if (step === undefined) return;
      event.preventDefault();
      move(input.valueAsNumber + step);
      this.settle(SETTLED);
    };
  }

  settle(wait) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = 0;
      this.told.released();
    }, wait);
  }

  /** What is under way is not finished any more: somebody else has moved the sliders. */
  forget() {
    clearTimeout(this.waiting);
    this.waiting = 0;
  }

  /** Stand at a code without telling anybody. */
  show(code, start) {
    for (const row of this.rows) this.showRow(row, code, start);
  }

  /** Stand at a code of which one number has changed. */
  showNumber(dim, code, start) {
    this.showRow(this.rows.find(({ number }) => number.index === dim), code, start);
  }

  showRow({ number, input, output, undo, tiles }, code, start) {
    const value = code[number.index];
    const deviations = (value - number.mean) / number.std;
    const words = `${signed(value)}, ${signed(deviations)} standard deviations from the mean`;
    input.value = deviations;
    input.setAttribute("aria-valuetext", words);
    output.textContent = signed(value);
    output.title = words;
    output.classList.toggle("beyond", Math.abs(deviations) > this.reach + 1e-6);
    undo.disabled = value === start[number.index];
    const share = shareOf(number, value, this.reach);
    const nearest = Math.round(Math.max(0, Math.min(1, share)) * (this.steps - 1));
    for (let i = 0; i < this.steps; i++) tiles.children[i].classList.toggle("current", i === nearest);
  }
}

/** With a sign of its own width, so that numbers under one another line up. */
export function signed(value) {
  return `${value < -0.005 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}
