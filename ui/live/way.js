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
    this.stopStrip = this.stopTrace = () => {};
  }

  stop() {
    this.stopStrip();
    this.stopTrace();
  }

  /** @param {?[object, object]} ends points A and B with their `code`, and their `spot` on the map where there is one; null unless both are there */
  setEnds(ends) {
    this.stop();
    this.ends = ends;
    this.spot ??= new Float32Array(3);
    const length = ends?.[0].code.length;
    if (ends && this.code?.length !== length) this.code = new Float32Array(length);
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
   * Find the line on the map: in many steps when there is time, or at once in a few.
   * @param {(spot: ArrayLike<number>) => number[]} toUnits of the map
   * @param {boolean} moving an end is dragged: the few steps do
   * @param {(line: {points: number[][], torn: boolean[]}) => void} found the line and which parts of it are tears
   */
  trace(toUnits, moving, found) {
    this.stopTrace();
    const at = (i, count) => toUnits(this.spotAt(i / (count - 1)));
    if (moving) return found(this.torn(Array.from({ length: STEPS_MOVING }, (_, i) => at(i, STEPS_MOVING))));
    const points = [];
    this.stopTrace = unhurried(STEPS_SETTLED, (i) => {
      if (!this.ends) return;
      points.push(at(i, STEPS_SETTLED));
      if (points.length === STEPS_SETTLED) found(this.torn(points));
    });
  }

  torn(points) {
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
    return this.model.frame(Math.round(t * (frames.shape[0] - 1)));
  }

  /** Fill the strip, one picture after the other, without holding up anything. */
  drawStrip(strip, steps, go) {
    this.stopStrip();
    if (strip.childElementCount !== steps) {
      strip.replaceChildren(...Array.from({ length: steps }, (_, i) => {
        const t = i / (steps - 1);
        const percent = `${Math.round(100 * t)} %`;
        return pictureButton(percent, `Step at ${percent}`, () => go(t)).button;
      }));
    }
    const canvases = strip.querySelectorAll("canvas");
    this.stopStrip = unhurried(steps, (i) => {
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
