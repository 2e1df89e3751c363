/**
 * Runs a network exported by `latent.runtime`: a list of layers and their weights.
 * Knows no canvas. All memory is allocated once, when the network is made.
 */

/**
 * @typedef {{kind: string, in: number[], out: number[], kernel?: number, stride?: number,
 *   padding?: number, factor?: number, weight?: number, bias?: number}} Layer
 */

export class Network {
  /**
   * @param {Layer[]} layers
   * @param {Float32Array} weights all tensors, where the layers' offsets say
   * @throws {Error} if a layer is unknown or the weights do not fit the layers
   */
  constructor(layers, weights) {
    let size = layers.length ? sizeOf(layers[0].in) : 0;
    this.steps = layers.map((layer, number) => {
      if (sizeOf(layer.in) !== size) throw new Error(`layer ${number} does not fit the one before`);
      size = sizeOf(layer.out);
      const make = MAKERS[layer.kind];
      if (!make) throw new Error(`unknown layer ${layer.kind}`);
      return make(layer, (offset, count) => {
        if (!(offset >= 0) || offset + count > weights.length) {
          throw new Error(`the weights do not fit layer ${number} (${layer.kind})`);
        }
        return weights.subarray(offset, offset + count);
      });
    });
    this.inputSize = layers.length ? sizeOf(layers[0].in) : 0;
    this.outputShape = layers.length ? layers[layers.length - 1].out : [];
  }

  /**
   * One forward pass.
   * @param {Float32Array} input (inputSize,)
   * @returns {Float32Array} (outputSize,), overwritten by the next call
   */
  run(input) {
    let values = input;
    for (let i = 0; i < this.steps.length; i++) values = this.steps[i](values);
    return values;
  }
}

/**
 * C = A·B + C, all row-major. Works on 4 rows and 4 inner steps at a time, so that the
 * innermost loop runs over contiguous memory and does 16 multiply-adds for 12 accesses.
 * @param {Float32Array} c (m, n)
 * @param {Float32Array} a (m, k)
 * @param {Float32Array} b (k, n)
 */
export function multiply(c, a, b, m, k, n) {
  const wholeM = m & ~3;
  const wholeK = k & ~3;
  for (let i = 0; i < wholeM; i += 4) {
    const c0 = i * n, c1 = c0 + n, c2 = c1 + n, c3 = c2 + n;
    for (let j = 0; j < wholeK; j += 4) {
      const r0 = i * k + j, r1 = r0 + k, r2 = r1 + k, r3 = r2 + k;
      const a00 = a[r0], a01 = a[r0 + 1], a02 = a[r0 + 2], a03 = a[r0 + 3];
      const a10 = a[r1], a11 = a[r1 + 1], a12 = a[r1 + 2], a13 = a[r1 + 3];
      const a20 = a[r2], a21 = a[r2 + 1], a22 = a[r2 + 2], a23 = a[r2 + 3];
      const a30 = a[r3], a31 = a[r3 + 1], a32 = a[r3 + 2], a33 = a[r3 + 3];
      const b0 = j * n, b1 = b0 + n, b2 = b1 + n, b3 = b2 + n;
      for (let x = 0; x < n; x++) {
        const v0 = b[b0 + x], v1 = b[b1 + x], v2 = b[b2 + x], v3 = b[b3 + x];
        c[c0 + x] += a00 * v0 + a01 * v1 + a02 * v2 + a03 * v3;
        c[c1 + x] += a10 * v0 + a11 * v1 + a12 * v2 + a13 * v3;
        c[c2 + x] += a20 * v0 + a21 * v1 + a22 * v2 + a23 * v3;
        c[c3 + x] += a30 * v0 + a31 * v1 + a32 * v2 + a33 * v3;
      }
    }
    for (let row = i; row < i + 4; row++) addRest(c, a, b, row, k, n, wholeK);
  }
  for (let row = wholeM; row < m; row++) addRest(c, a, b, row, k, n, 0);
}

function addRest(c, a, b, row, k, n, from) {
  for (let j = from; j < k; j++) {
    const weight = a[row * k + j];
    for (let x = 0; x < n; x++) c[row * n + x] += weight * b[j * n + x];
  }
}

const MAKERS = {
  linear, conv, conv_transpose: convTranspose, pixel_shuffle: pixelShuffle,
  flatten: () => (x) => x,
  unflatten: () => (x) => x,
  relu: (layer) => pointwise(layer, (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = x[i] > 0 ? x[i] : 0;
  }),
  silu: (layer) => pointwise(layer, (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = x[i] / (1 + Math.exp(-x[i]));
  }),
  sigmoid: (layer) => pointwise(layer, (x, y) => {
    for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]));
  }),
};

function pointwise(layer, apply) {
  const out = new Float32Array(sizeOf(layer.out));
  return (x) => {
    apply(x, out);
    return out;
  };
}

