/** The way from A to B: its codes, its line on the map with the tears, its strip of pictures. */

import { along } from "./paths.js";
import { paint, pictureButton, unhurried } from "./picture.js";

const STEPS_SETTLED = 33; // of the line on the map
const STEPS_MOVING = 9; // while an end is dragged: a drawn map takes a search for each
const TEAR = 0.08; // of the map's size: farther apart than this, and
const JUMP = 4; // times as far as most steps, is a tear

export class Way {
  /** @param {import("./model.js").Model} model */
  constructor(model) {
    this.model = model;
    this.ends = null;
    this.stop = () => {};
  }

  /** @param {?[object, object]} ends points A and B with their `code` and `spot`, if both are there */
  setEnds(ends) {
    this.ends = ends;
    this.code ??= new Float32Array(this.model.latentDim);
    this.spot = new Float32Array(3);
    if (this.code.length !== this.model.latentDim) this.code = new Float32Array(this.model.latentDim);
  }

  /** @returns {Float32Array} the code at t, overwritten by the next call */
  codeAt(t) {
    const { path, center } = this.model.scene;
    return along(path, this.ends[0].code, this.ends[1].code, t, center, this.code);
  }

  /** Where the step at t is drawn; A and B at their own points. */
  spotAt(t) {
    if (t === 0 || t === 1) return this.ends[t].spot;
    return this.model.atlas.place(this.codeAt(t), this.spot);
  }

  /**
   * @param {(spot: ArrayLike<number>) => number[]} toUnits of the map
   * @returns {{points: number[][], torn: boolean[]}} the line and which parts of it are tears
   */
  line(toUnits, moving) {
    const count = moving ? STEPS_MOVING : STEPS_SETTLED;
    const points = Array.from({ length: count }, (_, i) => toUnits(this.spotAt(i / (count - 1))));
    const lengths = points.slice(1).map((point, i) => Math.hypot(...point.map((v, d) => v - points[i][d])));
    const usual = [...lengths].sort((a, b) => a - b)[lengths.length >> 1];
    const torn = lengths.map((length) => !this.model.map.linear && length > TEAR && length > JUMP * usual);
    return { points, torn };
  }

  /** The image at t: decoded here, or the nearest that the server decoded. */
  imageAt(t) {
    const { frames } = this.model;
    if (this.model.network) return this.model.decode(this.codeAt(t));
    if (!frames) return null;
    const [count, ...shape] = frames.shape;
    const size = shape.reduce((a, b) => a * b, 1);
    const from = Math.round(t * (count - 1)) * size;
    return Float32Array.from(frames.arrays.pixels.subarray(from, from + size), (value) => value / 255);
  }

  /** Fill the strip, one picture after the other, without holding up anything. */
  drawStrip(strip, steps, go) {
    this.stop();
    if (strip.childElementCount !== steps) {
      strip.replaceChildren(...Array.from({ length: steps }, (_, i) => {
        const t = i / (steps - 1);
        const percent = `${Math.round(100 * t)} %`;
        return pictureButton(percent, `Step at ${percent}`, () => go(t)).button;
      }));
    }
    const canvases = strip.querySelectorAll("canvas");
    this.stop = unhurried(steps, (i) => {
      if (this.ends) paint(canvases[i], this.imageAt(i / (steps - 1)), this.model.scene.image_shape);
    });
  }
}

/** Mark the step of the strip that the slider stands next to. */
export function markStep(strip, t) {
  const at = Math.round(t * (strip.childElementCount - 1));
  for (let i = 0; i < strip.childElementCount; i++) {
    strip.children[i].classList.toggle("current", i === at);
  }
}
