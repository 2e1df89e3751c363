/** A point's true neighbours: nearest in the codes, and how many of them are near on the map. */

import { Nearest } from "./codes.js";

/** Neighbours, as many as trustworthiness is stated for, in Python too. */
export const TRUE = 15;

export class Truth {
  /**
   * @param {?HTMLInputElement} box whether they are asked for
   * @param {import("./model.js").Model} model
   */
  constructor(box, model) {
    Object.assign(this, { box, model });
    this.codes = new Int32Array(TRUE);
    this.dots = new Int32Array(TRUE);
  }

  /**
   * @param {number} index of an image
   * @returns {?{codes: Int32Array, words: string}} overwritten by the next call; null where
   *   nobody asks or the codes have not arrived
   */
  of(index) {
    const { codes, map } = this.model;
    if (!this.box?.checked || !codes || !map) return null;
    if (this.finders?.[0].rows !== codes.arrays.codes || this.finders[1].rows !== map.arrays.xy) {
      this.finders = [
        new Nearest(codes.arrays.codes, codes.latent_dim, TRUE + 1),
        new Nearest(map.arrays.xy, map.dims, TRUE + 1),
      ];
    }
    const found = [this.codes, this.dots].map((others, side) => {
      return withoutSelf(this.finders[side], index, others);
    });
    const near = found[0].filter((other) => found[1].includes(other)).length;
    const words = `its ${found[0].length} nearest codes: ${near} near here, ${found[0].length - near} scattered`;
    return { codes: found[0], words };
  }
}

/** The nearest of one row, itself left out. */
function withoutSelf(finder, index, others) {
  const { rows, dims } = finder;
  finder.find(rows.subarray(index * dims, (index + 1) * dims));
  let count = 0;
  for (const other of finder.indices) if (other !== index && count < others.length) others[count++] = other;
  return others.subarray(0, count);
}
