/** Traverse: one code under sliders, rows, plane and cloud; reports finished movements to Python. */

import { Bank, signed } from "./bank.js";
import { board, report } from "./board.js";
import { Filler } from "./filler.js";
import { Model } from "./model.js";
import { shareOf, traverse, valueAt } from "./paths.js";
import { paint } from "./picture.js";
import { Plane } from "./plane.js";
import { Posterior } from "./posterior.js";

const instances = new WeakMap();

/** Streamlit calls it at mounting and whenever the session changes; state stays. */
export default function mount({ parentElement, setTriggerValue }) {
  let instance = instances.get(parentElement);
  try {
    if (!instance) {
      instance = new Traverse(parentElement);
      instances.set(parentElement, instance);
    }
    instance.tell = (move) => setTriggerValue("move", move);
    instance.read();
  } catch (error) {
    fail(parentElement, error);
  }
  return () => {
    instance?.close();
    instances.delete(parentElement);
  };
}

const HINTS = {
  space: "The whole latent space within this range: each picture is what the decoder draws for its spot. Point at a spot to see it large; click or drag to go there.",
  slice: "A slice through the latent space: the other numbers stay as they are. Point at a spot to see it large; click or drag to go there.",
};

function fail(root, error) {
  const message = root.querySelector(".message");
  message.className = "message failed";
  message.setAttribute("role", "alert");
  message.textContent = `Something is missing here: ${error.message}. Reload the page; if it stays so, choose another model.`;
}

