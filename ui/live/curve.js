/**
 * Log-likelihood, lower bound and the gap between them over the half-steps: of a whole run, or
 * of the last few, magnified. Knows no mixture.
 */

const LEFT = 64, RIGHT = 10, TOP = 12, BOTTOM = 22; // margins in pixels
const HEIGHTS = [0, 0.35, 0.7, 1];
const NEAR = 6; // half-steps that are magnified

/** What both lines are at a half-step: 0 the start, odd ones E-steps, even ones M-steps. */
export function reached(trace, half) {
  const step = half >> 1;
  const likelihood = trace.logLikelihoods[step];
  return { likelihood, bound: half % 2 ? likelihood : trace.bounds[step] };
}

export class Curve {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(half: number) => void} moved a half-step was chosen by pointer
   * @param {boolean} near whether to magnify the last few
   */
  constructor(canvas, moved, near) {
    this.canvas = canvas;
    this.near = near;
    this.context = canvas.getContext("2d");
    const go = (event) => {
      if (!this.trace) return;
      const box = canvas.getBoundingClientRect();
      const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
      const within = Math.max(0, Math.min(1, share));
      moved(this.near ? Math.round(this.from + within * (this.to - this.from)) : Math.round(within ** 2 * this.last));
    };
    canvas.onpointerdown = (event) => {
      if (event.button > 0) return;
      canvas.setPointerCapture(event.pointerId);
      go(event);
    };
    canvas.onpointermove = (event) => event.buttons & 1 && go(event);
    // asked of the canvas while a step changes words beside it, its size would have the page laid out first
    this.observer = new ResizeObserver(() => {
      this.size = [canvas.clientWidth, canvas.clientHeight];
      this.draw(this.half);
    });
    this.size = [0, 0];
    this.observer.observe(canvas);
    this.half = 0;
  }

  /**
   * @param {import("./gaussians.js").Trace} trace
   * @param {number[][]} others log-likelihoods of other starts
   */
  show(trace, others) {
    this.trace = trace;
    this.others = others;
    this.last = 2 * trace.steps;
  }

  /** Which half-steps are drawn, and how high and low they reach. */
  frame(half) {
    const { trace, others, near, last } = this;
    this.from = near ? Math.max(0, Math.min(half + 1, last) - NEAR) : 0;
    this.to = near ? Math.min(last, this.from + NEAR) : last;
    const values = near ? [] : others.flat();
    for (let h = this.from; h <= this.to; h++) {
      const { likelihood, bound } = reached(trace, h);
      values.push(likelihood);
      // the bound of somebody who knows nothing may lie so low that nothing else could be seen
      if (h > 0) values.push(bound);
    }
    this.high = Math.max(...values);
    this.low = Math.min(...values, this.high - 1e-6);
  }

  /** The way up slows down, so what is near the top of a whole run gets more room. */
  y(value) {
    const share = Math.max(0, Math.min(1.05, (this.high - value) / (this.high - this.low)));
    return TOP + (this.near ? share : Math.sqrt(share)) * (this.size[1] - TOP - BOTTOM);
  }

  /** And the first steps do most, so they get more room too. */
  x(half) {
    const share = (half - this.from) / Math.max(1, this.to - this.from);
    return LEFT + (this.near ? share : Math.sqrt(share)) * (this.size[0] - LEFT - RIGHT);
  }

  draw(half) {
    this.half = half;
    const { canvas, context, trace, theme } = this;
    const [width, height] = this.size;
    if (!trace || !theme || !width) return;
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "11px system-ui, sans-serif";
    this.frame(half);
    this.axes(width, height);
    if (!this.near) for (const line of this.others) this.line(line.slice(0, trace.steps + 1).map((value, step) => [2 * step, value]), theme.faint, 1);
    const halves = Array.from({ length: this.to - this.from + 1 }, (_, i) => this.from + i);
    const likelihoods = halves.map((h) => [h, reached(trace, h).likelihood]);
    const bounds = halves.map((h) => [h, reached(trace, h).bound]);
    this.gap(likelihoods, bounds);
    this.line(likelihoods, theme.text, 2);
    this.line(bounds, theme.primary, 2);
    this.here(half, height);
  }

  axes(width, height) {
    const { context, theme } = this;
    context.fillStyle = context.strokeStyle = theme.faint;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const share of HEIGHTS) {
      const value = this.high - (this.near ? share : share * share) * (this.high - this.low);
      const y = Math.round(this.y(value)) + 0.5;
      const digits = this.high - this.low < 0.05 ? 4 : this.high - this.low < 0.5 ? 3 : 2;
      context.fillText(value.toFixed(digits).replace("-", "−"), LEFT - 8, y);
      context.globalAlpha = 0.25;
      context.beginPath();
      context.moveTo(LEFT, y);
      context.lineTo(width - RIGHT, y);
      context.stroke();
      context.globalAlpha = 1;
    }
    context.textAlign = "left";
    if (!this.near) {
      context.fillText("start", LEFT, height - 8);
      context.textAlign = "right";
      context.fillText(`step ${this.trace.steps}`, width - RIGHT, height - 8);
      return;
    }
    context.textAlign = "center";
    for (let h = this.from; h <= this.to; h++) {
      context.fillText(h ? "ME"[h % 2] : "start", Math.min(this.x(h), width - 8), height - 8);
    }
  }

  line(points, colour, width) {
    const { context } = this;
    context.beginPath();
    points.forEach(([half, value], i) => (i ? context.lineTo(this.x(half), this.y(value)) : context.moveTo(this.x(half), this.y(value))));
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.stroke();
  }

  gap(upper, lower) {
    const { context } = this;
    context.beginPath();
    upper.forEach(([half, value]) => context.lineTo(this.x(half), this.y(value)));
    [...lower].reverse().forEach(([half, value]) => context.lineTo(this.x(half), this.y(value)));
    context.globalAlpha = 0.18;
    context.fillStyle = this.theme.primary;
    context.fill();
    context.globalAlpha = 1;
  }

  here(half, height) {
    const { context, theme } = this;
    const { likelihood, bound } = reached(this.trace, half);
    const x = this.x(half);
    context.globalAlpha = 0.5;
    context.strokeStyle = theme.text;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, TOP);
    context.lineTo(x, height - BOTTOM);
    context.stroke();
    context.globalAlpha = 1;
    for (const [value, colour] of [[likelihood, theme.text], [bound, theme.primary]]) {
      context.beginPath();
      context.arc(x, this.y(value), 4.5, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = theme.background;
      context.stroke();
    }
  }

  close() {
    this.observer.disconnect();
  }
}
