/** The density of a mixture on a straight map, and lines along which it is equal. Knows no canvas. */

const CELLS = 64; // along the longer side of the grid
const ASKED = 1000; // points that say how high the lines must lie
const INSIDE = [0.5, 0.8, 0.95]; // shares of the points within the lines

/**
 * Components as they lie on the map, ready for `densityAt`.
 * @param {import("./gaussians.js").Trace} trace
 * @returns {{weight: number, x: number, y: number, a: number, b: number, c: number}[]}
 */
export function shadows(trace, step) {
  const { count, weights, spots, shapes } = trace;
  const found = [];
  for (let k = 0; k < count; k++) {
    const at = step * count + k;
    const [xx, xy, yy] = shapes.subarray(3 * at, 3 * at + 3);
    const determinant = xx * yy - xy * xy;
    if (!(determinant > 0) || !weights[at]) continue;
    found.push({
      weight: weights[at] / (2 * Math.PI * Math.sqrt(determinant)),
      x: spots[2 * at], y: spots[2 * at + 1],
      a: yy / determinant, b: -xy / determinant, c: xx / determinant,
    });
  }
  return found;
}

export function densityAt(parts, x, y) {
  let sum = 0;
  for (const part of parts) {
    const dx = x - part.x, dy = y - part.y;
    sum += part.weight * Math.exp(-0.5 * (part.a * dx * dx + 2 * part.b * dx * dy + part.c * dy * dy));
  }
  return sum;
}

/** How high the lines lie that hold half, four fifths and 95 % of the points. */
export function levelsOf(parts, xy) {
  const count = xy.length / 2;
  const stride = Math.max(1, Math.floor(count / ASKED));
  const found = [];
  for (let i = 0; i < count; i += stride) found.push(densityAt(parts, xy[2 * i], xy[2 * i + 1]));
  const sorted = Float64Array.from(found).sort();
  return INSIDE.map((share) => sorted[Math.floor((1 - share) * (sorted.length - 1))]);
}

/**
 * Lines along which the density has one of some values: marching squares.
 * @param {number[]} box left, bottom, right, top
 * @param {number[]} levels
 * @returns {number[][]} for each level x0, y0, x1, y1 of one piece after another
 */
export function contours(parts, [left, bottom, right, top], levels) {
  const edge = Math.max(right - left, top - bottom) / CELLS;
  const across = Math.max(1, Math.round((right - left) / edge));
  const up = Math.max(1, Math.round((top - bottom) / edge));
  const values = new Float64Array((across + 1) * (up + 1));
  for (let row = 0, at = 0; row <= up; row++) {
    for (let column = 0; column <= across; column++) {
      values[at++] = densityAt(parts, left + column * edge, bottom + row * edge);
    }
  }
  return levels.map((level) => {
    const line = [];
    for (let row = 0; row < up; row++) {
      for (let column = 0; column < across; column++) {
        const at = row * (across + 1) + column;
        crossings(values[at], values[at + 1], values[at + across + 2], values[at + across + 1], level, (x, y) => {
          line.push(left + (column + x) * edge, bottom + (row + y) * edge);
        });
      }
    }
    return line;
  });
}

/** Where a line enters and leaves one cell, whose corners go around from the bottom left. */
function crossings(a, b, c, d, level, add) {
  const kind = (a > level) | ((b > level) << 1) | ((c > level) << 2) | ((d > level) << 3);
  const pairs = PAIRS[kind];
  for (let i = 0; i < pairs.length; i++) {
    const side = pairs[i];
    if (side === 0) add((level - a) / (b - a), 0);
    else if (side === 1) add(1, (level - b) / (c - b));
    else if (side === 2) add((level - d) / (c - d), 1);
    else add(0, (level - a) / (d - a));
  }
}

// sides of a cell (bottom, right, top, left) that a line crosses, by which corners lie above it
const PAIRS = [
  [], [3, 0], [0, 1], [3, 1], [1, 2], [3, 0, 1, 2], [0, 2], [3, 2],
  [2, 3], [2, 0], [0, 1, 2, 3], [2, 1], [1, 3], [1, 0], [0, 3], [],
];
