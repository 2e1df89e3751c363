/** What lies above the dots: labels, rays, the way with its tears, bead, marks, ring, lasso. */

const FONT = "600 14px system-ui, sans-serif";
export const MARKS = { A: "#d6336c", B: "#0b7285", "": "#d6336c" };
const LATER = "#495057"; // of stops after B

export class Overlay {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    if (!this.context) throw new Error("this browser gives no canvas to draw on");
    this.screen = new Float64Array(3);
  }

  resize(width, height, ratio) {
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.ratio = ratio;
  }

  /**
   * @param {import("./camera.js").Camera} camera
   * @param {{theme: {text: string, background: string}, names: [string, number[]][],
   *   rays: ?{from: number[], to: number[][]}, truth: ?{from: number[], to: number[][]},
   *   way: ?{points: number[][], torn: boolean[], colour: ?string}, ways: ?object[], bead: ?number[], ring: ?number[],
   *   marks: [string, number[]][], lasso: number[], cursor: ?number[]}} shown
   *   all but `lasso` and `cursor` (pixels) as points in units of the map
   */
  draw(camera, shown) {
    const { context, ratio } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    context.lineJoin = context.lineCap = "round";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = FONT;
    for (const [name, point] of shown.names) this.name(camera, name, point, shown.theme);
    for (const rays of [shown.rays, shown.truth]) if (rays) this.rays(camera, rays, shown.theme);
    for (const line of shown.ways ?? []) this.way(camera, line, shown.theme, [4, 1.5]);
    if (shown.way) this.way(camera, shown.way, shown.theme, shown.ways ? [7, 3.5] : [5, 2]);
    for (const line of [...(shown.ways ?? []), shown.way]) if (line?.sign) this.sign(camera, line, shown.theme);
    if (shown.ring) this.ring(camera, shown.ring, shown.theme);
    for (const [name, point] of shown.marks) this.mark(camera, name, point);
    if (shown.bead) this.bead(camera, shown.bead, shown.theme);
    this.lasso(shown.lasso, shown.theme);
    if (shown.cursor) this.cursor(shown.cursor, shown.theme);
  }

  name(camera, name, point, theme) {
    const [x, y] = camera.project(point, this.screen);
    const { context } = this;
    context.lineWidth = 4;
    context.strokeStyle = theme.background;
    context.strokeText(name, x, y);
    context.fillStyle = theme.text;
    context.fillText(name, x, y);
  }

  /** Lines from one point to others, and a ring around each of these. */
  rays(camera, { from, to }, theme) {
    const { context } = this;
    const [x, y] = camera.project(from, this.screen);
    for (const point of to) {
      const [toX, toY] = camera.project(point, this.screen);
      for (const [width, colour] of [[4, theme.background], [1.5, theme.text]]) {
        context.lineWidth = width;
        context.strokeStyle = colour;
        context.beginPath();
        context.moveTo(x, y);
        context.lineTo(toX, toY);
        context.stroke();
      }
      this.circle(toX, toY, 5, null, theme.background, 4);
      this.circle(toX, toY, 5, null, theme.text, 1.5);
    }
  }

  /** Twice: a wide line of the background's colour lifts the thin one off the dots. */
  way(camera, { points, torn, colour: own }, theme, [wide, thin]) {
    const { context } = this;
    for (const [width, colour] of [[wide, theme.background], [thin, own ?? theme.text]]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      for (const dashed of [false, true]) {
        context.setLineDash(dashed ? [2, 6] : []);
        context.beginPath();
        for (let i = 0; i < torn.length; i++) {
          if (torn[i] !== dashed) continue;
          const [x, y] = camera.project(points[i], this.screen);
          context.moveTo(x, y);
          const [toX, toY] = camera.project(points[i + 1], this.screen);
          context.lineTo(toX, toY);
        }
        context.stroke();
      }
    }
    context.setLineDash([]);
  }

  /** What tells ways apart beside their colour, where they are farthest from one another. */
  sign(camera, { points, colour, sign }, theme) {
    const [x, y] = camera.project(points[points.length >> 1], this.screen);
    const { context } = this;
    context.lineWidth = 4;
    context.strokeStyle = theme.background;
    context.strokeText(sign, x, y);
    context.fillStyle = colour;
    context.fillText(sign, x, y);
  }

  ring(camera, point, theme) {
    const [x, y] = camera.project(point, this.screen);
    this.circle(x, y, 8, null, theme.background, 4);
    this.circle(x, y, 8, null, theme.text, 2);
  }

  bead(camera, point, theme) {
    const [x, y] = camera.project(point, this.screen);
    this.circle(x, y, 7, theme.text, theme.background, 2.5);
  }

  mark(camera, name, point) {
    const [x, y] = camera.project(point, this.screen);
    const { context } = this;
    this.circle(x, y, 12, MARKS[name] ?? LATER, "#ffffff", 2);
    context.fillStyle = "#ffffff";
    context.fillText(name || "★", x, y + 0.5);
  }

  circle(x, y, radius, fill, stroke, width) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    context.lineWidth = width;
    context.strokeStyle = stroke;
    context.stroke();
  }

  lasso(line, theme) {
    if (line.length < 4) return;
    const { context } = this;
    context.beginPath();
    for (let i = 0; i < line.length; i += 2) context.lineTo(line[i], line[i + 1]);
    context.closePath();
    context.globalAlpha = 0.12;
    context.fillStyle = theme.text;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.strokeStyle = theme.text;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  cursor([x, y], theme) {
    const { context } = this;
    for (const [width, colour] of [[4, theme.background], [1.5, theme.text]]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + 4 * dx, y + 4 * dy);
        context.lineTo(x + 12 * dx, y + 12 * dy);
      }
      context.stroke();
    }
  }
}

/** Whether a pixel lies within a closed line of pixels x, y, x, y … */
export function inside(line, x, y) {
  let within = false;
  for (let i = 0, j = line.length - 2; i < line.length; j = i, i += 2) {
    const above = line[i + 1] > y !== line[j + 1] > y;
    if (above && x < ((line[j] - line[i]) * (y - line[i + 1])) / (line[j + 1] - line[i + 1]) + line[i]) {
      within = !within;
    }
  }
  return within;
}
