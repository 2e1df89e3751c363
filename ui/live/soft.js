/**
 * Responsibilities of all points at any step. Where they cost more than a frame they come in
 * slices, and the last ones are kept; knows no canvas.
 */

import { report } from "./board.js";

const AT_ONCE = 3e6; // multiplications that fit into a handler
const SOFT_SLICE = 8; // milliseconds of one slice
const AT_A_TIME = 100; // points between two looks at the clock
const KEPT = 16e6; // numbers that are kept

export class Soft {
  /**
   * @param {import("./gaussians.js").Trace} trace
   * @param {Float32Array} points (N, dims)
   */
  constructor(trace, points) {
    Object.assign(this, { trace, points });
    this.count = points.length / trace.dims;
    this.size = this.count * trace.count;
    const work = trace.packed ? (trace.dims * trace.dims) / 2 + trace.dims : trace.dims;
    this.cheap = this.size * Math.max(work, 4) <= AT_ONCE;
    this.kept = new Map(); // step to responsibilities, the oldest first
    this.job = 0;
  }

  /**
   * @param {number} step whose mixture answers; −1 before the first answer
   * @param {(resp: Float32Array) => void} then called at once where that is quick
   */
  ask(step, then) {
    const job = ++this.job;
    const known = this.kept.get(step);
    if (known) return then(known);
    const resp = this.room();
    if (this.cheap || step < 0) {
      this.trace.responsibilities(step, this.points, 0, this.count, resp);
      this.kept.set(step, resp);
      return then(resp);
    }
    let from = 0;
    const go = () => {
      if (job !== this.job) return;
      const start = performance.now();
      const end = start + SOFT_SLICE;
      while (from < this.count && performance.now() < end) {
        const to = Math.min(this.count, from + AT_A_TIME);
        this.trace.responsibilities(step, this.points, from, to, resp);
        from = to;
      }
      report("em step", start);
      if (from < this.count) return setTimeout(go);
      this.kept.set(step, resp);
      setTimeout(() => job === this.job && then(resp));
    };
    setTimeout(go);
  }

  /** An array to fill: the oldest one's where there are enough. */
  room() {
    const most = Math.max(2, Math.floor(KEPT / this.size));
    if (this.kept.size < most) return new Float32Array(this.size);
    const [oldest, resp] = this.kept.entries().next().value;
    this.kept.delete(oldest);
    return resp;
  }

  stop() {
    this.job++;
  }
}
