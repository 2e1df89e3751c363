/**
 * Where a point of a map stands on the screen. Points come in units of the map: the middle
 * is 0 and the farthest lies at about 1. A flat map is one with z = 0 that is not turned,
 * so that two and three dimensions share all formulas.
 */

const DISTANCE = 4; // of the eye: mild perspective
const TURNED = { yaw: 0.6, pitch: 0.35 };
const FIELDS = ["yaw", "pitch", "zoom", "x", "y"];

/** How far a ball of that radius, below the eye's distance, reaches on the screen, in units. */
export function reach(radius) {
  return Math.max(1, radius / Math.sqrt(1 - (radius / DISTANCE) ** 2));
}

export class Camera {
  constructor() {
    this.width = this.height = 1;
    this.extent = [1, 1];
    this.matrix = new Float64Array(9);
    this.set({ yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 });
  }

  /** The view from which the whole map is seen. */
  static whole(dims) {
    return { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0, ...(dims === 3 ? TURNED : {}) };
  }

  /** @returns {{yaw: number, pitch: number, zoom: number, x: number, y: number}} */
  get view() {
    return Object.fromEntries(FIELDS.map((field) => [field, this[field]]));
  }

  set(view) {
    for (const field of FIELDS) this[field] = view[field];
    this.turn();
  }

  /** The view at `t` of the way between two. */
  blend(from, to, t) {
    for (const field of FIELDS) this[field] = from[field] + (to[field] - from[field]) * t;
    this.turn();
  }

  resize(width, height) {
    this.width = width;
    this.height = height;
  }

  /** Pixels for one unit. */
  get scale() {
    const [x, y] = this.extent;
    return 0.47 * Math.min(this.width / x, this.height / y) * this.zoom;
  }

  pan(dx, dy) {
    this.x += dx / this.scale;
    this.y += dy / this.scale;
  }

  orbit(dx, dy) {
    this.yaw += dx * 0.008;
    this.pitch = Math.max(-1.57, Math.min(1.57, this.pitch + dy * 0.008));
    this.turn();
  }

  /** Zoom so that what is at a pixel stays there. */
  zoomAt(px, py, factor) {
    const before = this.scale;
    this.zoom = Math.max(0.3, Math.min(400, this.zoom * factor));
    const change = 1 / this.scale - 1 / before;
    this.x += (px - this.width / 2) * change;
    this.y += (py - this.height / 2) * change;
  }

  /** Rows: right, up, towards the eye. */
  turn() {
    const { yaw, pitch, matrix } = this;
    const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
    matrix.set([cy, 0, sy, sy * sp, cp, -cy * sp, -sy * cp, sp, cy * cp]);
  }

  /**
   * @param {number[]} point x, y, z in units
   * @param {Float64Array} out (3,), overwritten with right, down (pixels) and depth (units)
   */
  project(point, out) {
    const m = this.matrix;
    const [x, y, z] = point;
    const depth = m[6] * x + m[7] * y + m[8] * z;
    const near = DISTANCE / (DISTANCE - depth);
    const { scale } = this;
    out[0] = this.width / 2 + scale * ((m[0] * x + m[1] * y + m[2] * z) * near + this.x);
    out[1] = this.height / 2 + scale * (this.y - (m[3] * x + m[4] * y + m[5] * z) * near);
    out[2] = depth;
    return out;
  }

  /**
   * `project` for all points at once.
   * @param {Float32Array} points (N, 3)
   * @param {Float32Array} right (N,), overwritten
   * @param {Float32Array} down (N,), overwritten
   * @param {Float32Array} depth (N,), overwritten
   * @param {number} ratio canvas pixels for one CSS pixel
   */
  projectAll(points, right, down, depth, ratio) {
    const m = this.matrix;
    const scale = this.scale * ratio;
    const middleX = (this.width / 2) * ratio + scale * this.x;
    const middleY = (this.height / 2) * ratio + scale * this.y;
    const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = m;
    for (let i = 0, at = 0; i < right.length; i++, at += 3) {
      const x = points[at], y = points[at + 1], z = points[at + 2];
      const towards = m6 * x + m7 * y + m8 * z;
      const size = (scale * DISTANCE) / (DISTANCE - towards);
      right[i] = middleX + size * (m0 * x + m1 * y + m2 * z);
      down[i] = middleY - size * (m3 * x + m4 * y + m5 * z);
      depth[i] = towards;
    }
  }

  /** The spot of a flat map at a pixel, in units. */
  spotAt(px, py) {
    return [(px - this.width / 2) / this.scale - this.x, this.y - (py - this.height / 2) / this.scale];
  }
}
