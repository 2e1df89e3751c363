/**
 * The map: dots, marks, camera and pointer together. Knows no network weights; whoever makes
 * it says what a hover or a click means.
 */

import { report } from "./board.js";
import { Camera, reach } from "./camera.js";
import { Field, HIDDEN, SHOWN } from "./field.js";
import { inside, Overlay } from "./overlay.js";
import { listen } from "./pointer.js";

const FLIGHT = 700; // milliseconds from one map to the next
const REACH = 24; // pixels within which a hover finds a point
const GRIP = 15; // pixels around A or B that take hold of it

export class LatentMap {
  /**
   * @param {HTMLCanvasElement} dots
   * @param {HTMLCanvasElement} marks above the dots; takes the pointer and the focus
   * @param {{hover: Function, leave: Function, choose: Function, move: Function,
   *   lasso: Function, view: Function}} told
   * @param {?{field: Field, overlay: Overlay}} drawing of another kind than dots and A and B
   */
  constructor(dots, marks, told, drawing = null) {
    this.camera = new Camera();
    this.field = drawing?.field ?? new Field(dots);
    this.overlay = drawing?.overlay ?? new Overlay(marks);
    this.told = told;
    this.dims = 2;
    this.tool = "move";
    this.shown = { names: [], marks: [], rays: null, truth: null, way: null, ways: null, bead: null, ring: null, lasso: [], cursor: null };
    this.shown.theme = { text: "#000", background: "#fff" };
    this.flight = 0;
    const stop = listen(marks, this.moves());
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(marks);
    this.close = () => {
      stop();
      observer.disconnect();
      cancelAnimationFrame(this.flight);
    };
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.overlay.canvas;
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    if (!width || !height) return;
    this.camera.resize(width, height);
    this.field.resize(width, height, ratio);
    this.overlay.resize(width, height, ratio);
    this.draw();
  }

  draw() {
    if (!this.field.image) return;
    this.field.draw(this.camera, this.dims === 3 || this.flying);
    this.drawMarks();
  }

  drawMarks() {
    const { shown } = this;
    if (!this.flying) return this.overlay.draw(this.camera, shown);
    this.overlay.draw(this.camera, { ...shown, names: [], marks: [], rays: null, truth: null, way: null, ways: null, bead: null, ring: null });
  }

  /**
   * Show a map; its points fly from where they were, if there are as many.
   * @param {Float32Array} xy (N, dims)
   * @param {?object} view of the camera as it was left, if it was
   */
  setMap(xy, dims, view) {
    const { points, middle, unit, extent } = inUnits(xy, dims);
    Object.assign(this, { dims, middle, unit, landed: points });
    this.camera.extent = extent;
    const target = view ?? Camera.whole(dims);
    const old = this.field.points;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    cancelAnimationFrame(this.flight);
    if (old.length !== points.length || still) {
      this.flying = false;
      this.field.setPoints(points);
      this.camera.set(target);
      return this.draw();
    }
    this.fly(old.slice(), points, target);
  }

  fly(from, to, target) {
    const between = new Float32Array(to.length);
    const start = performance.now();
    const leaving = this.camera.view;
    this.flying = true;
    this.field.setPoints(between);
    const step = () => {
      const part = Math.min(1, (performance.now() - start) / FLIGHT);
      const t = part * part * (3 - 2 * part);
      for (let i = 0; i < to.length; i++) between[i] = from[i] + (to[i] - from[i]) * t;
      this.camera.blend(leaving, target, t);
      this.flying = part < 1;
      if (this.flying) this.flight = requestAnimationFrame(step);
      else this.field.setPoints(to);
      this.draw();
    };
    step();
  }

  /** A spot of the map (as in Python) in units, for drawing. */
  toUnits(spot) {
    return [0, 1, 2].map((d) => (d < this.dims ? (spot[d] - this.middle[d]) / this.unit : 0));
  }

  /** The spot of a 2-D map (as in Python) at a pixel. */
  spotAt(x, y) {
    return this.camera.spotAt(x, y).map((value, d) => value * this.unit + this.middle[d]);
  }

  /** Where the point of an image lies, in units. */
  pointOf(index) {
    return Array.from(this.landed.subarray(3 * index, 3 * index + 3));
  }

  pick(x, y, reach = REACH) {
    return this.field.pick(x, y, reach, this.camera.zoom);
  }

  markAt(x, y) {
    if (this.dims !== 2) return null;
    const near = this.shown.marks.filter(([, point]) => {
      const [px, py] = this.camera.project(point, this.overlay.screen);
      return Math.hypot(px - x, py - y) < GRIP;
    });
    return near.length ? near[near.length - 1][0] : null;
  }

  /** See all of the map, or bring one image to the middle. */
  show(index = -1) {
    if (index < 0) this.camera.set(Camera.whole(this.dims));
    else {
      const [x, y] = this.camera.project(this.pointOf(index), this.overlay.screen);
      this.camera.pan(this.camera.width / 2 - x, this.camera.height / 2 - y);
    }
    this.turned();
  }

