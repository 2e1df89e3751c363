/** One point under the glass: its picture and who is responsible for it. */

import { percent } from "./members.js";
import { paint } from "./picture.js";

const SHOWN_BARS = 6;

export class Asked {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    for (const name of ["seen", "what", "bars", "verdict", "owner"]) this[name] = root.querySelector(`.${name}`);
  }

  /**
   * @param {string} what in words
   * @param {?Float32Array} image
   * @param {?number[]} shape of the image
   * @param {ArrayLike<number>} resp of each component
   * @param {{css: string, ink: string}[]} colours
   * @param {string} verdict on the responsibilities, in words
   * @param {string} hard what k-means says
   */
  show(what, image, shape, resp, colours, verdict, hard) {
    this.root.classList.add("filled");
    this.what.textContent = what;
    this.seen.hidden = !image;
    if (image) paint(this.seen, image, shape);
    const order = Array.from(resp.keys()).sort((a, b) => resp[b] - resp[a]);
    const shown = order.slice(0, SHOWN_BARS);
    const rest = order.slice(SHOWN_BARS).reduce((sum, k) => sum + resp[k], 0);
    this.bars.replaceChildren(
      ...shown.map((k) => row(k + 1, resp[k], colours[k])),
      ...(order.length > SHOWN_BARS ? [row("", rest, null, `the other ${order.length - SHOWN_BARS}`)] : []),
    );
    this.verdict.textContent = verdict;
    this.owner.textContent = hard;
  }

  clear(words) {
    this.root.classList.remove("filled");
    this.what.textContent = words;
    this.seen.hidden = true;
    this.bars.replaceChildren();
    this.verdict.textContent = this.owner.textContent = "";
  }
}

function row(name, share, colour, words = "") {
  const [line, chip, track, fill, value] = ["li", "i", "span", "i", "b"].map((tag) => document.createElement(tag));
  chip.className = "chip";
  chip.textContent = name;
  if (colour) Object.assign(chip.style, { background: colour.css, color: colour.ink });
  track.className = "track";
  fill.className = "fill";
  fill.style.width = `${100 * share}%`;
  fill.style.background = colour?.css ?? "currentColor";
  track.append(fill);
  value.textContent = percent(share, 100);
  line.append(chip, track, value);
  if (words) chip.replaceWith(Object.assign(document.createElement("span"), { className: "others", textContent: words }));
  return line;
}
