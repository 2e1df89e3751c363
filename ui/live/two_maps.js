/** The same points twice, soft and hard: coloured by who is responsible, and by the nearest center. */

import { report } from "./board.js";
import { Clouds, inkOn } from "./clouds.js";
import { groupColours } from "./colouring.js";
import { contours, levelsOf, shadows } from "./contours.js";
import { LatentMap } from "./map.js";
import { SoftField } from "./soft_field.js";

export class TwoMaps {
  /**
   * @param {(name: string) => HTMLElement} find a part of the page by its class
   * @param {{hover: (index: number) => void, choose: (index: number) => void}} told
   */
  constructor(find, told) {
    const map = (which) => {
      const [dots, marks] = ["dots", "marks"].map((name) => find(which).querySelector(`.${name}`));
      return new LatentMap(dots, marks, {
        hover: (x, y) => told.hover(this[which].pick(x, y)),
        leave: () => told.hover(-1),
        choose: (x, y) => told.choose(this[which].pick(x, y)),
        view: (view) => this.look(which, view),
        move() {}, lasso() {},
      }, { field: new SoftField(dots), overlay: new Clouds(marks) });
    };
    this.soft = map("soft");
    this.hard = map("hard");
    this.both = [this.soft, this.hard];
    this.pressed = -1;
  }

  close() {
    for (const map of this.both) map.close();
  }

  /** @param {object} points parcel of `ui.live.em_parcels.points_parcel` */
  setPoints(points) {
    this.points = points;
    for (const map of this.both) map.setMap(points.arrays.xy, points.map_dims, null);
  }

  /** @param {import("./gaussians.js").Trace} trace */
  setTrace(trace) {
    this.trace = trace;
    this.owners = new Map();
    this.pressed = -1;
  }

  /** Take colours that suit the page's; gives the component's own ones, with an ink for each. */
  dress(theme, grey, dark) {
    for (const map of this.both) map.shown.theme = theme;
    this.grey = grey;
    this.themed = theme;
    if (!this.trace) return null;
    this.colours = groupColours(this.trace.count, dark);
    this.inks = this.colours.map((colour) => {
      const css = `rgb(${colour.join(" ")})`;
      return { css, ink: inkOn(css) };
    });
    return this.inks;
  }

  /** Dots by their responsibilities; by those of one component where one is pressed. */
  colour(resp, half) {
    const { soft, trace, pressed, colours, grey } = this;
    if (half === 0 && pressed < 0) soft.field.blank(grey);
    else if (pressed < 0) soft.field.mix(resp, colours);
    else soft.field.single(resp, trace.count, pressed, colours[pressed], grey);
    soft.draw();
  }

  /** Dots by their centers; k-means often rests while the mixture still moves: then it is right as it is. */
  own(half) {
    const { trace, points, hard } = this;
    const start = performance.now();
    const step = Math.min(asking(half), trace.meansSteps);
    const state = [trace, points, step, this.themed, hard.camera.zoom];
    if (this.owned?.every((value, i) => value === state[i])) return hard.drawMarks();
    this.owned = state;
    if (step < 0) hard.field.blank(this.grey);
    else hard.field.paint(this.ownersAt(step), this.colours);
    hard.draw();
    report("em means", start);
  }

  ownersAt(step) {
    const { points: codes } = this.points.arrays;
    if (!this.owners.has(step)) {
      this.owners.set(step, this.trace.owners(step, codes, new Uint8Array(codes.length / this.trace.dims)));
    }
    return this.owners.get(step);
  }

  /** Middles and shapes of both kinds of cluster, and the visitor's own image. */
  marks(half, placed) {
    const { trace, soft, hard } = this;
    const step = half >> 1;
    const meansStep = Math.min(step, trace.meansSteps);
    const cloud = (spots, at, k, halves) => ({
      name: String(k + 1), colour: this.inks[k].css, halves,
      point: soft.toUnits(spots.subarray(at * trace.mapDims, (at + 1) * trace.mapDims)),
      faint: this.pressed >= 0 && this.pressed !== k,
    });
    const all = Array.from({ length: trace.count }, (_, k) => k);
    soft.shown.clouds = all.map((k) => {
      const at = step * trace.count + k;
      return cloud(trace.spots, at, k, trace.shapes && halvesOf(trace.shapes, at, soft.unit));
    });
    hard.shown.clouds = all.map((k) => cloud(trace.center_spots, meansStep * trace.count + k, k, null));
    soft.shown.marks = hard.shown.marks = placed ? [["", soft.toUnits(placed.spot)]] : [];
  }

  /** Lines of equal density of the mixture, where its components have shapes. */
  lines(half) {
    const { trace, soft } = this;
    if (!trace.shapes) return void (soft.shown.lines = []);
    const start = performance.now();
    const parts = shadows(trace, half >> 1);
    const { xy } = this.points.arrays;
    const reach = soft.camera.extent.map((extent) => extent * 1.15 * soft.unit);
    const [x, y] = soft.middle;
    const box = [x - reach[0], y - reach[1], x + reach[0], y + reach[1]];
    soft.shown.lines = contours(parts, box, levelsOf(parts, xy)).map((line) => (
      line.map((value, i) => (value - soft.middle[i % 2]) / soft.unit)
    ));
    soft.drawMarks();
    report("em lines", start);
  }

  /** Where a point of the data, or the visitor's image, stands on both; null to leave no ring. */
  ring(point) {
    this.soft.shown.ring = this.hard.shown.ring = point;
  }

  drawMarks() {
    for (const map of this.both) map.drawMarks();
  }

  /** Both look at the same place. */
  look(which, view) {
    const other = which === "soft" ? this.hard : this.soft;
    other.camera.set(view);
    other.draw();
  }
}

/** Step whose mixture gave the responsibilities that are shown; −1 before the first E-step. */
export function asking(half) {
  return half === 0 ? -1 : (half - 1) >> 1;
}

/** Two arrows whose turn draws the ellipse of one standard deviation, in units of the map. */
function halvesOf(shapes, at, unit) {
  const [xx, xy, yy] = shapes.subarray(3 * at, 3 * at + 3);
  const a = Math.sqrt(Math.max(xx, 1e-20)); // Cholesky of a 2 × 2 matrix
  const b = xy / a;
  const c = Math.sqrt(Math.max(yy - b * b, 0));
  return [[a / unit, b / unit, 0], [0, c / unit, 0]];
}
