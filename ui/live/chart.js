/** A small chart as SVG: axes in percent, lines and dots. Knows neither models nor images. */

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 360, HEIGHT = 190;
const LEFT = 58, RIGHT = 10, TOP = 8, BOTTOM = 36;

export class Chart {
  /**
   * @param {SVGElement} svg
   * @param {{from: number, to: number, step: number, title: string}} x shares, and words
   * @param {{from: number, to: number, step: number, title: string}} y likewise
   */
  constructor(svg, x, y) {
    this.svg = svg;
    Object.assign(this, { xAxis: x, yAxis: y });
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.replaceChildren();
    for (const value of ticks(y)) {
      this.line([[x.from, value], [x.to, value]], { class: "grid" });
      this.text(`${percent(value)}`, { x: LEFT - 6, y: this.y(value) + 4, "text-anchor": "end" });
    }
    for (const value of ticks(x)) {
      this.text(`${percent(value)}`, { x: this.x(value), y: HEIGHT - BOTTOM + 15, "text-anchor": "middle" });
    }
    this.text(x.title, { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 3, "text-anchor": "middle" });
    const middle = TOP + (HEIGHT - TOP - BOTTOM) / 2;
    this.text(y.title, { x: 10, y: middle, "text-anchor": "middle", transform: `rotate(-90 10 ${middle})` });
  }

  x(value) {
    const { from, to } = this.xAxis;
    return LEFT + ((value - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  }

  y(value) {
    const { from, to } = this.yAxis;
    return TOP + (1 - (value - from) / (to - from)) * (HEIGHT - TOP - BOTTOM);
  }

  /** Value of the x axis under a pointer, kept on the axis. */
  under(event) {
    const box = this.svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * WIDTH;
    const share = Math.max(0, Math.min(1, (at - LEFT) / (WIDTH - LEFT - RIGHT)));
    return this.xAxis.from + share * (this.xAxis.to - this.xAxis.from);
  }

  /** @param {number[][]} points two of them @param {Object<string, string>} style attributes */
  line([[x1, y1], [x2, y2]], style) {
    return this.add("line", { x1: this.x(x1), y1: this.y(y1), x2: this.x(x2), y2: this.y(y2), ...style });
  }

  path(points, style) {
    const steps = points.map(([x, y]) => `${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`);
    return this.add("path", { d: `M${steps.join("L")}`, ...style });
  }

  dot([x, y], r, style, words) {
    const dot = this.add("circle", { cx: this.x(x), cy: this.y(y), r, ...style });
    if (words) dot.append(Object.assign(document.createElementNS(NAMESPACE, "title"), { textContent: words }));
    return dot;
  }

  text(words, style) {
    this.add("text", style).textContent = words;
  }

  add(kind, attributes) {
    const element = document.createElementNS(NAMESPACE, kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    this.svg.append(element);
    return element;
  }
}

/** @returns {string} a share in percent, with a digit more where there are few of them */
export function percent(share) {
  const value = Math.round(1000 * share) / 10;
  const digits = (value > 0 && value < 10 || value > 99 && value < 100) && value % 1 ? 1 : 0;
  return `${value.toFixed(digits)} %`;
}

function ticks({ from, to, step }) {
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
}