  turned() {
    this.draw();
    this.told.view(this.camera.view);
  }

  moves() {
    const timed = (what, act) => (...given) => {
      const start = performance.now();
      const result = this.flying ? null : act(...given);
      report(what, start);
      return result;
    };
    return {
      hover: timed("hover", (x, y, event) => {
        this.shown.cursor = null;
        this.told.hover(x, y, event);
      }),
      leave: () => this.told.leave(),
      tap: timed("click", (x, y, event) => this.told.choose(x, y, event)),
      start: (x, y) => (this.tool === "lasso" && this.dims === 2 ? "lasso" : this.markAt(x, y) ?? "view"),
      drag: timed("drag", (what, x, y, dx, dy, event) => this.dragged(what, x, y, dx, dy, event)),
      end: (what, x, y, event) => this.dropped(what, x, y, event),
      zoom: timed("zoom", (x, y, factor) => {
        this.camera.zoomAt(x, y, factor);
        this.turned();
      }),
      key: (event) => !this.flying && this.pressed(event),
    };
  }

  dragged(what, x, y, dx, dy, event) {
    if (what === "lasso") {
      if (!this.shown.lasso.length) this.shown.lasso.push(x - dx, y - dy);
      this.shown.lasso.push(x, y);
      this.drawMarks();
    } else if (what !== "view") this.told.move(what, x, y, event, false);
    else {
      if (this.dims === 3 && !event.shiftKey) this.camera.orbit(dx, dy);
      else this.camera.pan(dx, dy);
      this.turned();
    }
  }

  dropped(what, x, y, event) {
    if (what === "lasso") {
      const { right, down, state, ratio } = this.field;
      const line = this.shown.lasso;
      const chosen = [];
      for (let i = 0; i < right.length; i++) {
        if (state[i] === SHOWN && inside(line, right[i] / ratio, down[i] / ratio)) chosen.push(i);
      }
      this.shown.lasso = [];
      this.drawMarks();
      this.told.lasso(chosen);
    } else if (what !== "view" && what !== null) this.told.move(what, x, y, event, true);
  }

  /** Arrows move a cursor, with Shift the map; Enter chooses. */
  pressed(event) {
    const { camera } = this;
    const [dx, dy] = ARROWS[event.key] ?? [0, 0];
    const cursor = this.shown.cursor ?? [camera.width / 2, camera.height / 2];
    if (ARROWS[event.key] && event.shiftKey) this.dragged("view", 0, 0, 24 * dx, 24 * dy, { shiftKey: false });
    else if (ARROWS[event.key]) {
      const keep = (value, size) => Math.max(0, Math.min(size, value));
      this.shown.cursor = [keep(cursor[0] + 10 * dx, camera.width), keep(cursor[1] + 10 * dy, camera.height)];
      this.told.hover(...this.shown.cursor, event);
    } else if (event.key === "Enter" || event.key === " ") this.told.choose(...cursor, event);
    else if (event.key === "+" || event.key === "=") camera.zoomAt(...cursor, 1.25);
    else if (event.key === "-") camera.zoomAt(...cursor, 0.8);
    else if (event.key === "0") camera.set(Camera.whole(this.dims));
    else return false;
    if ("+=-0".includes(event.key)) this.turned();
    return true;
  }

  /** Middle of each group's shown points, where its name is written. */
  middles(labels, count) {
    const found = Array.from({ length: count }, () => [[], [], []]);
    const stride = Math.max(1, Math.floor(labels.length / 20_000));
    for (let i = 0; i < labels.length; i += stride) {
      if (this.field.state[i] === HIDDEN) continue;
      for (let d = 0; d < 3; d++) found[labels[i]][d].push(this.landed[3 * i + d]);
    }
    return found.map((axes) => (axes[0].length ? axes.map(median) : null));
  }
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function median(values) {
  return Float64Array.from(values).sort()[values.length >> 1];
}

/** Points around 0 that reach to about 1, whatever the map's own numbers are. */
function inUnits(xy, dims) {
  const low = Array(dims).fill(Infinity), high = Array(dims).fill(-Infinity);
  for (let i = 0; i < xy.length; i++) {
    low[i % dims] = Math.min(low[i % dims], xy[i]);
    high[i % dims] = Math.max(high[i % dims], xy[i]);
  }
  const middle = low.map((value, d) => (value + high[d]) / 2);
  const halves = low.map((value, d) => (high[d] - value) / 2);
  const unit = Math.max(...halves) || 1;
  const points = new Float32Array((3 * xy.length) / dims);
  let farthest = 0;
  for (let i = 0, at = 0; i < xy.length; at += 3) {
    for (let d = 0; d < dims; d++, i++) points[at + d] = (xy[i] - middle[d]) / unit;
    farthest = Math.max(farthest, Math.hypot(points[at], points[at + 1], points[at + 2]));
  }
  const extent = dims === 3 ? Array(2).fill(reach(farthest)) : halves.map((half) => Math.max(0.2, half / unit));
  return { points, middle, unit, extent };
}
