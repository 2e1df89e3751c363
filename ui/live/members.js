/** A card for each component: weight, decoded mean, decoded draws, and the labels it holds. */

import { Filler } from "./filler.js";
import { paint } from "./picture.js";

const PORTRAITS = 3; // pictures beside the mean
const NAMED = 3; // labels that are told

export class Members {
  /**
   * @param {HTMLElement} root
   * @param {(component: number) => void} pressed a card was
   */
  constructor(root, pressed) {
    Object.assign(this, { root, pressed });
    this.filler = new Filler();
    this.pictures = this.filler.group((index) => this.draw(index));
  }

  /**
   * @param {import("./gaussians.js").Trace} trace
   * @param {string[]} colours of the components
   * @param {?{decode: (code: Float32Array) => Float32Array, shape: number[]}} decoder
   */
  build(trace, colours, decoder) {
    Object.assign(this, { trace, decoder });
    this.code = new Float32Array(trace.dims);
    this.cards = Array.from({ length: trace.count }, (_, k) => card(k, colours[k], decoder ? PORTRAITS + 1 : 0));
    this.cards.forEach(({ button }, k) => (button.onclick = () => this.pressed(k)));
    this.root.replaceChildren(...this.cards.map(({ button }) => button));
    this.root.classList.toggle("plain", !decoder);
    this.again();
    this.pictures.resize(decoder ? trace.count * (PORTRAITS + 1) : 0);
  }

  /** Other draws: the noise stays while a component moves, so that its pictures change smoothly. */
  again() {
    const numbers = this.trace.count * PORTRAITS * this.trace.dims;
    this.noise = Float64Array.from({ length: numbers }, gaussianNoise);
  }

  /**
   * @param {number} step whose mixture is shown
   * @param {Float32Array} held (K, classes): sums of responsibilities by label
   * @param {string[]} names of the labels
   */
  show(step, held, names) {
    const { trace, cards } = this;
    this.step = step;
    cards.forEach(({ weight, bar, labels }, k) => {
      const at = step * trace.count + k;
      const share = trace.weights[at];
      weight.textContent = percent(share);
      bar.style.width = `${Math.max(1, 100 * share)}%`;
      labels.textContent = share < 1e-9 ? "empty: responsible for nothing" : told(held, k, names)
        + (trace.floored[at] ? " · held at the smallest size" : "");
    });
    if (!this.decoder) return;
    this.pictures.spoilAll();
    this.filler.wake();
  }

  press(component) {
    this.cards.forEach(({ button }, k) => button.setAttribute("aria-pressed", k === component));
  }

  draw(index) {
    const { trace, step, code, noise, decoder } = this;
    const component = Math.floor(index / (PORTRAITS + 1)), draw = (index % (PORTRAITS + 1)) - 1;
    const { dims } = trace;
    if (draw < 0) {
      const from = (step * trace.count + component) * dims;
      code.set(trace.means.subarray(from, from + dims));
    } else {
      const from = (component * PORTRAITS + draw) * dims;
      trace.drawn(step, component, noise.subarray(from, from + dims), code);
    }
    paint(this.cards[component].canvases[draw + 1], decoder.decode(code), decoder.shape);
  }

  close() {
    this.filler.close();
  }
}

/** Sums of responsibilities by label, (K, classes). */
export function heldLabels(resp, labels, count, classes, held) {
  held.fill(0);
  for (let i = 0, at = 0; i < labels.length; i++) {
    const label = labels[i];
    for (let k = 0; k < count; k++) held[k * classes + label] += resp[at++];
  }
  return held;
}

/**
 * @param {number} share in [0, 1]
 * @param {number} fine below so many percent one digit more is told
 */
export function percent(share, fine = 10) {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  if (value < 100 && value > 99.9) return "> 99.9 %";
  return `${value < fine && value > 0 ? value.toFixed(1) : Math.round(value)} %`;
}

function told(held, component, names) {
  const own = Array.from(names, (name, c) => [held[component * names.length + c], name]);
  const total = own.reduce((sum, [value]) => sum + value, 0);
  const most = own.sort(([a], [b]) => b - a).filter(([value]) => value > 0.02 * total).slice(0, NAMED);
  return most.map(([value, name]) => `${name}: ${percent(value / total)}`.replaceAll(" ", "\u00a0")).join(" · ");
}

function card(component, colour, pictures) {
  const make = (tag, name, text = "") => {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  };
  const button = make("button", "member");
  button.type = "button";
  button.setAttribute("aria-pressed", false);
  button.title = `Show how responsible component ${component + 1} is for each point`;
  const head = make("span", "head");
  const chip = make("i", "chip", component + 1);
  chip.style.background = colour.css;
  chip.style.color = colour.ink;
  const weight = make("b", "share");
  const track = make("span", "track");
  const bar = make("i", "fill");
  bar.style.background = colour.css;
  track.append(bar);
  head.append(chip, weight, track);
  const row = make("span", "portraits");
  const canvases = Array.from({ length: pictures }, (_, i) => {
    const canvas = document.createElement("canvas");
    canvas.className = i ? "drawn" : "middle";
    return canvas;
  });
  row.append(...canvases);
  const labels = make("span", "labels");
  button.append(head, ...(pictures ? [row] : []), labels);
  return { button, weight, bar, labels, canvases };
}

/** Box and Muller 1958. */
function gaussianNoise() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
