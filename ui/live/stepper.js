/** The hand on the run: buttons, slider and keys. Says which half-step is shown; knows no mixture. */

const PACE = 650; // milliseconds of a half-step while it plays

export class Stepper {
  /**
   * @param {ParentNode} root holds the buttons and `.half`
   * @param {(half: number) => void} moved
   */
  constructor(root, moved) {
    this.find = (name) => root.querySelector(`.${name}`);
    this.moved = moved;
    this.half = this.last = this.timer = 0;
    const on = (name, act) => (this.find(name).onclick = act);
    on("first", () => this.go(0));
    on("back", () => this.go(this.half - 1));
    on("estep", () => this.go(this.half + 1));
    on("mstep", () => this.go(this.half + 1));
    on("end", () => this.go(this.last));
    on("play", () => (this.timer ? this.pause() : this.play()));
    this.find("half").oninput = (event) => this.go(Number(event.target.value));
  }

  /**
   * @param {import("./gaussians.js").Trace} trace
   * @param {boolean} anew whether to begin at the start, instead of at the same half-step
   */
  build(trace, anew) {
    this.pause();
    this.last = 2 * trace.steps;
    this.find("half").max = this.last;
    this.half = anew ? 0 : Math.min(this.half, this.last);
    this.show();
  }

  go(half) {
    this.pause();
    this.step(half);
  }

  step(half) {
    const to = Math.max(0, Math.min(this.last, half));
    if (to === this.half) return;
    this.half = to;
    this.show();
    this.moved(to);
  }

  show() {
    const { half, last } = this;
    const slider = this.find("half");
    slider.value = half;
    slider.setAttribute("aria-valuetext", half ? `step ${(half + 1) >> 1}, after the ${half % 2 ? "E" : "M"}-step` : "start");
    this.find("estep").disabled = half % 2 === 1 || half === last;
    this.find("mstep").disabled = half % 2 === 0;
    this.find("back").disabled = this.find("first").disabled = half === 0;
    this.find("end").disabled = half === last;
    this.find("place").textContent = half ? `step ${(half + 1) >> 1} of ${last / 2}` : `start · ${last / 2} steps`;
  }

  play() {
    if (this.half === this.last) this.step(0);
    const go = () => {
      this.step(this.half + 1);
      if (this.half === this.last) this.pause();
    };
    this.timer = setInterval(go, PACE);
    this.state();
    go();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    this.state();
  }

  state() {
    const play = this.find("play");
    play.setAttribute("aria-pressed", Boolean(this.timer));
    play.textContent = this.timer ? "❚❚ Pause" : "▶ Play";
  }

  close() {
    clearInterval(this.timer);
  }
}
