/** Colours of points: by label, or by rank on a scale. */

import { GREY } from "./field.js";

// ten colours each, found by a search for the set whose closest two are farthest apart in all
// kinds of colour vision; ordered so that labels often confused (4 and 9) get the most distant
const LABELS = {
  light: [
    "#872d2d", "#d25ab4", "#f04b78", "#4b3ca5", "#693c69",
    "#f0a5c3", "#8787ff", "#b4c33c", "#697800", "#69c3ff",
  ],
  dark: [
    "#f07869", "#96e1b4", "#698700", "#78ffff", "#c37896",
    "#f0d24b", "#b4b4ff", "#5a87ff", "#9669b4", "#e1f096",
  ],
};
// the same, ordered so that the first few are of different hues: mixed they still tell which two
const APART = [[2, 9, 7, 3, 0, 1, 8, 6, 5, 4], [7, 0, 5, 1, 8, 6, 2, 4, 3, 9]]; // on light, on dark
// dark to bright, even in lightness: reads the same in every kind of colour vision
const SCALE = ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"];
const SAMPLE = 512; // codes that density is measured against
const NTH = 5; // how near the fifth of them is
const CHUNK = 1500; // points between two looks at the clock

/** @returns {number[][]} [red, green, blue] for each entry of a palette of labels */
export function labelColours(count, dark) {
  const colours = LABELS[dark ? "dark" : "light"].map(channels);
  const palette = Array.from({ length: count }, (_, i) => colours[i % colours.length]);
  palette[GREY] = dark ? [58, 62, 74] : [214, 217, 224];
  return palette;
}

/** @returns {number[][]} [red, green, blue] for each of some groups whose colours get mixed */
export function groupColours(count, dark) {
  const theme = dark ? "dark" : "light";
  const order = APART[Number(dark)];
  return Array.from({ length: count }, (_, i) => channels(LABELS[theme][order[i % order.length]]));
}

/** @returns {number[][]} entries 0 to 254 from low to high */
export function scaleColours(dark) {
  const stops = SCALE.map(channels);
  const palette = Array.from({ length: GREY }, (_, i) => {
    const at = (i / (GREY - 1)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(at));
    return stops[from].map((c, k) => c + (stops[from + 1][k] - c) * (at - from));
  });
  palette[GREY] = labelColours(1, dark)[GREY];
  return palette;
}

/** @returns {number[][]} a colour of the scale for each of so many steps */
export function stepColours(count, dark) {
  const scale = scaleColours(dark);
  const palette = Array.from({ length: count }, (_, i) => scale[Math.round((i * (GREY - 1)) / Math.max(1, count - 1))]);
  palette[GREY] = scale[GREY];
  return palette;
}

export function scaleGradient() {
  return `linear-gradient(to right, ${SCALE.join(", ")})`;
}

/**
 * How crowded the space is around each code: ranks from 0 (lonely) to 254 (crowded).
 * @param {Float32Array} codes (N, dims)
 * @param {(ranks: Uint8Array) => void} done called once, after some idle moments
 * @returns {() => void} give up
 */
export function density(codes, dims, done) {
  const count = codes.length / dims;
  const some = Math.min(SAMPLE, count);
  const nth = Math.min(NTH, some - 1);
  const reach = new Float32Array(count);
  const best = new Float64Array(nth + 1);
  let from = 0, stopped = false;
  const go = () => {
    if (stopped) return;
    const to = Math.min(count, from + CHUNK);
    for (; from < to; from++) reach[from] = distanceToNth(codes, dims, from, some, count, best);
    if (from < count) setTimeout(go);
    else done(ranksFromFar(reach));
  };
  go();
  return () => {
    stopped = true;
  };
}

function distanceToNth(codes, dims, row, some, count, best) {
  best.fill(Infinity);
  const last = best.length - 1;
  for (let s = 0; s < some; s++) {
    const other = Math.floor((s * count) / some) * dims;
    let sum = 0;
    for (let d = 0, at = row * dims; d < dims; d++) {
      const step = codes[at + d] - codes[other + d];
      sum += step * step;
    }
    if (sum >= best[last]) continue;
    let slot = last;
    for (; slot > 0 && best[slot - 1] > sum; slot--) best[slot] = best[slot - 1];
    best[slot] = sum;
  }
  return best[last];
}

function ranksFromFar(reach) {
  const order = Uint32Array.from(reach.keys()).sort((i, j) => reach[j] - reach[i]);
  const ranks = new Uint8Array(reach.length);
  order.forEach((i, place) => {
    ranks[i] = Math.floor((place * (GREY - 1)) / Math.max(1, order.length - 1));
  });
  return ranks;
}

/** @param {string} hex "#rrggbb" */
export function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
