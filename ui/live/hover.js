/** What the pointer finds: the nearest image, or what the decoder draws for the spot itself. */

import { Card } from "./card.js";
import { Truth } from "./truth.js";

export class Hover {
  /**
   * @param {ParentNode} root holds `.card`, `.spoken` and the switch
   * @param {import("./map.js").LatentMap} map
   * @param {import("./model.js").Model} model
   */
  constructor(root, map, model) {
    Object.assign(this, { map, model });
    this.card = new Card(root.querySelector(".card"));
    this.spoken = root.querySelector(".spoken");
    this.decodes = false;
    this.truth = new Truth(root.querySelector(".truth"), model);
    for (const input of root.querySelectorAll("[name=hover]")) {
      input.onchange = () => (this.decodes = input.value === "decode");
    }
  }

  at(x, y, event) {
    if (event.altKey !== this.decodes && this.map.dims === 2) return this.showSpot(x, y);
    const index = this.map.pick(x, y);
    if (index < 0) return this.leave();
    this.map.shown.ring = this.map.pointOf(index);
    const near = this.truth.of(index);
    this.map.shown.truth = near && { from: this.map.pointOf(index), to: Array.from(near.codes, (other) => this.map.pointOf(other)) };
    this.showImage(index, near?.words);
    this.map.drawMarks();
  }

  leave() {
    this.map.shown.ring = this.map.shown.truth = null;
    this.card.hide();
    this.map.drawMarks();
  }

  showImage(index, words = null) {
    const { model } = this;
    const what = `${model.label(index)} · image ${index}`;
    const note = words ?? (model.network ? "decoded from its code" : "");
    this.card.show(model.decode(model.code(index)), model.scene.image_shape, what, note, null);
    this.say(words ? `${what}, ${words}` : what);
  }

  showSpot(x, y) {
    const { model } = this;
    if (this.code?.length !== model.latentDim) this.code = new Float32Array(model.latentDim);
    model.atlas.invert(this.map.spotAt(x, y), this.code);
    const { image_shape: shape, inverse_note: note } = model.scene;
    this.card.show(model.decode(this.code), shape, "Decoded here", note, model.doubt(this.code));
    this.map.shown.ring = this.map.shown.truth = null;
    this.map.drawMarks();
    this.say(this.card.verdict.textContent);
  }

  /** Aloud, but only to whoever moves the cursor by keys. */
  say(words) {
    if (this.map.shown.cursor) this.spoken.textContent = words;
  }
}
