/**
 * The hand on the way: slider, play button, large picture and strip. Says where it stands;
 * knows neither map nor network.
 */

import { report } from "./board.js";

const ROUND_TRIP = 6000; // milliseconds of playing from A to B and back
const SETTLED = 350; // milliseconds after the last key until a movement counts as finished

export class Slider {
  /**
   * @param {ParentNode} root holds `.slider` (with `data-way`: from what to what), `.play` and `.percent`
   * @param {(t: number) => void} moved for every movement, t in [0, 1]
   * @param {(t: number) => void} released when a movement is finished
   */
  constructor(root, moved, released) {
    this.input = root.querySelector(".slider");
    this.button = root.querySelector(".play");
    this.output = root.querySelector(".percent");
    this.moved = moved;
    this.released = released;
    this.playing = this.waiting = 0;
    this.held = false;
    this.describe = (t) => `${Math.round(100 * t)} % of the way ${this.input.dataset.way}`;
    const { input } = this;
    // the arrow keys of a slider without steps would jump by whole percents of the browser's
    // choice, so they are handled here
    input.onkeydown = (event) => {
      const step = STEPS[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.pause();
      this.go(Math.abs(step) === Infinity ? (step > 0 ? 1 : 0) : this.t + step);
      this.settle(SETTLED);
    };
    input.onpointerdown = () => (this.held = true);
    input.onpointerup = input.onpointercancel = () => (this.held = false);
    input.oninput = () => {
      this.pause();
      this.go(input.value / 100);
    };
    input.onchange = () => this.settle(0);
    this.button.onclick = () => (this.playing ? this.pause(true) : this.play());
    this.show(0.5);
  }

  /** Whether somebody or something moves it, so that nobody else may. */
  get busy() {
    return Boolean(this.held || this.playing || this.waiting);
  }

  get t() {
    return this.input.value / 100;
  }

  /** Stand at t without telling anybody. */
  show(t) {
    this.input.value = 100 * t;
    this.output.textContent = `${Math.round(100 * t)} %`;
    this.input.setAttribute("aria-valuetext", this.describe(t));
  }

  go(t) {
    const start = performance.now();
    this.show(Math.max(0, Math.min(1, t)));
    this.moved(this.t);
    report("slider", start);
  }

  settle(wait) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = 0;
      this.released(this.t);
    }, wait);
  }

  play() {
    const from = this.t;
    const start = performance.now();
    const step = () => {
      // there and back: 0 → 1 → 0, from where the slider stands
      const phase = (from / 2 + (performance.now() - start) / ROUND_TRIP) % 1;
      this.playing = requestAnimationFrame(step);
      this.go(phase < 0.5 ? 2 * phase : 2 - 2 * phase);
    };
    this.state(true);
    step();
  }

  pause(tell = false) {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.state(false);
    if (tell) this.settle(0);
  }

  state(playing) {
    this.button.setAttribute("aria-pressed", playing);
    this.button.setAttribute("aria-label", playing ? "Pause" : "Play the way");
    this.button.textContent = playing ? "❚❚" : "▶";
  }
}

const STEPS = {
  ArrowLeft: -0.01, ArrowDown: -0.01, ArrowRight: 0.01, ArrowUp: 0.01,
  PageDown: -0.1, PageUp: 0.1, Home: -Infinity, End: Infinity,
};
