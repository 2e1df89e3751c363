/** Above the dots: the components as ellipses or numbered marks, and lines of equal density. */

import { Overlay } from "./overlay.js";

const CORNERS = 48; // of a drawn ellipse

export class Clouds extends Overlay {
  /**
   * @param {import("./camera.js").Camera} camera
   * @param {object} shown as for `Overlay`, with `lines` (pieces of contours, in units) and
   *   `clouds`: `{name, colour, point, halves, faint}`, `halves` being two arrows in units
   *   whose turn draws the ellipse of one standard deviation, or null
   */
  draw(camera, shown) {
    super.draw(camera, shown);
    for (const line of shown.lines ?? []) this.pieces(camera, line, shown.theme);
    for (const cloud of shown.clouds ?? []) if (cloud.halves) this.ellipses(camera, cloud, shown.theme);
    for (const cloud of shown.clouds ?? []) this.number(camera, cloud, shown.theme);
  }

  pieces(camera, line, theme) {
    const { context } = this;
    context.beginPath();
    for (let i = 0; i < line.length; i += 4) {
      const [x, y] = camera.project([line[i], line[i + 1], 0], this.screen);
      context.moveTo(x, y);
      const [toX, toY] = camera.project([line[i + 2], line[i + 3], 0], this.screen);
      context.lineTo(toX, toY);
    }
    context.globalAlpha = 0.35;
    context.lineWidth = 1;
    context.strokeStyle = theme.text;
    context.stroke();
    context.globalAlpha = 1;
  }

  /** One and two standard deviations. */
  ellipses(camera, { point, halves: [u, v], colour, faint }, theme) {
    const { context } = this;
    for (const times of [1, 2]) {
      context.beginPath();
      for (let corner = 0; corner < CORNERS; corner++) {
        const angle = (2 * Math.PI * corner) / CORNERS;
        const c = times * Math.cos(angle), s = times * Math.sin(angle);
        const at = [0, 1, 2].map((d) => point[d] + c * u[d] + s * v[d]);
        const [x, y] = camera.project(at, this.screen);
        if (corner) context.lineTo(x, y);
        else context.moveTo(x, y);
      }
      context.closePath();
      context.globalAlpha = faint ? 0.25 : 1;
      for (const [style, width] of [[theme.background, times === 1 ? 5 : 3.5], [colour, times === 1 ? 2.5 : 1.25]]) {
        context.strokeStyle = style;
        context.lineWidth = width;
        context.stroke();
      }
    }
    context.globalAlpha = 1;
  }

  number(camera, { name, point, colour, faint }, theme) {
    const [x, y] = camera.project(point, this.screen);
    const { context } = this;
    context.globalAlpha = faint ? 0.35 : 1;
    this.circle(x, y, 9, colour, theme.background, 2);
    context.font = "600 11px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = inkOn(colour);
    context.fillText(name, x, y + 0.5);
    context.globalAlpha = 1;
  }
}

/** Black or white, whichever is read better on a colour "rgb(r g b)". */
export function inkOn(colour) {
  const [r, g, b] = colour.match(/\d+/g).map(Number);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#000000" : "#ffffff";
}
