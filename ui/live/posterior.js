/** What the encoder wrote down for one image: a mean, a spread, and draws from both. */

import { signed } from "./bank.js";
import { pictureButton } from "./picture.js";
import { Plane } from "./plane.js";

const DRAWS = 7;
const WIDE = 3; // spreads from the middle of the lens to its edge
const SIDE = 7; // pictures along a side of the lens

/** A draw from N(mean, std²), number by number. */
export function drawn(mean, std) {
  return mean.map((middle, d) => middle + std[d] * gaussian());
}

/** Box and Muller 1958. */
function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

export class Posterior {
  /**
   * @param {HTMLElement} root
   * @param {{chosen: (code: number[]) => void, drawn: () => void}} told
   */
  constructor(root, told) {
    this.root = root;
    this.told = told;
    this.find = (name) => root.querySelector(`.${name}`);
    const choose = (x, y) => told.chosen(this.codeAt(x, y));
    this.lens = new Plane(this.find("lens"), { hover() {}, leave() {}, moved: choose, released: told.released });
    this.find("again").onclick = () => this.draw();
  }

  /**
   * @param {?{image: number, mean: number[], std: number[]}} posterior of the chosen image
   * @param {object} scene
   * @param {number[]} axes the two numbers of the plane
   * @returns {boolean} whether the pictures of the lens are other ones now
   */
  show(posterior, scene, axes) {
    this.root.hidden = !posterior;
    const other = posterior?.image !== this.posterior?.image || scene.model !== this.model;
    if (!posterior || (!other && axes === this.axes)) return false;
    Object.assign(this, { posterior, axes, model: scene.model });
    const { mean, std } = posterior;
    this.half = WIDE * Math.max(...axes.map((d) => std[d]));
    this.lens.build(SIDE, scene.image_shape);
    this.lens.resize();
    for (const field of this.root.querySelectorAll(".image")) field.textContent = posterior.image;
    this.find("scale").textContent = axes.map((d) => `number ${d + 1}: ${signed(mean[d])} ± ${std[d].toFixed(3)}`).join(" · ");
    if (other) this.draw();
    else this.mark();
    return true;
  }

  /** Draw anew from the image's cloud. */
  draw() {
    const { mean, std } = this.posterior;
    this.codes = [mean, ...Array.from({ length: DRAWS }, () => drawn(mean, std))];
    const buttons = this.codes.map((code, i) => pictureButton(
      i ? `draw ${i}` : "mean",
      i ? `Take draw ${i} as the code` : "Take the mean as the code",
      () => {
        this.told.chosen(code);
        this.told.released();
      },
    ));
    this.canvases = buttons.map(({ canvas }) => canvas);
    this.find("draws").replaceChildren(...buttons.map(({ button }) => button));
    this.mark();
    this.told.drawn();
  }

  /** The code at shares of the lens; the numbers that it does not show are at the mean. */
  codeAt(x, y) {
    const code = [...this.posterior.mean];
    const [across, up] = this.axes;
    code[across] += (2 * x - 1) * this.half;
    code[up] += (2 * y - 1) * this.half;
    return code;
  }

  mark() {
    const { mean, std } = this.posterior;
    const share = (d, value) => ((value - mean[d]) / this.half + 1) / 2;
    const [across, up] = this.axes;
    this.lens.shown.rings = [1, 2].map((times) => ({
      at: [0.5, 0.5],
      radii: [across, up].map((d) => (times * std[d]) / this.half / 2),
    }));
    this.lens.shown.dots = this.codes.slice(1).map((code) => [share(across, code[across]), share(up, code[up])]);
    this.lens.draw();
  }

  close() {
    this.lens.close();
  }
}
