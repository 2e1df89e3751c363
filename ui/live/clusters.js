/** EM one half-step at a time, k-means beside it, and why it works; reports nothing to Python. */

import { Asked } from "./asked.js";
import { board, report } from "./board.js";
import { Clouds, inkOn } from "./clouds.js";
import { channels, groupColours } from "./colouring.js";
import { contours, levelsOf, shadows } from "./contours.js";
import { Curve, reached } from "./curve.js";
import { Trace } from "./gaussians.js";
import { LatentMap } from "./map.js";
import { heldLabels, Members } from "./members.js";
import { Network } from "./network.js";
import { Soft } from "./soft.js";
import { SoftField } from "./soft_field.js";
import { Stepper } from "./stepper.js";
import { Told } from "./told.js";

const instances = new WeakMap();
const NEEDED = ["em points", "em run"];

/** Streamlit calls it at mounting and whenever theme or session change; state stays. */
export default function clusters({ parentElement }) {
  let instance = instances.get(parentElement);
  if (!instance) {
    instance = new Clusters(parentElement);
    instances.set(parentElement, instance);
  }
  instance.guarded(() => {
    instance.retheme();
    instance.read();
  });
  return () => {
    instance.close();
    instances.delete(parentElement);
  };
}

class Clusters {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`.${name}`);
    const told = (which) => ({
      hover: (x, y) => this.hover(this[which].pick(x, y)),
      leave: () => this.hover(-1),
      choose: (x, y) => this.choose(this[which].pick(x, y)),
      view: (view) => this.look(which, view),
      move() {}, lasso() {},
    });
    const map = (which) => {
      const [dots, marks] = ["dots", "marks"].map((name) => this.find(which).querySelector(`.${name}`));
      return new LatentMap(dots, marks, told(which), { field: new SoftField(dots), overlay: new Clouds(marks) });
    };
    this.soft = map("soft");
    this.hard = map("hard");
    this.told = new Told(root);
    this.asked = new Asked(this.find("asked"));
    this.members = new Members(this.find("members"), (component) => this.press(component));
    this.curves = [false, true].map((near) => (
      new Curve(this.find(near ? "near" : "curve"), (half) => this.stepper.go(half), near)
    ));
    this.stepper = new Stepper(root, (half) => this.stand(half));
    this.hovered = this.chosen = this.pressed = -1;
    this.find("whole").onclick = () => this.soft.show();
    this.find("again").onclick = () => {
      this.members.again();
      this.showMembers();
    };
    this.find("placed").onclick = () => this.choose(PLACED);
    this.reader = () => this.guarded(() => this.read());
    board().readers.add(this.reader);
  }

  close() {
    board().readers.delete(this.reader);
    for (const part of [this.soft, this.hard, ...this.curves, this.members, this.stepper]) part.close();
    this.work?.stop();
    cancelAnimationFrame(this.later);
    cancelAnimationFrame(this.counting);
  }

  guarded(act) {
    try {
      act();
    } catch (error) {
      const message = this.find("message");
      message.className = "message failed";
      message.setAttribute("role", "alert");
      message.textContent = `Something is missing here: ${error.message}. Reload the page; if it stays so, choose other points.`;
    }
  }

  retheme() {
    const style = getComputedStyle(this.find("em"));
    const value = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
    const [text, background] = [value("text-color", "#1b1f27"), value("background-color", "#ffffff")];
    const primary = value("primary-color", "#3b5bdb");
    if (this.themed === text + background) return;
    this.themed = text + background;
    this.dark = channels(background).reduce((a, b) => a + b) < 384;
    this.grey = this.dark ? [112, 116, 128] : [150, 154, 164];
    this.theme = { text, background, primary, faint: `rgb(${this.grey.join(" ")})` };
    for (const part of [this.soft.shown, this.hard.shown, ...this.curves]) part.theme = this.theme;
    if (!this.trace) return;
    this.dress();
    this.stand(this.half);
  }

  /** Take what has changed on the board. */
  read() {
    const { slots } = board();
    const scene = slots.get("em");
    if (!scene) return;
    const arrived = (slot) => (slots.get(slot)?.version === scene.versions[slot] ? slots.get(slot) : null);
    const parcels = NEEDED.map(arrived);
    if (parcels.some((parcel) => !parcel)) return;
    const decoder = scene.versions.decoder ? arrived("decoder") : null;
    const seen = [scene, ...parcels, decoder];
    if (this.seen?.every((value, i) => value === seen[i])) return;
    const before = this.seen ?? [];
    this.seen = seen;
    this.find("message").textContent = "";
    this.take(scene, parcels, decoder, before);
  }

  take(scene, [points, run], decoder, before) {
    const { xy, points: codes } = points.arrays;
    this.scene = scene;
    this.points = points;
    if (decoder !== before[3] || !this.trace) this.network = decoder && new Network(decoder.layers, decoder.arrays.weights);
    if (points !== before[1]) {
      this.hovered = this.chosen = -1;
      for (const map of [this.soft, this.hard]) map.setMap(xy, points.map_dims, null);
    }
    const fresh = run !== before[2];
    if (fresh) {
      this.trace = new Trace(run);
      this.work?.stop();
      this.work = new Soft(this.trace, codes);
      this.owners = new Map();
      this.held = new Float64Array(this.trace.count * scene.names.length);
      this.pressed = -1;
      this.stepper.build(this.trace, scene.seed !== before[0]?.seed);
    }
    if (this.chosen === PLACED && !scene.placed) this.chosen = -1;
    this.find("placed").hidden = !scene.placed;
    this.find("again").hidden = !this.network;
    for (const curve of this.curves) curve.show(this.trace, scene.others);
    this.dress();
    board().kept.set("clusters", this);
    this.stand(this.stepper.half);
  }

  /** Colours of the components, and all that wears them. */
  dress() {
    this.colours = groupColours(this.trace.count, this.dark);
    this.inks = this.colours.map((colour) => {
      const css = `rgb(${colour.join(" ")})`;
      return { css, ink: inkOn(css) };
    });
    const decoder = this.network && { decode: (code) => this.network.run(code), shape: this.scene.image_shape };
    this.members.build(this.trace, this.inks, decoder);
    this.members.press(this.pressed);
  }

  /** Show one half-step: 0 is the start, odd ones are E-steps, even ones M-steps. */
  stand(half) {
    const start = performance.now();
    this.half = half;
    this.told.say(this.trace, half, this.scene);
    this.marks();
    this.drawHard();
    for (const curve of this.curves) curve.draw(half);
    let later = false;
    this.work.ask(asking(half), (resp) => {
      const begun = performance.now();
      this.resp = resp;
      this.colour();
      if (later) report("em step", begun);
    });
    report("em step", start);
    later = true;
    cancelAnimationFrame(this.later);
    this.later = requestAnimationFrame(() => this.lines());
  }

  colour() {
    const { soft, resp, trace, pressed, colours, grey } = this;
    if (this.half === 0 && pressed < 0) soft.field.blank(grey);
    else if (pressed < 0) soft.field.mix(resp, colours);
    else soft.field.single(resp, trace.count, pressed, colours[pressed], grey);
    soft.draw();
    this.underGlass();
    cancelAnimationFrame(this.counting); // the cards are below the maps: they may come a frame later
    this.counting = requestAnimationFrame(() => this.showMembers());
  }

  /** k-means often rests while the mixture still moves: then its map is right as it is. */
  drawHard() {
    const { trace, half, points, hard } = this;
    const reached = Math.min(half, 2 * trace.meansSteps + 2);
    const state = [trace, points, reached, this.themed, hard.camera.zoom];
    if (this.hardDrawn?.every((value, i) => value === state[i])) return hard.drawMarks();
    this.hardDrawn = state;
    this.ownedBy();
    hard.draw();
  }

  showMembers() {
    const { names } = this.scene;
    heldLabels(this.resp, this.points.arrays.labels, this.trace.count, names.length, this.held);
    this.members.show(this.half >> 1, this.held, names);
  }

  /** Middles and shapes of both kinds of cluster. */
  marks() {
    const { trace, soft, hard, half } = this;
    const step = half >> 1;
    const meansStep = Math.min(step, trace.meansSteps);
    const cloud = (spots, at, k, halves) => ({
      name: String(k + 1), colour: this.inks[k].css, halves,
      point: soft.toUnits(spots.subarray(at * trace.mapDims, (at + 1) * trace.mapDims)),
      faint: this.pressed >= 0 && this.pressed !== k,
    });
    const all = Array.from({ length: trace.count }, (_, k) => k);
    soft.shown.clouds = all.map((k) => {
      const at = step * trace.count + k;
      return cloud(trace.spots, at, k, trace.shapes && halvesOf(trace.shapes, at, soft.unit));
    });
    hard.shown.clouds = all.map((k) => cloud(trace.center_spots, meansStep * trace.count + k, k, null));
    const { placed } = this.scene;
    soft.shown.marks = hard.shown.marks = placed ? [["", soft.toUnits(placed.spot)]] : [];
  }

  /** Colour the map of k-means, whose run may have ended before. */
  ownedBy() {
    const { trace, hard, half, colours } = this;
    if (half === 0) return hard.field.blank(this.grey);
    hard.field.paint(this.ownersAt(Math.min(asking(half), trace.meansSteps)), colours);
  }

  ownersAt(step) {
    const { points: codes } = this.points.arrays;
    if (!this.owners.has(step)) {
      this.owners.set(step, this.trace.owners(step, codes, new Uint8Array(codes.length / this.trace.dims)));
    }
    return this.owners.get(step);
  }

  /** Lines of equal density, a frame later: they would hold the step up. */
  lines() {
    const { trace, soft, half } = this;
    if (!trace.shapes) return void (soft.shown.lines = []);
    const start = performance.now();
    const parts = shadows(trace, half >> 1);
    const { xy } = this.points.arrays;
    const reach = soft.camera.extent.map((extent) => extent * 1.15 * soft.unit);
    const [x, y] = soft.middle;
    const box = [x - reach[0], y - reach[1], x + reach[0], y + reach[1]];
    soft.shown.lines = contours(parts, box, levelsOf(parts, xy)).map((line) => (
      line.map((value, i) => (value - soft.middle[i % 2]) / soft.unit)
    ));
    soft.drawMarks();
    report("em lines", start);
  }

  hover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.underGlass();
    for (const map of [this.soft, this.hard]) map.drawMarks();
  }

  choose(index) {
    this.chosen = index === this.chosen ? -1 : index;
    this.underGlass();
    for (const map of [this.soft, this.hard]) map.drawMarks();
  }

  /** The point under the pointer, else the chosen one. */
  underGlass() {
    const index = this.hovered >= 0 ? this.hovered : this.chosen;
    const { scene, trace, points } = this;
    const ring = index >= 0 ? this.soft.pointOf(index) : index === PLACED && scene.placed ? this.soft.toUnits(scene.placed.spot) : null;
    this.soft.shown.ring = this.hard.shown.ring = ring;
    this.find("placed").setAttribute("aria-pressed", index === PLACED);
    if (!ring || !this.resp) return this.asked.clear(this.told.invite(scene));
    const { dims, count } = trace;
    const code = index === PLACED ? Float32Array.from(scene.placed.code) : points.arrays.points.subarray(index * dims, (index + 1) * dims);
    const image = this.network ? this.network.run(code) : null;
    const resp = trace.responsibilities(asking(this.half), code, 0, 1, new Float32Array(count));
    const owner = trace.owners(Math.min(Math.max(0, asking(this.half)), trace.meansSteps), code, new Uint8Array(1))[0];
    const what = index === PLACED ? scene.placed.title : this.told.point(scene, points, index);
    this.asked.show(what, image, scene.image_shape, resp, this.inks, this.told.hard(this.half, owner));
  }

  /** Colour by one component alone, or by all again. */
  press(component) {
    this.pressed = component === this.pressed ? -1 : component;
    this.members.press(this.pressed);
    this.marks();
    if (this.resp) this.colour();
    this.hard.drawMarks();
  }

  /** Both maps look at the same place. */
  look(which, view) {
    const other = which === "soft" ? this.hard : this.soft;
    other.camera.set(view);
    other.draw();
  }
}

const PLACED = -2; // stands for the visitor's own image among indices of points

/** Step whose mixture gave the responsibilities that are shown; −1 before the first E-step. */
function asking(half) {
  return half === 0 ? -1 : (half - 1) >> 1;
}

/** Two arrows whose turn draws the ellipse of one standard deviation, in units of the map. */
function halvesOf(shapes, at, unit) {
  const [xx, xy, yy] = shapes.subarray(3 * at, 3 * at + 3);
  const a = Math.sqrt(Math.max(xx, 1e-20)); // Cholesky of a 2 × 2 matrix
  const b = xy / a;
  const c = Math.sqrt(Math.max(yy - b * b, 0));
  return [[a / unit, b / unit, 0], [0, c / unit, 0]];
}
