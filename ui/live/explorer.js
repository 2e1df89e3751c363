/** The explorer: puts map, card, legend, lasso and way together, and reports choices to Python. */

import { board } from "./board.js";
import { Card } from "./card.js";
import { channels, density, labelColours, scaleColours, scaleGradient } from "./colouring.js";
import { DIMMED, HIDDEN, SHOWN } from "./field.js";
import { Lassoed } from "./lassoed.js";
import { Legend } from "./legend.js";
import { LatentMap } from "./map.js";
import { Model } from "./model.js";
import { paint } from "./picture.js";
import { Slider } from "./slider.js";
import { markStep, Way } from "./way.js";

const instances = new WeakMap();

/** Streamlit calls it at mounting and whenever theme or session change; state stays. */
export default function explorer({ parentElement, setTriggerValue }) {
  let instance = instances.get(parentElement);
  try {
    if (!instance) {
      instance = new Explorer(parentElement);
      instances.set(parentElement, instance);
    }
    instance.tell = (choice) => setTriggerValue("choice", choice);
    instance.retheme();
    instance.read();
  } catch (error) {
    fail(parentElement, error);
  }
  return () => {
    instance?.close();
    instances.delete(parentElement);
  };
}

function fail(root, error) {
  const message = root.querySelector(".message");
  message.className = "message failed";
  message.setAttribute("role", "alert");
  message.textContent = `Something is missing here: ${error.message}. Reload the page; if it stays so, choose another model.`;
}

