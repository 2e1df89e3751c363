/** What the lasso caught: a grid of pictures and a file of their numbers. */

import { paint, pictureButton, unhurried } from "./picture.js";

const MOST = 120; // pictures in the grid

export class Lassoed {
  /**
   * @param {HTMLElement} root
   * @param {import("./model.js").Model} model
   * @param {{chosen: (index: number) => void, closed: () => void}} told
   */
  constructor(root, model, told) {
    this.root = root;
    this.model = model;
    this.told = told;
    this.stop = () => {};
    root.querySelector(".dismiss").onclick = () => told.closed();
    root.querySelector(".download").onclick = () => this.download();
  }

  /** @param {number[]} chosen indices of images */
  show(chosen) {
    this.chosen = chosen;
    this.root.hidden = false;
    const rest = chosen.length > MOST ? `, the first ${MOST} shown` : "";
    this.root.querySelector(".count").textContent = `${chosen.length.toLocaleString()} images${rest}`;
    const { model } = this;
    const thumbs = chosen.slice(0, MOST).map((index) => {
      const label = model.label(index);
      return pictureButton(`${label} · ${index}`, `Choose image ${index}, a ${label}`, () => this.told.chosen(index));
    });
    this.root.querySelector(".grid").replaceChildren(...thumbs.map(({ button }) => button));
    this.stop();
    this.stop = unhurried(thumbs.length, (i) => {
      paint(thumbs[i].canvas, model.decode(model.code(chosen[i])), model.scene.image_shape);
    });
  }

  hide() {
    this.stop();
    this.root.hidden = true;
  }

  download() {
    const rows = this.chosen.map((index) => `${index},${quoted(this.model.label(index))}`);
    const file = new Blob([`number,label\n${rows.join("\n")}\n`], { type: "text/csv" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${this.model.scene.model}-images.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

function quoted(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