function linear(layer, tensor) {
  const [inputs] = layer.in;
  const [outputs] = layer.out;
  const weight = tensor(layer.weight, outputs * inputs);
  const bias = tensor(layer.bias, outputs);
  const out = new Float32Array(outputs);
  const whole = outputs & ~3;
  return (x) => {
    let o = 0;
    for (; o < whole; o += 4) {
      // four sums at once: each alone would wait for its own last addition
      const r0 = o * inputs, r1 = r0 + inputs, r2 = r1 + inputs, r3 = r2 + inputs;
      let s0 = bias[o], s1 = bias[o + 1], s2 = bias[o + 2], s3 = bias[o + 3];
      for (let i = 0; i < inputs; i++) {
        const value = x[i];
        s0 += weight[r0 + i] * value;
        s1 += weight[r1 + i] * value;
        s2 += weight[r2 + i] * value;
        s3 += weight[r3 + i] * value;
      }
      out[o] = s0;
      out[o + 1] = s1;
      out[o + 2] = s2;
      out[o + 3] = s3;
    }
    for (; o < outputs; o++) {
      let sum = bias[o];
      for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i] * x[i];
      out[o] = sum;
    }
    return out;
  };
}

/** Patches side by side, then one multiplication. */
function conv(layer, tensor) {
  const { kernel, stride, padding } = layer;
  const [channels, height, width] = layer.in;
  const [outputs, outHeight, outWidth] = layer.out;
  const taps = channels * kernel * kernel;
  const pixels = outHeight * outWidth;
  const weight = tensor(layer.weight, outputs * taps);
  const bias = tensor(layer.bias, outputs);
  const patches = new Float32Array(taps * pixels); // what lies in the padding stays 0
  const out = new Float32Array(outputs * pixels);
  return (x) => {
    let row = 0;
    for (let c = 0; c < channels; c++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++, row += pixels) {
          for (let oy = 0; oy < outHeight; oy++) {
            const y = oy * stride + ky - padding;
            if (y < 0 || y >= height) continue;
            const from = (c * height + y) * width + kx - padding;
            const to = row + oy * outWidth;
            for (let ox = 0; ox < outWidth; ox++) {
              const at = ox * stride + kx - padding;
              if (at >= 0 && at < width) patches[to + ox] = x[from + ox * stride];
            }
          }
        }
      }
    }
    for (let o = 0; o < outputs; o++) out.fill(bias[o], o * pixels, (o + 1) * pixels);
    multiply(out, weight, patches, outputs, taps, pixels);
    return out;
  };
}

/** One multiplication, then every product is added where its tap reaches. */
function convTranspose(layer, tensor) {
  const { kernel, stride, padding } = layer;
  const [channels, height, width] = layer.in;
  const [outputs, outHeight, outWidth] = layer.out;
  const taps = outputs * kernel * kernel;
  const pixels = height * width;
  const given = tensor(layer.weight, channels * taps);
  const bias = tensor(layer.bias, outputs);
  const weight = new Float32Array(taps * channels);
  for (let c = 0; c < channels; c++) {
    for (let t = 0; t < taps; t++) weight[t * channels + c] = given[c * taps + t];
  }
  const products = new Float32Array(taps * pixels);
  const area = outHeight * outWidth;
  const out = new Float32Array(outputs * area);
  return (x) => {
    products.fill(0);
    multiply(products, weight, x, taps, channels, pixels);
    for (let o = 0; o < outputs; o++) out.fill(bias[o], o * area, (o + 1) * area);
    let row = 0;
    for (let o = 0; o < outputs; o++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++, row += pixels) {
          for (let y = 0; y < height; y++) {
            const oy = y * stride + ky - padding;
            if (oy < 0 || oy >= outHeight) continue;
            const to = o * area + oy * outWidth + kx - padding;
            for (let i = 0; i < width; i++) {
              const ox = i * stride + kx - padding;
              if (ox >= 0 && ox < outWidth) out[to + i * stride] += products[row + y * width + i];
            }
          }
        }
      }
    }
    return out;
  };
}

function pixelShuffle(layer) {
  const { factor } = layer;
  const [channels, height, width] = layer.in;
  const outWidth = width * factor;
  const out = new Float32Array(channels * height * width);
  return (x) => {
    for (let c = 0; c < channels; c++) {
      const plane = Math.floor(c / (factor * factor)) * height * factor;
      const dy = Math.floor(c / factor) % factor;
      const dx = c % factor;
      for (let y = 0; y < height; y++) {
        const from = (c * height + y) * width;
        const to = (plane + y * factor + dy) * outWidth + dx;
        for (let i = 0; i < width; i++) out[to + i * factor] = x[from + i];
      }
    }
    return out;
  };
}

function sizeOf(shape) {
  return shape.reduce((product, size) => product * size, 1);
}
