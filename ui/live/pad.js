/**
 * The sheet beside the map: while somebody draws, the drawing is prepared, encoded, placed and
 * redrawn here. Python hears of it once the pen rests.
 */

import { board, pin, report } from "./board.js";
import { channels } from "./colouring.js";
import { Nearest, PLACED_BY } from "./codes.js";
import { Model } from "./model.js";
import { Network } from "./network.js";
import { Pen } from "./pen.js";
import { paint, unhurried } from "./picture.js";
import { Preparation } from "./preparation.js";
import { elected } from "./votes.js";

const instances = new WeakMap();
const RESTS = 400; // milliseconds after a stroke in which another may follow

/** Streamlit calls it at mounting and whenever theme or session change; state stays. */
export default function mount({ parentElement, setTriggerValue }) {
  let instance = instances.get(parentElement);
  try {
    if (!instance) {
      instance = new Pad(parentElement);
      instances.set(parentElement, instance);
    }
    instance.tell = (drawing) => setTriggerValue("drawing", drawing);
    instance.retheme();
    instance.read();
  } catch (error) {
    parentElement.querySelector(".note").textContent = `Drawing does not work here: ${error.message}.`;
  }
  return () => {
    instance?.close();
    instances.delete(parentElement);
  };
}

class Pad {
  constructor(root) {
    this.find = (name) => root.querySelector(`.${name}`);
    this.model = new Model();
    this.pen = new Pen(this.find("paper"), {
      inked: (event) => this.inked(event),
      lifted: () => this.changed(),
    });
    this.preparation = new Preparation(this.pen.canvas.width);
    this.frame = this.waiting = this.since = 0;
    // the drawing is still there when the visitor comes back from another page
    Object.assign(this, board().kept.get("sheet") ?? { number: 1, seq: 0 });
    this.pen.show(board().kept.get("sheet")?.strokes ?? []);
    for (const input of root.querySelectorAll("[name=tip]")) {
      input.onchange = () => (this.pen.rubber = input.value === "rubber");
    }
    this.find("undo").onclick = () => {
      this.pen.undo();
      this.changed();
    };
    this.find("wipe").onclick = () => this.clear();
    this.find("fresh").onclick = () => this.begin();
    this.reader = () => this.read();
    board().readers.add(this.reader);
    board().kept.set("pad", this);
    this.tools();
  }

  close() {
    board().readers.delete(this.reader);
    cancelAnimationFrame(this.frame);
    this.cool?.();
    if (this.waiting) this.send();
    this.follow(null);
  }

  /** On a dark page the sheet is a blackboard: CSS turns it round. */
  retheme() {
    const style = getComputedStyle(this.find("paper"));
    const background = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    this.find("paper").classList.toggle("board", channels(background).reduce((a, b) => a + b) < 384);
  }

  /** Take what has changed on the page's board. */
  read() {
    const { slots } = board();
    const [scene, given] = [slots.get("scene"), slots.get("pad")];
    if (!given) return;
    if (given !== this.given) this.take(given);
    this.answer();
    if (scene) this.model.update(slots, scene);
    const parcel = slots.get("encoder");
    const encoder = given.encoder && parcel?.version === given.encoder ? parcel : null;
    if (this.encoded === encoder && this.codes === this.model.codes) return;
    this.encoded = encoder;
    this.encoder = encoder && new Network(encoder.layers, encoder.arrays.weights);
    this.codes = this.model.codes;
    this.nearest = this.codes && new Nearest(this.codes.arrays.codes, this.codes.latent_dim, Math.max(PLACED_BY, given.voters));
    this.code = this.codes && new Float32Array(this.codes.latent_dim);
    this.tools();
    if (!this.pen.empty) this.live(); // drawn before the network came, or for another model
    else if (this.ready) this.warmUp();
  }

  /** Code that has never run is slow: the first stroke shall not pay for that. */
  warmUp() {
    const { preparation, encoder, nearest, model, code } = this;
    const pixels = new Uint8ClampedArray(4 * preparation.size ** 2).fill(255);
    pixels.fill(0, pixels.length / 4, pixels.length / 2);
    this.cool?.();
    this.cool = unhurried(12, () => {
      code.set(encoder.run(preparation.run(pixels)).subarray(0, code.length));
      nearest.find(code);
      model.decode(code);
    });
  }

