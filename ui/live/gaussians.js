/**
 * A run of EM as Python sends it, and what is computed from it here: the twin of
 * `latent.mixture`. Knows no canvas.
 */

const LN_2PI = Math.log(2 * Math.PI);

export class Trace {
  /** @param {object} parcel of `ui.live.em_parcels.run_parcel` */
  constructor(parcel) {
    Object.assign(this, parcel.arrays); // weights, means, roots, spots, shapes, centers …
    this.count = parcel.components;
    this.dims = parcel.latent_dim;
    this.mapDims = parcel.map_dims;
    this.kind = parcel.kind;
    this.converged = parcel.converged;
    this.logLikelihoods = parcel.log_likelihoods;
    this.bounds = parcel.bounds;
    this.inertias = parcel.inertias;
    this.steps = this.logLikelihoods.length - 1;
    this.meansSteps = this.inertias.length - 1;
    this.moved = new Float64Array(this.dims);
    this.joint = new Float64Array(this.count);
    this.constants = new Float64Array(this.count);
    this.packed = this.kind === "full" || this.kind === "tied";
    this.rootSize = this.packed ? (this.dims * (this.dims + 1)) / 2 : this.kind === "diag" ? this.dims : 1;
  }

  /** Where the numbers of a component's root begin. */
  rootAt(step, component) {
    return this.kind === "tied" ? step * this.rootSize : (step * this.count + component) * this.rootSize;
  }

  /** Ready the constants of a step: logarithms would cost more than all the rest. */
  prepare(step) {
    if (this.prepared === step) return;
    this.prepared = step;
    const { count, dims, kind, roots, weights, constants } = this;
    for (let k = 0; k < count; k++) {
      const at = this.rootAt(step, k);
      let logdet = 0;
      for (let d = 0; d < dims; d++) {
        const place = this.packed ? at + (d * (d + 3)) / 2 : kind === "diag" ? at + d : at;
        logdet += Math.log(roots[place]);
      }
      constants[k] = Math.log(weights[step * count + k]) + logdet - 0.5 * dims * LN_2PI;
    }
  }

  /**
   * ln of weight times density of each component at one point.
   * @param {number} step whose mixture it is, 0 for the start
   * @param {Float32Array} points
   * @param {number} from where the point's numbers begin
   * @returns {Float64Array} (K,), overwritten by the next call
   */
  jointAt(step, points, from) {
    this.prepare(step);
    const { count, dims, means, roots, moved, joint, constants, kind, packed } = this;
    for (let k = 0; k < count; k++) {
      const mean = (step * count + k) * dims;
      let at = this.rootAt(step, k);
      let squared = 0;
      for (let d = 0; d < dims; d++) moved[d] = points[from + d] - means[mean + d];
      if (packed) {
        // column by column of an upper triangle
        for (let column = 0; column < dims; column++) {
          let sum = 0;
          for (let row = 0; row <= column; row++) sum += moved[row] * roots[at++];
          squared += sum * sum;
        }
      } else if (kind === "diag") {
        for (let d = 0; d < dims; d++) squared += (moved[d] * roots[at + d]) ** 2;
      } else {
        for (let d = 0; d < dims; d++) squared += moved[d] ** 2;
        squared *= roots[at] ** 2;
      }
      joint[k] = constants[k] - 0.5 * squared;
    }
    return joint;
  }

  /** The same on a plane, without loops: a step of many points is to fit into a frame. */
  flatAt(step, x, y) {
    this.prepare(step);
    const { count, means, roots, joint, constants } = this;
    for (let k = 0, mean = 2 * step * count; k < count; k++, mean += 2) {
      const at = this.rootAt(step, k);
      const right = x - means[mean];
      const first = right * roots[at];
      const second = right * roots[at + 1] + (y - means[mean + 1]) * roots[at + 2];
      joint[k] = constants[k] - 0.5 * (first * first + second * second);
    }
    return joint;
  }

  /**
   * E-step for some points.
   * @param {number} step whose mixture it is; −1: nobody knows anything yet, all are equal
   * @param {Float32Array} points (N, dims)
   * @param {number} first
   * @param {number} last not included
   * @param {Float32Array} resp (N, K), overwritten in the rows from first to last
   */
  responsibilities(step, points, first, last, resp) {
    const { count, dims } = this;
    const flat = dims === 2 && this.packed;
    if (step < 0) return resp.fill(1 / count, first * count, last * count);
    for (let i = first; i < last; i++) {
      const joint = flat ? this.flatAt(step, points[2 * i], points[2 * i + 1]) : this.jointAt(step, points, i * dims);
      let top = -Infinity;
      for (let k = 0; k < count; k++) if (joint[k] > top) top = joint[k];
      const at = i * count;
      let total = 0;
      for (let k = 0; k < count; k++) total += resp[at + k] = Math.exp(joint[k] - top);
      for (let k = 0; k < count; k++) resp[at + k] /= total;
    }
    return resp;
  }

  /**
   * Which center each point is nearest to, as hard clusters have it.
   * @param {number} step of k-means
   * @param {Float32Array} points (N, dims)
   * @param {Uint8Array} owners (N,), overwritten
   */
  owners(step, points, owners) {
    const { count, dims, centers } = this;
    for (let i = 0, from = 0; i < owners.length; i++, from += dims) {
      let best = Infinity;
      for (let k = 0; k < count; k++) {
        const center = (step * count + k) * dims;
        let squared = 0;
        for (let d = 0; d < dims && squared < best; d++) squared += (points[from + d] - centers[center + d]) ** 2;
        if (squared < best) {
          best = squared;
          owners[i] = k;
        }
      }
    }
    return owners;
  }

  /** A draw of a component from standard normal numbers: their cloud turned into its own. */
  drawn(step, component, noise, out) {
    const { dims, means, roots, count, kind, packed } = this;
    const at = this.rootAt(step, component);
    const mean = (step * count + component) * dims;
    if (!packed) {
      for (let d = 0; d < dims; d++) out[d] = means[mean + d] + noise[d] / roots[kind === "diag" ? at + d : at];
      return out;
    }
    // (x − mean) · root = noise, solved column by column
    for (let column = 0, place = at; column < dims; column++) {
      let sum = noise[column];
      for (let row = 0; row < column; row++) sum -= (out[row] - means[mean + row]) * roots[place++];
      out[column] = means[mean + column] + sum / roots[place++];
    }
    return out;
  }
}
