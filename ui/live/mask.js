/**
 * An image of which the visitor hides a part with a brush. Painting happens here; Python hears of
 * the mask once the brush has rested.
 */

import { board, report } from "./board.js";
import { sweep } from "./brush.js";

const instances = new WeakMap();
const RESTS = 400; // milliseconds after a stroke in which another may follow
const COVER = [[118, 128, 196], [136, 146, 212]]; // a chequered cloth that no image looks like
const CURSOR = [230, 120, 40];
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const UNDONE = 50; // strokes that can be taken back

/** Streamlit calls it at mounting and whenever `data` may have changed. */
export default function mount({ parentElement, data, setTriggerValue }) {
  let instance = instances.get(parentElement);
  if (!instance) {
    instance = new Mask(parentElement);
    instances.set(parentElement, instance);
  }
  instance.tell = (mask) => setTriggerValue("mask", mask);
  instance.take(data.whole);
  return () => {
    instance.close();
    instances.delete(parentElement);
  };
}

class Mask {
  constructor(root) {
    this.find = (name) => root.querySelector(`.${name}`);
    this.canvas = this.find("paper");
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.seq = -1;
    this.waiting = 0;
    this.value = 1;
    this.before = [];
    this.cursor = null;
    for (const input of root.querySelectorAll("[name=tip]")) {
      input.onchange = () => (this.value = input.value === "hide" ? 1 : 0);
    }
    this.find("undo").onclick = () => this.undo();
    this.find("wipe").onclick = () => {
      this.remember();
      this.hidden.fill(0);
      this.changed();
    };
    this.listen();
    board().kept.set("mask", this);
  }

  close() {
    if (this.waiting) this.send();
  }

  get radius() {
    return Number(this.find("width").value) * (this.shape[2] / 28) - 0.3;
  }

  /** What Python knows; a mask older than what was painted here is not taken. */
  take(data) {
    const { shape, pixels, hidden, seq, image } = data;
    const fresh = image !== this.image;
    if (fresh) {
      this.image = image;
      this.shape = shape;
      this.pixels = bytes(pixels);
      [this.canvas.height, this.canvas.width] = shape.slice(1);
      this.drawn = this.context.createImageData(shape[2], shape[1]);
    }
    if (fresh || (seq >= this.seq && !this.waiting && !this.last)) {
      this.hidden = bytes(hidden);
      this.seq = Math.max(seq, this.seq);
      if (seq !== this.taken) this.before = [];
      this.taken = seq;
    }
    this.draw();
  }

  /** The image with a cloth over what is hidden. */
  draw() {
    const [channels, height, width] = this.shape;
    const area = height * width;
    const { data } = this.drawn;
    for (let i = 0, at = 0; i < area; i++, at += 4) {
      const cloth = COVER[(i + Math.floor(i / width)) % 2];
      for (let c = 0; c < 3; c++) {
        data[at + c] = this.hidden[i] ? cloth[c] : this.pixels[i + (channels === 3 ? c * area : 0)];
      }
      data[at + 3] = 255;
    }
    if (this.cursor) data.set(CURSOR, 4 * (this.cursor[1] * width + this.cursor[0]));
    this.context.putImageData(this.drawn, 0, 0);
    const share = this.hidden.reduce((sum, value) => sum + value, 0) / area;
    this.find("note").textContent = `${Math.round(100 * share)} % hidden`;
    this.find("undo").disabled = !this.before.length;
    this.find("wipe").disabled = share === 0;
  }

  listen() {
    const { canvas } = this;
    let held = null; // one pointer paints; a palm or a second finger does not
    const where = (event) => {
      const box = canvas.getBoundingClientRect();
      return [
        ((event.clientX - box.left) / box.width) * canvas.width,
        ((event.clientY - box.top) / box.height) * canvas.height,
      ];
    };
    const paint = (to, button = 0) => {
      const start = performance.now();
      const value = button === 5 ? 0 : this.value; // the far end of a pen that has a rubber there
      sweep(this.hidden, this.shape.slice(1), this.last ?? to, to, this.radius, value);
      this.last = to;
      this.draw();
      report("mask stroke", start);
    };
    canvas.onpointerdown = (event) => {
      if (held !== null || (event.button > 0 && event.button !== 5)) return;
      event.preventDefault();
      held = event.pointerId;
      canvas.setPointerCapture(held);
      this.begin();
      paint(where(event), event.button);
    };
    canvas.onpointermove = (event) => {
      if (event.pointerId !== held) return;
      const between = event.getCoalescedEvents?.() ?? [];
      for (const passed of between.length ? between : [event]) paint(where(passed));
    };
    canvas.onpointerup = canvas.onpointercancel = (event) => {
      if (event.pointerId !== held) return;
      held = this.last = null;
      this.changed();
    };
    canvas.onkeydown = (event) => this.typed(event);
    canvas.onblur = () => {
      this.cursor = null;
      this.draw();
    };
  }

  /** Arrow keys move a cursor, the space bar paints where it is. */
  typed(event) {
    const [, height, width] = this.shape;
    const move = KEYS[event.key];
    if (!move && event.key !== " ") return;
    event.preventDefault();
    const [x, y] = this.cursor ?? [Math.floor(width / 2), Math.floor(height / 2)];
    if (move) {
      const inside = (at, size) => Math.min(size - 1, Math.max(0, at));
      this.cursor = [inside(x + move[0], width), inside(y + move[1], height)];
      this.draw();
      return;
    }
    this.begin();
    const at = [x + 0.5, y + 0.5];
    sweep(this.hidden, [height, width], at, at, this.radius, this.value);
    this.changed();
  }

  begin() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.remember();
  }

  remember() {
    this.before.push(this.hidden.slice());
    if (this.before.length > UNDONE) this.before.shift();
  }

  undo() {
    this.hidden = this.before.pop() ?? this.hidden;
    this.changed();
  }

  /** A stroke is finished: Python hears of it when the brush rests. */
  changed() {
    clearTimeout(this.waiting);
    this.draw();
    this.waiting = setTimeout(() => this.send(), RESTS);
  }

  send() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.seq += 1;
    this.taken = this.seq; // what comes back is known here
    this.tell({ seq: this.seq, hidden: btoa(String.fromCharCode(...this.hidden)) });
  }
}

/** @returns {Uint8Array} what base64 stands for */
function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