  /** What Python says of the sheet. */
  take(given) {
    this.given = given;
    this.pen.width = given.width;
    this.find("invite").textContent = given.invite;
    if (given.gone.includes(this.number)) {
      this.number += 1;
      this.empty();
    }
    if (given.seq >= this.seq && !this.pen.busy && !this.waiting) this.follow(null);
  }

  /** What Python made of the drawing, for a model that the browser cannot run. */
  answer() {
    const { encoder, answer } = this.given;
    const parcel = answer && board().slots.get("answer");
    if (encoder || !answer || parcel?.version !== answer.version || this.answered === answer) return;
    if (answer.number !== this.number) return; // another drawing was chosen in the tray
    this.answered = answer;
    const [count, ...shape] = parcel.shape;
    const size = parcel.arrays.pixels.length / count;
    ["sees", "draws"].forEach((name, i) => {
      const image = Float32Array.from(parcel.arrays.pixels.subarray(i * size, (i + 1) * size), (v) => v / 255);
      paint(this.find(name), image, shape);
    });
    this.words(answer.label, answer.votes);
    this.find("live").classList.remove("waits");
  }

  words(label, votes) {
    this.find("label").textContent = label;
    this.find("votes").textContent = `say ${votes} of ${this.given.voters} nearest`;
  }

  get ready() {
    return Boolean(this.encoder && this.nearest && this.model.network && this.model.map);
  }

  /** The pen moved: draw what follows from it once a frame. */
  inked(event) {
    clearTimeout(this.waiting);
    this.waiting = 0;
    if (this.pen.strokes.length === 1) this.tools();
    this.since ||= event.timeStamp;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const start = performance.now();
      this.live();
      report("pen handler", start);
      report("pen to dot", this.since);
      this.since = 0;
    });
  }

  /** Prepare, encode, place, decode: all that the visitor sees while drawing. */
  live() {
    const x = this.ready ? this.preparation.run(this.pen.pixels) : null;
    if (this.given && !this.given.encoder && !this.pen.empty) return; // Python will answer
    this.find("live").classList.toggle("waits", !x);
    if (!x) {
      for (const name of ["sees", "draws"]) this.find(name).width += 0; // empties it
      this.follow(null);
      return;
    }
    const { model, nearest, code } = this;
    const { image_shape: shape, class_names: names } = model.scene;
    paint(this.find("sees"), x, shape);
    code.set(this.encoder.run(x).subarray(0, code.length)); // of a vae the variances follow
    nearest.find(code);
    this.follow({ code, near: Array.from(nearest.indices.subarray(0, PLACED_BY)) });
    paint(this.find("draws"), model.decode(code), shape);
    const { label, votes } = elected(nearest.indices, model.gallery.arrays.labels, this.given.voters);
    this.words(names[label], votes);
  }

  /** Let the map show the drawing; null: what Python knows. */
  follow(drawn) {
    if (!drawn && !board().slots.get("pen")?.drawn) return;
    pin("pen", { model: this.model.scene?.model, drawn });
  }

  /** A stroke is finished, or one was taken back: Python hears of it when the pen rests. */
  changed() {
    clearTimeout(this.waiting);
    this.keep();
    this.tools();
    if (this.pen.empty) return this.clear();
    this.since = 0;
    this.live();
    this.waiting = setTimeout(() => this.send(), RESTS);
    return undefined;
  }

  send() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.seq += 1;
    this.keep();
    const png = this.pen.blank ? null : this.pen.canvas.toDataURL("image/png");
    this.tell({ seq: this.seq, number: this.number, png });
  }

  /** An empty sheet; the drawing on it is gone. */
  clear() {
    this.empty();
    this.send();
  }

  /** An empty sheet; the drawing stays in the tray. */
  begin() {
    if (this.waiting) this.send();
    this.number += 1;
    this.empty();
  }

  empty() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.pen.show([]);
    this.live();
    this.keep();
    this.tools();
  }

  keep() {
    const { number, seq, pen } = this;
    board().kept.set("sheet", { number, seq, strokes: pen.strokes });
  }

  tools() {
    const { length } = this.pen.strokes;
    this.find("invite").hidden = length > 0;
    for (const name of ["undo", "wipe", "fresh"]) this.find(name).disabled = length === 0;
    this.find("live").hidden = Boolean(this.given?.alone || (this.given?.encoder && !this.ready));
    this.find("note").textContent = this.given?.encoder ? "" : this.given?.slow ?? "";
  }
}
