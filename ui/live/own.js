/** The visitor's own image on the map: where it lies, and lines to the images it is nearest to. */

import { board } from "./board.js";

export class Own {
  /**
   * @param {import("./map.js").LatentMap} map
   * @param {import("./model.js").Model} model
   */
  constructor(map, model) {
    Object.assign(this, { map, model, pen: null });
    this.spot = new Float32Array(3);
  }

  /**
   * What is being drawn just now, if anything is.
   * @returns {boolean} whether that has changed
   */
  read() {
    const pen = board().slots.get("pen");
    if (pen === this.pen) return false;
    this.pen = pen;
    return true;
  }

  /** What is shown: the drawing under the pen, else the image that Python placed, else null. */
  get shown() {
    const { pen, model } = this;
    if (pen?.drawn && pen.model === model.scene.model) return pen.drawn;
    const { choice, near } = model.scene;
    return choice.a && { code: Float32Array.from(choice.a.code), near };
  }

  draw() {
    const { map, model, shown } = this;
    const at = shown && map.toUnits(model.atlas.place(shown.code, this.spot));
    map.shown.marks = at ? [["", at]] : [];
    map.shown.rays = at && { from: at, to: shown.near.map((index) => map.pointOf(index)) };
    map.shown.way = map.shown.bead = null;
    map.drawMarks();
  }
}
