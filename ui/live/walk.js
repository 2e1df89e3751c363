/** A way between two codes, without a map; reports to Python where the slider comes to rest. */

import { board } from "./board.js";
import { Model } from "./model.js";
import { Walker } from "./walker.js";

const instances = new WeakMap();

/** Streamlit calls it at mounting and whenever the session changes; state stays. */
export default function mount({ parentElement, setTriggerValue }) {
  let instance = instances.get(parentElement);
  if (!instance) {
    instance = new Walk(parentElement);
    instances.set(parentElement, instance);
  }
  instance.tell = (step) => setTriggerValue("step", step);
  instance.read();
  return () => {
    instance.close();
    instances.delete(parentElement);
  };
}

class Walk {
  constructor(root) {
    this.message = root.querySelector(".message");
    this.model = new Model();
    this.seq = -1;
    const moved = (t) => (this.t = t);
    this.walker = new Walker(root, this.model, moved, (t) => this.tell({ seq: ++this.seq, t }));
    this.reader = () => this.read();
    board().readers.add(this.reader);
  }

  close() {
    board().readers.delete(this.reader);
    this.walker.close();
  }

  /** Take what has changed on the board. */
  read() {
    const { model, walker } = this;
    const scene = board().slots.get("walk");
    if (!scene || !model.update(board().slots, scene)) return;
    if (model.problem) this.fail(model.problem);
    if (!model.network && !model.frames) return;
    if (!model.problem) this.message.textContent = "";
    const { slider } = walker;
    // an answer to an older place than the one reported last is late
    const t = slider.busy || scene.seq < this.seq ? slider.t : scene.t;
    this.seq = Math.max(this.seq, scene.seq);
    if (!slider.busy) slider.show(t);
    const { versions, path, steps, ends } = scene;
    const outline = JSON.stringify([versions, path, steps, ends, Boolean(model.network)]);
    if (outline === this.outline && t === this.t) return;
    if (outline !== this.outline) {
      this.outline = outline;
      walker.setEnds(ends.map((code) => ({ code: Float32Array.from(code) })));
      walker.drawStrip(t);
    }
    walker.walk(t);
  }

  fail(error) {
    this.message.className = "message failed";
    this.message.setAttribute("role", "alert");
    this.message.textContent = `Something is missing here: ${error.message}. Reload the page; if it stays so, choose another model.`;
  }
}
