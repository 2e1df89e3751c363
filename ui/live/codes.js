/**
 * Codes, and where they lie on a map: nearest, place, invert. The twin of
 * `latent.neighbours` and `latent.projections`. Knows no canvas.
 */

/** Nearest codes whose median position places a new one, as in Python. */
export const PLACED_BY = 5;

/** Finds nearest rows exactly, by brute force, which needs no index. */
export class Nearest {
  /**
   * @param {Float32Array} rows (N, dims)
   * @param {number} dims
   * @param {number} k neighbours a query
   */
  constructor(rows, dims, k = PLACED_BY) {
    this.rows = rows;
    this.dims = dims;
    this.k = Math.min(k, rows.length / dims);
    this.indices = new Int32Array(this.k);
    this.squared = new Float64Array(this.k);
    this.asked = false;
  }

  squaredTo(row, query) {
    let sum = 0;
    for (let d = 0, at = row * this.dims; d < this.dims; d++, at++) {
      const step = this.rows[at] - query[d];
      sum += step * step;
    }
    return sum;
  }

  /** The last answer bounds the next: along a way and under a pointer they are close. */
  firstBound(query) {
    if (!this.asked) return Infinity;
    let bound = 0;
    for (const row of this.indices) bound = Math.max(bound, this.squaredTo(row, query));
    return bound * (1 + 1e-9) + 1e-30;
  }

  /**
   * Fills `indices` and `squared` (distances), nearest first; the lower index wins a tie.
   * @param {Float32Array} query (dims,)
   */
  find(query) {
    const { rows, dims, k, indices, squared } = this;
    const head = Math.min(4, dims);
    let bound = this.firstBound(query);
    this.asked = true;
    squared.fill(Infinity);
    for (let i = 0, at = 0; at < rows.length; i++, at += dims) {
      let sum = 0;
      for (let d = 0; d < head; d++) {
        const step = rows[at + d] - query[d];
        sum += step * step;
      }
      if (sum >= bound) continue; // most rows are out after four numbers
      for (let d = head; d < dims; d++) {
        const step = rows[at + d] - query[d];
        sum += step * step;
      }
      if (sum >= bound) continue;
      let slot = k - 1;
      for (; slot > 0 && squared[slot - 1] > sum; slot--) {
        squared[slot] = squared[slot - 1];
        indices[slot] = indices[slot - 1];
      }
      squared[slot] = sum;
      indices[slot] = i;
      if (squared[k - 1] < bound) bound = squared[k - 1];
    }
  }
}

/** One map of the gallery: places codes on it and gives codes for its spots. */
export class Atlas {
  /**
   * @param {Float32Array} xy (N, dims) where the gallery lies
   * @param {number} dims 2 or 3
   * @param {Float32Array} codes (N, latentDim)
   * @param {number} latentDim
   * @param {?{mean: number[], components: number[][], basis: number[][]}} linear of a map with a
   *   formula: there by `components`, back by `basis`
   */
  constructor(xy, dims, codes, latentDim, linear) {
    Object.assign(this, { xy, dims, codes, latentDim, linear });
    this.nearCodes = new Nearest(codes, latentDim);
    this.nearSpots = new Nearest(xy, dims);
    this.column = new Float64Array(PLACED_BY);
  }

  /**
   * Where a code lands: by the formula, else the median position of the nearest codes;
   * a code of the gallery keeps its own point.
   * @param {Float32Array} code (latentDim,)
   * @param {Float32Array} spot (dims,), overwritten
   */
  place(code, spot) {
    if (this.linear) return this.project(code, spot);
    const { indices, squared } = this.nearCodes;
    this.nearCodes.find(code);
    const count = squared[0] === 0 ? 1 : indices.length;
    for (let d = 0; d < this.dims; d++) {
      for (let i = 0; i < count; i++) this.column[i] = this.xy[indices[i] * this.dims + d];
      const sorted = this.column.subarray(0, count).sort();
      spot[d] = (sorted[(count - 1) >> 1] + sorted[count >> 1]) / 2;
    }
    return spot;
  }

  /**
   * A code for a spot: exact by the formula up to the directions that the map leaves out,
   * else the mean of the codes nearest on the map, weighted by 1 / distance².
   * @param {Float32Array} spot (dims,)
   * @param {Float32Array} code (latentDim,), overwritten
   */
  invert(spot, code) {
    if (this.linear) return this.unproject(spot, code);
    const { indices, squared } = this.nearSpots;
    this.nearSpots.find(spot);
    code.fill(0);
    const count = squared[0] === 0 ? 1 : indices.length;
    let total = 0;
    for (let i = 0; i < count; i++) total += 1 / Math.max(squared[i], 1e-12);
    for (let i = 0; i < count; i++) {
      const weight = 1 / Math.max(squared[i], 1e-12) / total;
      const from = indices[i] * this.latentDim;
      for (let d = 0; d < this.latentDim; d++) code[d] += weight * this.codes[from + d];
    }
    return code;
  }

  project(code, spot) {
    const { mean, components } = this.linear;
    for (let d = 0; d < this.dims; d++) {
      let sum = 0;
      for (let i = 0; i < this.latentDim; i++) sum += (code[i] - mean[i]) * components[d][i];
      spot[d] = sum;
    }
    return spot;
  }

  unproject(spot, code) {
    const { mean, basis } = this.linear;
    for (let i = 0; i < this.latentDim; i++) {
      let sum = mean[i];
      for (let d = 0; d < this.dims; d++) sum += spot[d] * basis[d][i];
      code[i] = sum;
    }
    return code;
  }
}