class Traverse {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`.${name}`);
    this.model = new Model();
    this.filler = new Filler();
    this.seq = -1;
    this.code = [];
    const released = () => this.released();
    this.bank = new Bank(this.find("bank"), {
      moved: (dim, value) => this.timed(() => this.move({ [dim]: value })),
      released,
      reset: (dim) => this.finish({ [dim]: this.scene.start[dim] }),
    });
    this.plane = new Plane(this.find("whole"), {
      hover: (x, y) => this.timed(() => this.hover(x, y)),
      leave: () => this.leave(),
      moved: (x, y) => this.timed(() => this.move(this.under(x, y))),
      released,
    });
    this.posterior = new Posterior(this.find("posterior"), {
      chosen: (code) => this.move(code),
      released,
      drawn: () => this.spoilDraws(),
    });
    this.fillGroups();
    this.find("all").onclick = () => this.finish(this.scene.start);
    for (const name of ["across", "up"]) this.find(name).onchange = (event) => this.turn(name, event);
    this.reader = () => this.guarded(() => this.read());
    board().readers.add(this.reader);
  }

  /** What is filled first comes first. */
  fillGroups() {
    const { filler } = this;
    this.rows = filler.group((i) => this.drawTile(i), () => this.complete());
    this.grid = filler.group((i) => this.plane.paint(i, this.image(1 + this.rows.stale.length + i, this.cell(i))));
    this.draws = filler.group((i) => paint(this.posterior.canvases[i], this.image(-1, this.posterior.codes[i]), this.scene.image_shape));
    this.lens = filler.group((i) => {
      const { lens } = this.posterior;
      lens.paint(i, this.image(-1, this.posterior.codeAt(...lens.at(i))));
    });
  }

  close() {
    board().readers.delete(this.reader);
    this.filler.close();
    this.plane.close();
    this.posterior.close();
  }

  guarded(act) {
    try {
      act();
    } catch (error) {
      fail(this.root, error);
    }
  }

  timed(act) {
    const start = performance.now();
    act();
    report("traverse", start);
  }

  /** Take what has changed on the board. */
  read() {
    const scene = board().slots.get("traverse");
    if (!scene || !this.model.update(board().slots, scene)) return;
    if (this.model.problem) return fail(this.root, this.model.problem);
    if (!this.model.network && !this.model.frames) return; // on their way
    board().kept.set("traverse", this);
    const old = this.scene;
    this.scene = scene;
    if (scene.model !== old?.model || this.decoder !== this.model.decoder || scene.reach !== old.reach) this.build(old);
    const busy = this.bank.busy || this.plane.held;
    const news = scene.seq > this.seq || (scene.seq === this.seq && !busy);
    if (scene.seq > this.seq) this.bank.forget();
    if (news) this.seq = scene.seq;
    this.showPlane(news ? scene.plane : this.axes);
    this.showCloud();
    this.move(news ? scene.code : {});
    if (!this.model.network) this.spoilAll();
    this.bank.show(this.code, scene.start);
  }

  /** Sliders, rows and plane of another model or range. */
  build(old) {
    const { scene, model } = this;
    this.decoder = model.decoder;
    this.at = new Map(scene.numbers.map((number) => [number.index, number]));
    if (scene.model !== old?.model) {
      this.seq = -1;
      this.code = scene.code;
      this.axes = null;
    }
    this.scratch = new Float32Array(scene.code.length);
    this.bank.build(scene.numbers, scene.measure, scene.steps, scene.reach);
    this.rows.resize(scene.numbers.length * scene.steps);
    this.plane.build(scene.side, scene.image_shape);
    this.grid.resize(scene.side ** 2);
    this.find("message").textContent = "";
    this.find("desk").hidden = false;
    this.find("desk").classList.toggle("few", scene.numbers.length <= 2);
    this.find("whole").hidden = scene.numbers.length < 2;
    this.find("hint").textContent = HINTS[scene.numbers.length <= 2 ? "space" : "slice"];
    this.spoilAll();
    for (const name of ["across", "up"]) {
      this.find(name).replaceChildren(...scene.numbers.map(({ index }) => new Option(`number ${index + 1}`, index)));
    }
  }

  /** Decoded here, or the picture of that place on the server's sheet. */
  image(place, code) {
    const { model } = this;
    if (!model.network) return model.frame(place);
    this.scratch.set(code);
    return model.decode(this.scratch);
  }

  drawTile(i) {
    const { numbers, steps, reach, image_shape: shape } = this.scene;
    const row = Math.floor(i / steps);
    const code = traverse(this.code, numbers[row], (i % steps) / (steps - 1), reach, this.scratch);
    paint(this.bank.rows[row].canvases[i % steps], this.image(1 + i, code), shape);
  }

  /** The code at shares of the plane, as changes of the current one. */
  under(x, y) {
    const [across, up] = this.axes.map((dim) => this.at.get(dim));
    const { reach } = this.scene;
    return { [across.index]: valueAt(across, x, reach), [up.index]: valueAt(up, y, reach) };
  }

  cell(i) {
    return Object.assign([...this.code], this.under(...this.plane.at(i)));
  }

  /**
   * Make changes of the code seen: the picture at once, rows and plane in idle moments.
   * @param {ArrayLike<number>|Object<number, number>} changes new values by number
   */
  move(changes) {
    const { scene, model } = this;
    const changed = [];
    for (const dim of Object.keys(changes)) {
      if (this.code[dim] !== changes[dim]) changed.push(Number(dim));
    }
    this.code = Object.assign([...this.code], changes);
    for (const dim of changed) this.bank.showNumber(dim, this.code, scene.start);
    paint(this.find("here"), this.image(0, this.code), scene.image_shape);
    this.caption();
    this.mark(null);
    if (changed.length && model.network) this.spoil(changed);
  }

  caption() {
    const { start } = this.scene;
    const moved = this.code.filter((value, d) => value !== start[d]).length;
    this.find("what").textContent = "The current code";
    this.find("where").textContent = moved ? `${moved} of ${start.length} numbers moved` : "as it started";
    this.find("all").disabled = !moved;
  }

  /** Move, and let that be finished. */
  finish(changes) {
    this.move(changes);
    this.released();
  }

  released() {
    this.releasedAt = performance.now();
    if (!this.rows.left) this.complete();
    this.seq += 1;
    this.tell({ seq: this.seq, code: [...this.code], plane: this.axes });
  }

  complete() {
    if (this.releasedAt && !this.bank.busy) report("traverse rows", this.releasedAt);
    this.releasedAt = this.bank.busy ? this.releasedAt : null;
  }

  /** A row does not depend on its own number, nor the plane on its two. */
  spoil(changed) {
    const { numbers, steps } = this.scene;
    numbers.forEach(({ index }, row) => {
      if (changed.every((dim) => dim === index)) return;
      for (let i = 0; i < steps; i++) this.rows.spoil(row * steps + i);
    });
    if (!changed.every((dim) => this.axes.includes(dim))) this.grid.spoilAll();
    this.filler.wake();
  }

  spoilAll() {
    this.rows.spoilAll();
    this.grid.spoilAll();
    this.filler.wake();
  }

  spoilDraws() {
    this.draws.resize(this.posterior.codes.length);
    this.draws.spoilAll();
    this.filler.wake();
  }

  showCloud() {
    const { scene, posterior } = this;
    if (!posterior.show(this.model.network ? scene.posterior : null, scene, this.axes)) return;
    this.lens.resize(posterior.lens.side ** 2);
    this.lens.spoilAll();
    this.filler.wake();
  }

  /** Another number across or up; the other one gives way if it is the same. */
  turn(name, event) {
    const chosen = Number(event.target.value);
    const [across, up] = this.axes;
    const axes = name === "across" ? [chosen, chosen === up ? across : up] : [chosen === across ? up : across, chosen];
    this.showPlane(axes);
    this.showCloud();
    this.mark(null);
    this.released();
  }

  showPlane(axes) {
    if (this.axes?.every((dim, i) => dim === axes[i])) return;
    this.axes = axes;
    [this.find("across").value, this.find("up").value] = axes;
    if (this.model.network) {
      this.grid.spoilAll();
      this.filler.wake();
    }
  }

  /** Where the current code stands on the plane, and the cloud of the image. */
  mark(hover) {
    const { scene, plane, axes } = this;
    const { reach } = scene;
    const numbers = axes.map((dim) => this.at.get(dim));
    const share = (code) => numbers.map((number) => shareOf(number, code[number.index], reach));
    plane.shown.current = share(this.code);
    plane.shown.hover = hover;
    const { posterior } = scene;
    plane.shown.rings = posterior && this.model.network ? [1, 2].map((times) => ({
      at: share(posterior.mean),
      radii: numbers.map(({ index, std }) => (times * posterior.std[index]) / std / reach / 2),
    })) : [];
    plane.draw();
    const [across] = numbers;
    this.find("low").textContent = signed(valueAt(across, 0, reach));
    this.find("middle").textContent = `number ${across.index + 1} →`;
    this.find("high").textContent = signed(valueAt(across, 1, reach));
  }

  /** The picture shows what is under the pointer until that leaves. */
  hover(x, y) {
    if (!this.model.network) return;
    const code = Object.assign([...this.code], this.under(x, y));
    paint(this.find("here"), this.image(0, code), this.scene.image_shape);
    this.find("what").textContent = "Under the pointer";
    this.find("where").textContent = this.axes.map((dim) => `number ${dim + 1}: ${signed(code[dim])}`).join(" · ");
    this.mark([x, y]);
  }

  leave() {
    this.move({});
  }
}