class Explorer {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`.${name}`);
    this.model = new Model();
    this.choice = { seq: 0, a: null, b: null, next: "A", t: 0.5 };
    this.card = new Card(this.find("card"));
    this.legend = new Legend(this.find("legend"), () => this.sift());
    this.lassoed = new Lassoed(this.find("lassoed"), this.model, {
      chosen: (index) => this.choose({ index }),
      closed: () => this.select(null),
    });
    this.map = new LatentMap(this.find("dots"), this.find("marks"), {
      hover: (x, y, event) => this.hover(x, y, event),
      leave: () => this.unhover(),
      choose: (x, y, event) => this.tap(x, y, event),
      move: (side, x, y, event, finished) => this.move(side, x, y, event, finished),
      lasso: (chosen) => this.select(chosen),
      view: (view) => this.ready && board().kept.set(this.viewName, view),
    });
    this.way = new Way(this.model);
    this.slider = new Slider(root, (t) => this.walk(t), (t) => this.stop(t));
    this.spot = new Float32Array(3);
    this.hits = null; // images that a search found
    this.selected = null; // images in the lasso
    this.listen();
    this.reader = () => this.guarded(() => this.read());
    board().readers.add(this.reader);
  }

  close() {
    board().readers.delete(this.reader);
    this.slider.pause();
    this.map.close();
    this.stopDensity?.();
    this.way.stop();
  }

  guarded(act) {
    try {
      act();
    } catch (error) {
      fail(this.root, error);
    }
  }

  listen() {
    const { root } = this;
    const tell = (name, act) => (this.find(name).onclick = act);
    tell("whole", () => this.map.show());
    tell("swap", () => this.report({ a: this.choice.b, b: this.choice.a }));
    tell("clear", () => this.report({ a: null, b: null, next: "A" }));
    for (const input of root.querySelectorAll("[name=tool]")) {
      input.onchange = () => (this.map.tool = input.value);
    }
    for (const input of root.querySelectorAll("[name=hover]")) {
      input.onchange = () => (this.hovering = input.value);
    }
    this.find("colouring").onchange = () => this.colour();
    this.find("query").oninput = () => this.search();
  }

  /** Colours of the page, from Streamlit's own variables. */
  retheme() {
    const style = getComputedStyle(this.find("explorer"));
    const text = style.getPropertyValue("--st-text-color").trim() || "#1b1f27";
    const background = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    const dark = channels(background).reduce((a, b) => a + b) < 384;
    this.map.shown.theme = { text, background };
    this.dark = dark;
    this.background = channels(background);
    if (this.drawn) this.colour();
  }

  /** Take what has changed on the board. */
  read() {
    const scene = board().slots.get("scene");
    if (!scene) return;
    const { model } = this;
    if (!model.update(board().slots, scene)) return;
    this.ready = false;
    if (!model.gallery || !model.map) return;
    if (model.map !== this.drawn?.map || model.gallery !== this.drawn.gallery) this.newMap();
    if (!model.atlas) return;
    if (model.problem) fail(this.root, model.problem);
    else this.find("message").textContent = "";
    board().kept.set("explorer", this);
    const t = this.slider.busy ? this.slider.t : scene.choice.t;
    if (scene.choice.seq >= this.choice.seq) this.choice = { ...scene.choice, t };
    if (!this.slider.busy) this.slider.show(this.choice.t);
    this.ready = true;
    this.place();
  }

  get viewName() {
    return `${this.model.gallery.version} ${this.model.map.name}`;
  }

  newMap() {
    const { map, gallery } = this.model;
    const otherGallery = gallery !== this.drawn?.gallery;
    this.drawn = { map, gallery };
    const flat = map.dims === 2;
    this.map.setMap(map.arrays.xy, map.dims, board().kept.get(this.viewName));
    for (const name of ["hovers", "drags"]) this.find(name).disabled = !flat;
    if (otherGallery) {
      this.hits = this.selected = null;
      this.ranks = { error: gallery.arrays.error_rank };
      this.stopDensity?.();
      this.legend.hidden.clear();
      this.colour();
    } else this.sift();
  }

  /** Colour all points; density is computed the first time that it is asked for. */
  colour() {
    const { scene, gallery, codes } = this.model;
    const how = this.find("colouring").value;
    if (how === "density" && !this.ranks.density) {
      this.stopDensity?.();
      if (codes) this.stopDensity = density(codes.arrays.codes, codes.latent_dim, (ranks) => {
        this.ranks.density = ranks;
        this.colour();
      });
      return;
    }
    const palette = how === "label" ? labelColours(scene.class_names.length, this.dark) : scaleColours(this.dark);
    this.map.field.setPalette(palette, this.background);
    this.map.field.colours.set(how === "label" ? gallery.arrays.labels : this.ranks[how]);
    const scale = SCALES[how] && { ...SCALES[how], gradient: scaleGradient() };
    this.legend.draw(scene.class_names, how === "label" ? palette : null, scale);
  }

  /** Which points are shown: the legend hides, search and lasso dim the others. */
  sift() {
    if (!this.model.gallery) return;
    const { labels } = this.model.gallery.arrays;
    const { field } = this.map;
    const wanted = this.hits ?? this.selected;
    for (let i = 0; i < labels.length; i++) {
      field.state[i] = this.legend.hidden.has(labels[i]) ? HIDDEN : wanted && !wanted.has(i) ? DIMMED : SHOWN;
    }
    const middles = this.map.middles(labels, this.model.scene.class_names.length);
    this.map.shown.names = middles.flatMap((at, i) => (at ? [[this.model.scene.class_names[i], at]] : []));
    this.map.draw();
  }

  /** "#7" is the image with that number; "7" too, unless a label has that name. */
  search() {
    const words = this.find("query").value.trim();
    const { class_names: names } = this.model.scene;
    const label = names.findIndex((name) => name.toLowerCase() === words.toLowerCase());
    const number = /^#?\d+$/.test(words) ? Number(words.replace("#", "")) : -1;
    const { labels } = this.model.gallery.arrays;
    this.hits = null;
    let found = words ? "Nothing has that number or label." : "";
    if (label >= 0) {
      this.hits = new Set(Array.from(labels.keys()).filter((i) => labels[i] === label));
      found = `${this.hits.size.toLocaleString()} images of ${words}. For the image of that number, type #${words}.`;
    } else if (number >= 0 && number < labels.length) {
      this.hits = new Set([number]);
      this.map.show(number);
      this.showImage(number);
      found = `Image ${number}, a ${this.model.label(number)}. Click it to choose it.`;
    }
    this.find("hint").textContent = found;
    this.map.shown.ring = this.hits?.size === 1 ? this.map.pointOf(number) : null;
    this.sift();
  }

  select(chosen) {
    this.selected = chosen?.length ? new Set(chosen) : null;
    if (chosen?.length) this.lassoed.show(chosen);
    else this.lassoed.hide();
    this.sift();
  }

  hover(x, y, event) {
    if (!this.ready) return;
    const decodes = event.altKey !== (this.hovering === "decode");
    if (decodes && this.map.dims === 2) return this.showSpot(x, y);
    const index = this.map.pick(x, y);
    if (index < 0) return this.unhover();
    this.map.shown.ring = this.map.pointOf(index);
    this.showImage(index);
    this.map.drawMarks();
  }

  unhover() {
    this.map.shown.ring = null;
    this.card.hide();
    this.map.drawMarks();
  }

  showImage(index) {
    const { model } = this;
    const what = `${model.label(index)} · image ${index}`;
    const note = model.network ? "decoded from its code" : "";
    this.card.show(model.decode(model.code(index)), model.scene.image_shape, what, note, null);
    if (this.map.shown.cursor) this.find("spoken").textContent = what;
  }

  showSpot(x, y) {
    const { model } = this;
    this.hoverCode ??= new Float32Array(model.latentDim);
    if (this.hoverCode.length !== model.latentDim) this.hoverCode = new Float32Array(model.latentDim);
    const code = model.atlas.invert(this.map.spotAt(x, y), this.hoverCode);
    const doubt = model.doubt(code);
    this.card.show(model.decode(code), model.scene.image_shape, "Decoded here", model.scene.inverse_note, doubt);
    this.map.shown.ring = null;
    this.map.drawMarks();
    if (this.map.shown.cursor) this.find("spoken").textContent = this.card.verdict.textContent;
  }

  tap(x, y, event) {
    if (!this.ready) return;
    if (event.pointerType === "touch") this.hover(x, y, event); // a finger does not hover
    const spot = event.shiftKey && this.map.dims === 2 && event.type !== "keydown";
    const point = spot ? this.freePoint(x, y) : this.imageAt(x, y);
    if (point) this.choose(point);
  }

  /** A, then B, then A again; a cleared side comes first. */
  choose(point) {
    if (this.model.scene.fixed) return;
    const { a, b, next } = this.choice;
    const side = !a ? "A" : !b ? "B" : next;
    this.report({ [side.toLowerCase()]: point, next: side === "A" ? "B" : "A" });
  }

  imageAt(x, y) {
    const index = this.map.pick(x, y);
    return index < 0 ? null : { index };
  }

  freePoint(x, y) {
    const spot = this.map.spotAt(x, y);
    const code = this.model.atlas.invert(spot, new Float32Array(this.model.latentDim));
    return { code: Array.from(code), spot, map: this.model.map.name };
  }

  /** A or B is dragged: it snaps to the nearest image, with Shift to the spot itself. */
  move(side, x, y, event, finished) {
    if (!this.ready || this.model.scene.fixed) return;
    const point = (!event.shiftKey && this.imageAt(x, y)) || this.freePoint(x, y);
    const changed = { [side.toLowerCase()]: point };
    if (finished) return this.report(changed);
    Object.assign(this.choice, changed);
    this.place(true);
  }

  /** Choose, show it at once, and tell Python. */
  report(changed) {
    this.choice = { ...this.choice, ...changed, seq: this.choice.seq + 1 };
    if (!("t" in changed)) this.place();
    const { seq, a, b, next, t } = this.choice;
    this.tell({ seq, a: worded(a), b: worded(b), next, t });
  }

  /** Code and spot of a chosen point. */
  located(point) {
    const { model } = this;
    if (point.index !== undefined) {
      const { dims, arrays } = model.map;
      const from = point.index * dims;
      return { code: model.code(point.index), spot: arrays.xy.subarray(from, from + dims) };
    }
    const code = Float32Array.from(point.code);
    if (point.spot && point.map === model.map.name) return { code, spot: point.spot };
    return { code, spot: model.atlas.place(code, new Float32Array(3)) };
  }

  /** Draw A, B and the way as they are chosen now. */
  place(moving = false) {
    const { a, b, next, t } = this.choice;
    const { shown } = this.map;
    const { fixed } = this.model.scene;
    for (const name of ["swap", "clear"]) this.find(name).hidden = fixed;
    const ends = [a, b].map((point) => point && this.located(point));
    shown.marks = ends.flatMap((end, i) => (end ? [[fixed ? "" : "AB"[i], this.map.toUnits(end.spot)]] : []));
    const both = Boolean(a && b);
    this.find("way").hidden = !both || !(this.model.network || this.model.frames);
    this.way.setEnds(both ? ends : null);
    shown.way = both ? this.way.line((spot) => this.map.toUnits(spot), moving) : null;
    shown.bead = null;
    if (both) this.walk(t);
    else this.map.drawMarks();
    if (both && !moving) {
      const strip = this.find("strip");
      this.way.drawStrip(strip, this.model.scene.steps, (to) => this.stop(to));
      markStep(strip, t);
    }
    this.hint(shown.way, a && b ? next : a ? "B" : "A");
  }

  hint(way, next) {
    const tears = way?.torn.includes(true)
      ? " The way is dotted where the map tears: neighbouring steps land far apart there, though their codes are close."
      : "";
    const taps = this.map.dims === 2 ? "drag A or B to move it, with Shift to a spot between the dots" : "drag to turn, with Shift to move";
    if (this.model.scene.fixed) this.find("hint").textContent = "★ is your image. Drag to move, scroll or pinch to zoom.";
    else if (!this.find("query").value) this.find("hint").textContent = `Click a dot to make it ${next}; ${taps}. Scroll or pinch to zoom.${tears}`;
  }

  /** The slider has come to rest near t; Python counts in whole percents. */
  stop(t) {
    const whole = Math.round(100 * t) / 100;
    this.slider.show(whole);
    this.walk(whole);
    this.report({ t: whole });
  }

  /** The slider stands at t. */
  walk(t) {
    if (!this.way.ends) return;
    this.choice.t = t;
    this.map.shown.bead = this.map.toUnits(this.way.spotAt(t));
    this.map.drawMarks();
    paint(this.find("here"), this.way.imageAt(t), this.model.scene.image_shape);
    markStep(this.find("strip"), t);
  }
}

const SCALES = {
  error: { low: "redrawn well", high: "badly" },
  density: { low: "lonely", high: "crowded" },
};

/** A point as Python takes it: what Python sent carries a token and goes back as that. */
function worded(point) {
  if (!point || point.index !== undefined) return point;
  return point.token ? { token: point.token } : point;
}
