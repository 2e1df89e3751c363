/** What the browser knows of a model: its codes, its decoder, and how far to believe it. */

import { Atlas, Nearest } from "./codes.js";
import { Network } from "./network.js";

const SLOTS = ["codes", "gallery", "map", "decoder", "frames", "distortion", "ways"];

export class Model {
  /**
   * Take what has arrived on the board; what is still on its way stays null.
   * @param {Map<string, object>} slots
   * @param {object} scene says which versions belong together
   * @returns {boolean} whether anything is new
   */
  update(slots, scene) {
    const seen = [scene, ...SLOTS.map((slot) => slots.get(slot))];
    if (this.seen?.every((value, i) => value === seen[i])) return false;
    this.seen = seen;
    const arrived = (slot) => {
      const parcel = slots.get(slot);
      return parcel && parcel.version === scene.versions[slot] ? parcel : null;
    };
    const [codes, gallery, map] = ["codes", "gallery", "map"].map(arrived);
    this.scene = scene;
    this.gallery = gallery;
    this.map = map;
    this.frames = arrived("frames");
    this.distortion = arrived("distortion");
    // found after the scene was sent: it fits as long as the stops are those of the scene
    this.ways = slots.get("ways")?.stamp === scene.stamp ? slots.get("ways") : null;
    if (this.codes !== codes) {
      this.codes = codes;
      this.nearest = codes && new Nearest(codes.arrays.codes, codes.latent_dim, 1);
    }
    const decoder = arrived("decoder");
    if (this.decoder !== decoder) {
      this.decoder = decoder;
      this.build(decoder);
    }
    const fresh = codes && map && (this.atlasOf?.[0] !== map || this.atlasOf?.[1] !== codes);
    if (fresh) {
      this.atlasOf = [map, codes];
      this.atlas = new Atlas(map.arrays.xy, map.dims, codes.arrays.codes, codes.latent_dim, map.linear);
    }
    if (!codes || !map) this.atlas = null;
    return true;
  }

  /** Without a decoder that works all but the pictures is still there. */
  build(decoder) {
    this.network = this.problem = null;
    try {
      this.network = decoder && new Network(decoder.layers, decoder.arrays.weights);
    } catch (error) {
      this.problem = error;
    }
  }

  get latentDim() {
    return this.codes.latent_dim;
  }

  /** @returns {Float32Array} (latentDim,), a view */
  code(index) {
    const { latentDim } = this;
    return this.codes.arrays.codes.subarray(index * latentDim, (index + 1) * latentDim);
  }

  /** @returns {?Float32Array} the image, overwritten by the next call; null without a decoder */
  decode(code) {
    return this.network ? this.network.run(code) : null;
  }

  /** @returns {?Float32Array} one of the images that the server decoded */
  frame(place) {
    if (!this.frames) return null;
    const [, ...shape] = this.frames.shape;
    const size = shape.reduce((a, b) => a * b, 1);
    const from = place * size;
    return Float32Array.from(this.frames.arrays.pixels.subarray(from, from + size), (value) => value / 255);
  }

  /** What Python found of the ways, while they are over the stops that are shown (`fits`). */
  get found() {
    return this.fits ? this.ways : null;
  }

  /** @returns {?{values: Float32Array, count: number}} codes of a way that Python has found */
  codesOf(path) {
    const values = this.found?.arrays[`codes.${path}`];
    return values && values.length ? { values, count: values.length / this.found.latent_dim } : null;
  }

  /** @returns {?Float32Array} a step of a way that Python has decoded, for a model that only it can run */
  pictureOf(path, step) {
    const pixels = this.found?.arrays[`images.${path}`];
    if (!pixels) return null;
    const size = this.scene.image_shape.reduce((a, b) => a * b, 1);
    return Float32Array.from(pixels.subarray(step * size, (step + 1) * size), (value) => value / 255);
  }

  label(index) {
    return this.scene.class_names[this.gallery.arrays.labels[index]];
  }

  /**
   * How far a code is from real images.
   * @returns {{distance: number, percent: number}} to the nearest gallery code, and the share
   *   of test images that lie closer to what the model learned from
   */
  doubt(code) {
    this.nearest.find(code);
    const distance = Math.sqrt(this.nearest.squared[0]);
    const { usual } = this.scene;
    return { distance, percent: distance === 0 ? 0 : usual.filter((d) => d < distance).length * (100 / usual.length) };
  }
}
