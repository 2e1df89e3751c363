/** Pictures side by side: as they are, as a decoder draws them, and the difference of the two. */

import { board } from "./board.js";
import { Network } from "./network.js";
import { paint } from "./picture.js";

const instances = new WeakMap();

/** Streamlit calls it at mounting; `data` names the place on the board to draw from. */
export default function redrawn({ parentElement, data }) {
  if (instances.has(parentElement)) return undefined;
  const root = parentElement.querySelector(".cards");
  const networks = new Map(); // by the version of their weights
  let shown = null;
  const read = () => {
    const wanted = board().slots.get(data.slot);
    if (!wanted) return;
    const [, height, width] = wanted.shape;
    if (shown !== wanted) root.replaceChildren(...wanted.cards.map(card));
    root.classList.toggle("square", Boolean(wanted.square));
    wanted.cards.forEach((given, i) => {
      const canvas = root.children[i].querySelector("canvas");
      if (shown === wanted && canvas.pixels) return;
      canvas.style.aspectRatio = `${width} / ${height}`;
      paint(canvas, drawn(given, networks), wanted.shape);
    });
    shown = wanted;
  };
  instances.set(parentElement, read);
  board().readers.add(read);
  read();
  return () => {
    board().readers.delete(read);
    instances.delete(parentElement);
  };
}

/** Null while what it needs is on its way. */
function drawn(given, networks) {
  const image = given.pixels ?? sent(given.picture) ?? decoded(given, networks);
  if (!given.minus || !image) return image;
  const other = sent(given.minus);
  return other && image.map((value, i) => 1 - Math.abs(value - other[i]));
}

/** One of the pictures of a parcel. */
function sent(picture) {
  const parcel = picture && board().slots.get(picture.slot);
  if (!parcel || parcel.version !== picture.version) return null;
  const size = parcel.shape.slice(1).reduce((a, b) => a * b, 1);
  const from = picture.at * size;
  return Float32Array.from(parcel.arrays.pixels.subarray(from, from + size), (value) => value / 255);
}

function decoded({ code, slot, version }, networks) {
  const parcel = board().slots.get(slot);
  if (!code || parcel?.version !== version) return null;
  if (!networks.has(version)) networks.set(version, new Network(parcel.layers, parcel.arrays.weights));
  return networks.get(version).run(Float32Array.from(code));
}

function card({ title, note, label }) {
  const figure = document.createElement("figure");
  const words = ["b", "span"].map((name) => document.createElement(name));
  [words[0].textContent, words[1].textContent] = [title, note];
  const caption = document.createElement("figcaption");
  caption.append(...words);
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label ?? title);
  figure.append(canvas, caption);
  return figure;
}
