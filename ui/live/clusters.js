/** EM one half-step at a time, k-means beside it, and why it works; reports nothing to Python. */

import { Asked } from "./asked.js";
import { board, report } from "./board.js";
import { channels } from "./colouring.js";
import { Curve } from "./curve.js";
import { Trace } from "./gaussians.js";
import { heldLabels, Members } from "./members.js";
import { Network } from "./network.js";
import { Soft } from "./soft.js";
import { Stepper } from "./stepper.js";
import { Told } from "./told.js";
import { asking, TwoMaps } from "./two_maps.js";

const instances = new WeakMap();
const NEEDED = ["em points", "em run"];
const PLACED = -2; // stands for the visitor's own image among indices of points

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
    this.find = (name) => root.querySelector(`.${name}`);
    this.maps = new TwoMaps(this.find, { hover: (index) => this.hover(index), choose: (index) => this.choose(index) });
    this.told = new Told(root);
    this.asked = new Asked(this.find("asked"));
    this.members = new Members(this.find("members"), (component) => this.press(component));
    this.curves = [false, true].map((near) => (
      new Curve(this.find(near ? "near" : "curve"), (half) => this.stepper.go(half), near)
    ));
    this.stepper = new Stepper(root, (half) => this.stand(half));
    this.hovered = this.chosen = -1;
    this.find("whole").onclick = () => this.maps.soft.show();
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
    for (const part of [this.maps, ...this.curves, this.members, this.stepper]) part.close();
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
    for (const curve of this.curves) curve.theme = this.theme;
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
    this.scene = scene;
    this.points = points;
    if (decoder !== before[3] || !this.trace) this.network = decoder && new Network(decoder.layers, decoder.arrays.weights);
    if (points !== before[1]) {
      this.hovered = this.chosen = -1;
      this.maps.setPoints(points);
    }
    if (run !== before[2]) {
      this.trace = new Trace(run);
      this.work?.stop();
      this.work = new Soft(this.trace, points.arrays.points);
      this.held = new Float64Array(this.trace.count * scene.names.length);
      this.maps.setTrace(this.trace);
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
    this.inks = this.maps.dress(this.theme, this.grey, this.dark);
    const decoder = this.network && { decode: (code) => this.network.run(code), shape: this.scene.image_shape };
    this.members.build(this.trace, this.inks, decoder);
    this.members.press(this.maps.pressed);
  }

  /** Show one half-step: 0 is the start, odd ones are E-steps, even ones M-steps. */
  stand(half) {
    const start = performance.now();
    this.half = half;
    this.told.say(this.trace, half, this.scene);
    this.maps.marks(half, this.scene.placed);
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
    // k-means comes a frame later, lines of density one more: they would hold the step up
    cancelAnimationFrame(this.later);
    this.later = requestAnimationFrame(() => {
      this.maps.own(this.half);
      this.later = requestAnimationFrame(() => this.maps.lines(this.half));
    });
  }

  colour() {
    this.maps.colour(this.resp, this.half);
    this.underGlass();
    cancelAnimationFrame(this.counting); // the cards are below the maps: they may come a frame later
    this.counting = requestAnimationFrame(() => this.showMembers());
  }

  showMembers() {
    const { names } = this.scene;
    heldLabels(this.resp, this.points.arrays.labels, this.trace.count, names.length, this.held);
    this.members.show(this.half >> 1, this.held, names);
  }

  hover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.underGlass();
    this.maps.drawMarks();
  }

  choose(index) {
    this.chosen = index === this.chosen ? -1 : index;
    this.underGlass();
    this.maps.drawMarks();
  }

  /** The point under the pointer, else the chosen one. */
  underGlass() {
    const index = this.hovered >= 0 ? this.hovered : this.chosen;
    const { scene, trace, points, maps, half } = this;
    const own = index === PLACED && scene.placed;
    const ring = index >= 0 ? maps.soft.pointOf(index) : own ? maps.soft.toUnits(own.spot) : null;
    maps.ring(ring);
    this.find("placed").setAttribute("aria-pressed", Boolean(own));
    if (!ring || !this.resp) return this.asked.clear(this.told.invite(scene));
    const { dims, count } = trace;
    const code = own ? Float32Array.from(own.code) : points.arrays.points.subarray(index * dims, (index + 1) * dims);
    const image = this.network ? this.network.run(code) : null;
    const resp = trace.responsibilities(asking(half), code, 0, 1, new Float32Array(count));
    const owner = trace.owners(Math.min(Math.max(0, asking(half)), trace.meansSteps), code, new Uint8Array(1))[0];
    const what = own ? own.title : this.told.point(scene, points, index);
    const hard = this.told.hard(half, owner);
    this.asked.show(what, image, scene.image_shape, resp, this.inks, this.told.verdict(half, resp), hard);
  }

  /** Colour by one component alone, or by all again. */
  press(component) {
    const { maps } = this;
    maps.pressed = component === maps.pressed ? -1 : component;
    this.members.press(maps.pressed);
    maps.marks(this.half, this.scene.placed);
    if (this.resp) this.colour();
    maps.drawMarks();
  }
}
