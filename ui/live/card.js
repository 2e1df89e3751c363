/** The card beside the pointer's find: picture, words, and the gauge of how far to believe it. */

import { paint } from "./picture.js";

export class Card {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    for (const name of ["seen", "what", "note", "gauge", "verdict"]) {
      this[name] = root.querySelector(`.${name}`);
    }
    this.fill = root.querySelector(".bar i");
  }

  /**
   * @param {?Float32Array} image nothing is drawn for null
   * @param {number[]} shape [C, H, W]
   * @param {string} what
   * @param {string} note
   * @param {?{distance: number, percent: number}} doubt of a code that no image has
   */
  show(image, shape, what, note, doubt) {
    this.root.hidden = false;
    this.seen.hidden = !image;
    paint(this.seen, image, shape);
    this.what.textContent = what;
    this.note.textContent = note;
    this.gauge.hidden = !doubt;
    if (!doubt) return;
    this.fill.style.width = `${Math.max(2, Math.min(100, doubt.percent))}%`;
    this.gauge.classList.toggle("far", doubt.percent > 95);
    this.verdict.textContent = verdict(doubt);
  }

  hide() {
    this.root.hidden = true;
  }
}

/** In words, how much a decoded code is like those that the model learned from. */
export function verdict({ distance, percent }) {
  if (distance === 0) return "The code of an image itself";
  const share = `${Math.round(percent)} % of new real images lie closer to a known one`;
  if (percent >= 99) return "Do not believe it: no real image lies so far from all known ones";
  return `${percent > 95 ? "A stretch" : "Believable"}: ${share}`;
}
