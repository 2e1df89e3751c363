/** A way over two or more stops: its codes, its line on the map with the tears, its pictures. */

import { along, faded, onTrail } from "./paths.js";
import { paint, pictureButton, unhurried } from "./picture.js";

const STEPS_SETTLED = 32; // of the line on the map, from stop to stop
const STEPS_MOVING = 8; // while a stop is dragged: a drawn map takes a search for each
const TEAR = 0.08; // of the map's size: farther apart than this, and
const JUMP = 4; // times as far as most steps, is a tear

export class Way {
  /**
   * @param {import("./model.js").Model} model
   * @param {?string} name of the path; the scene's own if null
   */
  constructor(model, name = null) {
    this.model = model;
    this.name = name;
    this.ends = null;
    this.stopStrip = this.stopTrace = () => {};
  }

  stop() {
    this.stopStrip();
    this.stopTrace();
  }

  /**
   * @param {?object[]} ends the stops with their `code`, and their `spot` on the map where there is one; null unless there are two
   * @param {boolean} closed on from the last stop to the first
   */
  setEnds(ends, closed = false) {
    this.stop();
    this.ends = ends;
    this.line = ends && closed ? [...ends, ends[0]] : ends;
    this.faded = null;
    this.spot ??= new Float32Array(3);
    const length = ends?.[0].code.length;
    if (ends && this.code?.length !== length) this.code = new Float32Array(length);
  }

  get path() {
    return this.name ?? this.model.scene.path;
  }

  /** Ways from stop to stop. */
  get legs() {
    return this.line.length - 1;
  }

  /** Whether it can be gone now: some ways are found by Python, which takes a moment. */
  get known() {
    return Boolean(this.ends) && (this.path !== "graph" || Boolean(this.model.codesOf("graph")));
  }

  /** Whether its line can be drawn. */
  get traceable() {
    return this.known && (this.path !== "pixels" || Boolean(this.model.codesOf("pixels")));
  }

  /** @returns {Float32Array} the code at t, overwritten by the next call; of a cross-fade, what the encoder makes of it */
  codeAt(t) {
    const { path, line, legs } = this;
    const found = path === "graph" || path === "pixels" ? this.model.codesOf(path) : null;
    if (found) return onTrail(found, t, this.code);
    const leg = Math.min(Math.floor(t * legs), legs - 1);
    return along(path, line[leg].code, line[leg + 1].code, t * legs - leg, this.model.scene.center, this.code);
  }

  /** Where the step at t is drawn; the stops at their own points. */
  spotAt(t) {
    const at = t * this.legs;
    if (Math.abs(at - Math.round(at)) < 1e-9) return this.line[Math.round(at)].spot;
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
    const count = (moving ? STEPS_MOVING : STEPS_SETTLED) * this.legs + 1;
    const at = (i) => toUnits(this.spotAt(i / (count - 1)));
    if (moving) return found(this.torn(Array.from({ length: count }, (_, i) => at(i))));
    const points = [];
    this.stopTrace = unhurried(count, (i) => {
      if (!this.traceable) return;
      points.push(at(i));
      if (points.length === count) found(this.torn(points));
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
    if (!this.known) return null;
    if (this.model.network && this.path === "pixels") return this.fadeAt(t);
    if (this.model.network) return this.model.decode(this.codeAt(t));
    if (!frames) return null;
    return this.model.frame(Math.round(t * (frames.shape[0] - 1)));
  }

  /** Two of the stops' pictures at once. */
  fadeAt(t) {
    const { line, legs, model } = this;
    this.faded ??= line.map((stop) => model.decode(stop.code).slice());
    const leg = Math.min(Math.floor(t * legs), legs - 1);
    return faded(this.faded[leg], this.faded[leg + 1], t * legs - leg, (this.mixed ??= this.faded[0].slice()));
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
