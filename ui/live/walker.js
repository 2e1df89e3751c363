/** A way under the hand: slider, large picture and strip, without a map. */

import { paint } from "./picture.js";
import { Slider } from "./slider.js";
import { markStep, Way } from "./way.js";

export class Walker {
  /**
   * @param {ParentNode} root holds what `way.html` has
   * @param {import("./model.js").Model} model
   * @param {(t: number) => void} moved for every place where the slider stands, t in [0, 1]
   * @param {(t: number) => void} released when it has come to rest, in whole percents
   */
  constructor(root, model, moved, released) {
    this.find = (name) => root.querySelector(`.${name}`);
    this.model = model;
    this.way = new Way(model);
    this.moved = moved;
    this.released = released;
    this.slider = new Slider(root, (t) => this.walk(t), (t) => this.stop(t));
  }

  close() {
    this.slider.pause();
    this.way.stop();
  }

  /**
   * @param {?object[]} ends as `Way.setEnds` takes them
   * @param {boolean} closed
   */
  setEnds(ends, closed = false) {
    this.find("way").hidden = !ends || !(this.model.network || this.model.frames);
    this.way.setEnds(ends, closed);
  }

  /** Fill the strip, and mark where the slider stands. */
  drawStrip(t) {
    const strip = this.find("strip");
    const steps = this.way.legs * (this.model.scene.steps - 1) + 1;
    this.way.drawStrip(strip, steps, (to) => this.stop(to));
    markStep(strip, t);
  }

  /** The slider stands at t. */
  walk(t) {
    if (!this.way.ends) return;
    this.moved(t);
    paint(this.find("here"), this.way.imageAt(t), this.model.scene.image_shape);
    markStep(this.find("strip"), t);
  }

  /** The slider has come to rest near t; Python counts in whole percents. */
  stop(t) {
    const whole = Math.round(100 * t) / 100;
    this.slider.show(whole);
    this.walk(whole);
    this.released(whole);
  }
}
