/** Ways from one code to another: the twin of `latent.paths`. */

/**
 * The code at `t` of the way, for any t in [0, 1].
 * @param {string} name "lerp" or "slerp"
 * @param {Float32Array} a start, (latentDim,)
 * @param {Float32Array} b end, same length
 * @param {number} t share of the way
 * @param {?number[]} center of the great circle; the origin if null
 * @param {Float32Array} out (latentDim,), overwritten
 */
export function along(name, a, b, t, center, out) {
  if (name === "slerp" && arc(a, b, t, center, out)) return out;
  for (let i = 0; i < out.length; i++) out[i] = (1 - t) * a[i] + t * b[i];
  return out;
}

/**
 * The code at `t` of a way that is given as codes with straight lines between: the twin of
 * `on_trail`.
 * @param {{values: Float32Array, count: number}} trail (count, latentDim), at least 2
 * @param {number} t share of the way
 * @param {Float32Array} out (latentDim,), overwritten
 */
export function onTrail({ values, count }, t, out) {
  const at = t * (count - 1);
  const before = Math.min(Math.floor(at), count - 2);
  const part = at - before;
  const from = before * out.length;
  for (let i = 0; i < out.length; i++) {
    out[i] = (1 - part) * values[from + i] + part * values[from + out.length + i];
  }
  return out;
}

/** One image fades into another: the twin of `latent.ways.cross_fade`. */
export function faded(from, to, t, out) {
  for (let i = 0; i < out.length; i++) out[i] = (1 - t) * from[i] + t * to[i];
  return out;
}

/** False where there is no arc: a code at the center, or both on one line through it. */
function arc(a, b, t, center, out) {
  let aa = 0, bb = 0, ab = 0;
  for (let i = 0; i < out.length; i++) {
    const middle = center ? center[i] : 0;
    aa += (a[i] - middle) ** 2;
    bb += (b[i] - middle) ** 2;
    ab += (a[i] - middle) * (b[i] - middle);
  }
  const lengthA = Math.sqrt(aa);
  const lengthB = Math.sqrt(bb);
  if (lengthA === 0 || lengthB === 0) return false;
  const angle = Math.acos(Math.max(-1, Math.min(1, ab / (lengthA * lengthB))));
  if (angle < 1e-6 || Math.PI - angle < 1e-6) return false;
  const length = (1 - t) * lengthA + t * lengthB;
  const shareA = (length * Math.sin((1 - t) * angle)) / (lengthA * Math.sin(angle));
  const shareB = (length * Math.sin(t * angle)) / (lengthB * Math.sin(angle));
  for (let i = 0; i < out.length; i++) {
    const middle = center ? center[i] : 0;
    out[i] = middle + shareA * (a[i] - middle) + shareB * (b[i] - middle);
  }
  return true;
}

/**
 * The code with one number moved to `t` of its range: the twin of `traverse`.
 * @param {ArrayLike<number>} code (latentDim,)
 * @param {{index: number, mean: number, std: number}} number the one that moves
 * @param {number} t share of the range, which goes from mean − reach · std to mean + reach · std
 * @param {number} reach standard deviations
 * @param {Float32Array} out (latentDim,), overwritten
 */
export function traverse(code, number, t, reach, out) {
  out.set(code);
  out[number.index] = valueAt(number, t, reach);
  return out;
}

/** The value of a number at `t` of its range. */
export function valueAt({ mean, std }, t, reach) {
  return mean + (2 * t - 1) * reach * std;
}

/** Where a value lies in its range: 0 at the low end, 1 at the high one. */
export function shareOf({ mean, std }, value, reach) {
  return ((value - mean) / std / reach + 1) / 2;
}
