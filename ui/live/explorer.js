/** The explorer: puts map, dots, hover and way together, and reports choices to Python. */

import { Address } from "./address.js";
import { board } from "./board.js";
import { channels } from "./colouring.js";
import { Dots } from "./dots.js";
import { Hover } from "./hover.js";
import { LINES, lineColour } from "./lines.js";
import { LatentMap } from "./map.js";
import { Model } from "./model.js";
import { Own } from "./own.js";
import { Walker } from "./walker.js";
import { Ways } from "./ways.js";

const LETTERS = "ABCDEFGH";
const MOST_STOPS = LETTERS.length;
const RESTS = 100; // milliseconds after which no other choice is expected
const instances = new WeakMap();
const withoutMap = new WeakSet();

/** Streamlit calls it at mounting and whenever theme or session change; state stays. */
export default function explorer({ parentElement, setTriggerValue }) {
  let instance = instances.get(parentElement);
  try {
    if (!instance) {
      instance = new Explorer(parentElement);
      instances.set(parentElement, instance);
    }
    instance.tell = (choice) => setTriggerValue("choice", choice);
    instance.stands = () => setTriggerValue("stand", performance.now());
    instance.retheme();
    instance.read();
  } catch (error) {
    fail(parentElement, error);
    // the rest of the page does without the map
    if (!withoutMap.has(parentElement)) setTriggerValue("stand", performance.now());
    withoutMap.add(parentElement);
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
    this.choice = { seq: 0, a: null, b: null, more: [], path: "lerp", next: "A", t: 0.5 };
    this.map = new LatentMap(this.find("dots"), this.find("marks"), {
      hover: (x, y, event) => this.ready && this.hover.at(x, y, event),
      leave: () => this.hover.leave(),
      choose: (x, y, event) => this.tap(x, y, event),
      move: (side, x, y, event, finished) => this.move(side, x, y, event, finished),
      lasso: (chosen) => this.dots.select(chosen),
      view: (view) => {
        if (!this.ready) return;
        board().kept.set(this.viewName, view);
        this.showAddress();
      },
    });
    this.hover = new Hover(root, this.map, this.model);
    this.own = new Own(this.map, this.model);
    this.dots = new Dots(root, this.map, this.model, {
      found: (index) => this.hover.showImage(index),
      chosen: (index) => this.choose({ index }),
      said: (words) => (this.find("hint").textContent = words),
    });
    this.walker = new Walker(root, this.model, (t) => this.stand(t), (t) => this.report({ t }));
    this.address = new Address();
    this.find("link").onclick = () => this.copyLink();
    this.ways = new Ways(this.find("ways"), this.model, (path, t) => this.goOn(path, t));
    this.find("whole").onclick = () => this.map.show();
    this.find("add").onclick = () => this.add(!this.adding);
    this.find("swap").onclick = () => this.report({ a: this.choice.b, b: this.choice.a });
    this.find("clear").onclick = () => this.report({ a: null, b: null, more: [], next: "A" });
    for (const input of root.querySelectorAll("[name=tool]")) {
      input.onchange = () => (this.map.tool = input.value);
    }
    this.reader = () => this.guarded(() => {
      this.read();
      if (this.own.read() && this.ready && this.model.scene.fixed) this.own.draw();
    });
    board().readers.add(this.reader);
  }

  close() {
    board().readers.delete(this.reader);
    clearTimeout(this.following);
    this.walker.close();
    this.ways.close();
    this.address.close();
    this.map.close();
    this.dots.stopDensity();
  }

  guarded(act) {
    try {
      act();
    } catch (error) {
      fail(this.root, error);
      if (this.stood === undefined) this.followed();
    }
  }

  /** Colours of the page, from Streamlit's own variables. */
  retheme() {
    const style = getComputedStyle(this.find("explorer"));
    const text = style.getPropertyValue("--st-text-color").trim() || "#1b1f27";
    const background = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    if (this.themed === text + background) return;
    this.themed = text + background;
    const dark = channels(background).reduce((a, b) => a + b) < 384;
    this.map.shown.theme = { text, background };
    this.dark = dark;
    this.ways.retheme(dark);
    this.placed = null; // lines have the colours of the theme
    this.dots.retheme({ dark, background: channels(background) });
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
    if (model.distortion !== this.drawn.distortion) {
      this.drawn.distortion = model.distortion;
      this.dots.remap();
    }
    if (!model.atlas) return;
    if (model.problem) fail(this.root, model.problem);
    else this.find("message").textContent = "";
    board().kept.set("explorer", this);
    const { slider } = this.walker;
    const t = slider.busy ? slider.t : scene.choice.t;
    if (scene.choice.seq >= this.choice.seq) this.choice = { ...scene.choice, t };
    if (!slider.busy) slider.show(this.choice.t);
    this.ready = true;
    this.owed ||= !scene.stands && this.stood !== model.map.version;
    this.fit();
    // Python's answer to a choice mostly says what is drawn already
    if (this.placed !== this.outline) this.place();
    else if (this.choice.t !== this.walked) this.walker.walk(this.choice.t);
    this.showAddress();
    if (this.owed && scene.choice.seq >= this.choice.seq) this.followed();
  }

  /** Python's answer is drawn: what can wait may follow, unless another choice comes first. */
  followed() {
    this.owed = false;
    this.stood = this.model.map?.version ?? null;
    clearTimeout(this.following);
    this.following = setTimeout(() => this.stands(), RESTS);
  }

  /** Keep the address at what is shown. */
  showAddress() {
    const { scene } = this.model;
    if (scene?.address) this.address.show(scene.address, this.choice.t, this.map.camera.view, this.map.dims);
  }

  async copyLink() {
    this.address.settle();
    const button = this.find("link");
    const said = await navigator.clipboard?.writeText(location.href).then(() => "Copied", () => null);
    button.textContent = said ?? "Copy it from the address bar";
    setTimeout(() => (button.textContent = "Copy link"), 2500);
  }

  /** All that the drawing of A, B and the way depends on, as one text. */
  get outline() {
    const { scene, network } = this.model;
    const { next, path } = this.choice;
    const ends = this.stops.map((point) => point && (point.index ?? point.code));
    const { versions, steps, fixed, near, compare, closed } = scene;
    const found = this.model.found?.version;
    return JSON.stringify([ends, next, versions, path, steps, fixed, near, compare, closed, found, Boolean(network)]);
  }

  /** A, B and those after them. */
  get stops() {
    return [this.choice.a, this.choice.b, ...this.choice.more];
  }

  /** Whether Python has answered for the stops that are shown: else what it found is of others. */
  fit() {
    const { a, b, more } = this.model.scene.choice;
    const ends = [[a, b, ...more], this.stops].map((stops) => stops.map((stop) => stop && (stop.index ?? stop.code)));
    this.model.fits = JSON.stringify(ends[0]) === JSON.stringify(ends[1]);
  }

  get viewName() {
    return `${this.model.gallery.version} ${this.model.map.name}`;
  }

  newMap() {
    const { map, gallery } = this.model;
    const otherGallery = gallery !== this.drawn?.gallery;
    this.drawn = { map, gallery };
    this.map.setMap(map.arrays.xy, map.dims, board().kept.get(this.viewName) ?? this.model.scene.view);
    for (const name of ["hovers", "drags"]) this.find(name).disabled = map.dims !== 2;
    if (otherGallery) {
      this.dots.forget();
      this.dots.colour();
    } else this.dots.remap();
  }

  tap(x, y, event) {
    if (!this.ready) return;
    if (event.pointerType === "touch") this.hover.at(x, y, event); // a finger does not hover
    const spot = event.shiftKey && this.map.dims === 2 && event.type !== "keydown";
    const point = spot ? this.freePoint(x, y) : this.imageAt(x, y);
    if (point) this.choose(point);
  }

  /** A, then B, then A again; a cleared side comes first. */
  choose(point) {
    if (this.model.scene.fixed) return;
    const { a, b, more, next } = this.choice;
    if (this.adding) {
      this.add(false);
      return this.report({ more: [...more, point] });
    }
    const side = !a ? "A" : !b ? "B" : next;
    this.report({ [side.toLowerCase()]: point, next: side === "A" ? "B" : "A" });
  }

  /** The next click on the map adds a stop, or no longer does. */
  add(on) {
    this.adding = on && Boolean(this.choice.a && this.choice.b) && this.stops.length < MOST_STOPS;
    this.find("add").setAttribute("aria-pressed", this.adding);
    if (this.adding) this.find("hint").textContent = `Click a dot to make it ${LETTERS[this.stops.length]}, with Shift the spot itself.`;
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
    const place = LETTERS.indexOf(side);
    const changed = place < 2
      ? { [side.toLowerCase()]: point }
      : { more: this.choice.more.map((stop, i) => (i === place - 2 ? point : stop)) };
    if (finished) return this.report(changed);
    Object.assign(this.choice, changed);
    this.place(true);
  }

  /** Choose, tell Python, and show it at once. */
  report(changed) {
    this.choice = { ...this.choice, ...changed, seq: this.choice.seq + 1 };
    clearTimeout(this.following);
    this.owed = true;
    const { seq, a, b, more, path, next, t } = this.choice;
    // Python works while we draw
    this.tell({ seq, a: worded(a), b: worded(b), more: more.map(worded), path, next, t });
    if (!("t" in changed) || "path" in changed) this.place();
  }

  /** Another way, or a step of it, is chosen from the strips. */
  goOn(path, t) {
    const whole = t === null ? this.choice.t : Math.round(100 * t) / 100;
    this.walker.slider.show(whole);
    this.report({ path, t: whole });
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
    this.fit();
    this.find("explorer").classList.toggle("fixed", this.model.scene.fixed);
    if (this.model.scene.fixed) return this.placeOwn();
    const { a, b, path, next, t } = this.choice;
    const { compare, closed } = this.model.scene;
    const { shown } = this.map;
    const ends = this.stops.map((point) => point && this.located(point));
    shown.rays = null;
    shown.marks = ends.flatMap((end, i) => (end ? [[LETTERS[i], this.map.toUnits(end.spot)]] : []));
    const both = Boolean(a && b);
    this.walker.way.name = path;
    this.name(closed);
    this.walker.setEnds(both ? ends : null, closed);
    if (!moving) this.ways.setEnds(both ? ends : null, closed);
    this.find("explorer").classList.toggle("compared", compare);
    this.placed = moving ? null : this.outline;
    shown.way = shown.ways = shown.bead = null;
    const turn = a && b ? next : a ? "B" : "A";
    if (both && this.walker.way.traceable) this.trace(path, compare, moving, turn);
    else this.hint(null, turn);
    if (both) this.walker.walk(t);
    else this.map.drawMarks();
    if (!both || moving) return;
    if (compare) this.ways.draw(path, t);
    else this.walker.drawStrip(t);
  }

  /** What stands at the far end of the slider. */
  name(closed) {
    const last = closed ? "A" : LETTERS[Math.max(1, this.stops.length - 1)];
    const end = this.root.querySelector(".end.b");
    end.textContent = last;
    end.classList.toggle("later", last !== "B");
  }

  /** The lines on the map: of the way that the slider is on, and thinner of the others. */
  trace(path, compare, moving, turn) {
    const { shown } = this.map;
    const { way } = this.walker;
    const toUnits = (spot) => this.map.toUnits(spot);
    const over = JSON.stringify([this.stops, path, this.model.scene.closed, this.model.map.version]);
    const draw = (line, settled) => {
      this.line = { over, line, settled };
      const own = { colour: lineColour(path, this.dark), sign: LINES[path].sign };
      shown.way = compare ? { ...line, ...own } : line;
      this.map.drawMarks();
      this.hint(line, turn);
    };
    const same = this.line?.over === over ? this.line : null;
    if (same) draw(same.line, same.settled);
    // a page that opens has no idle moment for seconds
    else if (!this.line && !moving) way.trace(toUnits, true, (line) => draw(line, false));
    if (!same?.settled) way.trace(toUnits, moving, (line) => draw(line, !moving));
    if (compare && !moving) this.ways.trace(path, toUnits, (lines) => {
      shown.ways = lines;
      this.map.drawMarks();
    });
  }

  placeOwn() {
    this.placed = this.outline;
    this.walker.setEnds(null);
    this.ways.setEnds(null);
    this.own.draw();
    const own = this.own.shown ? "★ is your image, the lines lead to the images it is nearest to. " : "";
    const drag = this.map.dims === 2 ? "Drag to move" : "Drag to turn, with Shift to move";
    this.find("hint").textContent = `${own}${drag}, scroll or pinch to zoom.`;
  }

  hint(way, next) {
    const tears = way?.torn.includes(true)
      ? " The way is dotted where the map tears: neighbouring steps land far apart there, though their codes are close."
      : "";
    const taps = this.map.dims === 2 ? "drag A or B to move it, with Shift to a spot between the dots" : "drag to turn, with Shift to move";
    if (!this.find("query").value) this.find("hint").textContent = `Click a dot to make it ${next}; ${taps}. Scroll or pinch to zoom.${tears}`;
  }

  /** The slider stands at t. */
  stand(t) {
    const { way } = this.walker;
    this.choice.t = this.walked = t;
    this.map.shown.bead = way.traceable ? this.map.toUnits(way.spotAt(t)) : null;
    this.ways.mark(t);
    this.map.drawMarks();
  }
}

/** A point as Python takes it: what Python sent carries a token and goes back as that. */
function worded(point) {
  if (!point || point.index !== undefined) return point;
  return point.token ? { token: point.token } : point;
}
