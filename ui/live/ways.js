/** All ways between the stops, one below the other: strips, and what Python measured of them. */

import { LINES, lineColour } from "./lines.js";
import { paint, pictureButton, unhurried } from "./picture.js";
import { markStep, Way } from "./way.js";

export class Ways {
  /**
   * @param {HTMLElement} root is filled
   * @param {import("./model.js").Model} model
   * @param {(name: string, t: number | null) => void} chosen a way, and where on it if a step was
   */
  constructor(root, model, chosen) {
    Object.assign(this, { root, model, chosen, dark: false });
    this.rows = Object.keys(LINES).map((name) => this.row(name));
    root.append(...this.rows.map(({ element }) => element));
    this.stop = () => {};
  }

  row(name) {
    const element = document.createElement("div");
    element.className = "one";
    element.dataset.way = name;
    const head = document.createElement("button");
    head.type = "button";
    head.className = "head";
    head.onclick = () => this.chosen(name, null);
    const [sign, title, figures] = ["i", "b", "span"].map((tag) => document.createElement(tag));
    sign.textContent = LINES[name].sign;
    sign.setAttribute("aria-hidden", "true");
    title.textContent = LINES[name].title;
    figures.className = "figures";
    head.append(sign, title, figures);
    const strip = document.createElement("div");
    strip.className = "strip";
    element.append(head, strip);
    return { name, element, head, sign, figures, strip, way: new Way(this.model, name) };
  }

  retheme(dark) {
    this.dark = dark;
    for (const { name, element } of this.rows) element.style.setProperty("--way", lineColour(name, dark));
  }

  close() {
    this.stop();
    for (const { way } of this.rows) way.stop();
  }

  /** @param {?object[]} ends as `Way.setEnds` takes them */
  setEnds(ends, closed) {
    this.stop();
    this.root.hidden = !ends || !this.model.scene.compare || !(this.model.network || this.model.found);
    for (const { way } of this.rows) way.setEnds(ends, closed);
  }

  /** Strips of all ways, and the figures as far as they are there. */
  draw(active, t) {
    this.stop();
    if (this.root.hidden) return;
    const { model } = this;
    const steps = this.rows[0].way.legs * (model.scene.steps - 1) + 1;
    for (const row of this.rows) this.head(row, active);
    // of each row its frame first: what it takes to lay out is not owed at once either
    this.stop = unhurried(this.rows.length * (steps + 1), (i) => {
      const row = this.rows[Math.floor(i / (steps + 1))];
      const step = (i % (steps + 1)) - 1;
      const { way, name, strip } = row;
      if (!way.ends) return;
      if (step < 0) {
        this.thumbs(row, steps);
        markStep(strip, t);
        return;
      }
      const image = model.network ? way.imageAt(step / (steps - 1)) : model.pictureOf(name, step);
      paint(strip.children[step].querySelector("canvas"), image, model.scene.image_shape);
    });
  }

  /** Figures of a way, in words. */
  head({ name, element, head, figures }, active) {
    const found = this.model.found?.figures[name];
    const failed = this.model.found?.failed[name];
    element.classList.toggle("active", name === active);
    head.setAttribute("aria-pressed", name === active);
    figures.textContent = failed ?? (found
      ? `length ${found.length.toFixed(2)} · farthest step ${Math.round(found.worst)} % · largest change ${found.jump.toFixed(3)}`
      : "measuring …");
    figures.classList.toggle("failed", Boolean(failed));
  }

  /** A picture for each step with its two bars: how far out, and how much has changed. */
  thumbs({ name, strip, way }, steps) {
    if (strip.childElementCount !== steps) {
      strip.replaceChildren(...Array.from({ length: steps }, (_, i) => {
        const { button } = pictureButton("", "", () => this.chosen(name, i / (steps - 1)));
        const bars = ["far", "change"].map((kind) => {
          const bar = document.createElement("div");
          bar.className = kind;
          bar.append(document.createElement("i"));
          return bar;
        });
        button.append(...bars);
        return button;
      }));
    }
    const found = this.model.found?.figures[name];
    const most = Math.max(1e-9, ...Object.values(this.model.found?.figures ?? {}).map(({ jump }) => jump));
    Array.from(strip.children).forEach((button, i) => {
      const far = found?.percentiles[i];
      const change = i ? found?.changes[i - 1] : undefined;
      const [, text, farBar, changeBar] = button.children;
      text.textContent = found ? Math.round(far) : "";
      farBar.firstChild.style.width = `${far ?? 0}%`;
      changeBar.firstChild.style.width = `${(100 * (change ?? 0)) / most}%`;
      const stop = i % (this.model.scene.steps - 1) ? "" : `, at stop ${"ABCDEFGH"[(i / (this.model.scene.steps - 1)) % way.ends.length]}`;
      const words = `${LINES[name].title}, step ${i + 1} of ${steps}${stop}`;
      button.title = found
        ? `${words}: farther from test images than ${Math.round(far)} % of them are from one another${i ? `; changed by ${change.toFixed(3)} since the step before` : ""}`
        : words;
      button.setAttribute("aria-label", button.title);
    });
  }

  /** The slider stands at t: of all ways, so that the same step can be compared. */
  mark(t) {
    for (const { strip } of this.rows) markStep(strip, t);
  }

  /**
   * Lines of the other ways on the map, one after the other.
   * @param {string} active its line is drawn by others
   * @param {(spot: ArrayLike<number>) => number[]} toUnits of the map
   * @param {(lines: {points: number[][], torn: boolean[], colour: string, sign: string}[]) => void} found
   */
  trace(active, toUnits, found) {
    const lines = []; // in the order of the rows, whichever is found first
    this.rows.forEach(({ name, way }, i) => {
      way.stopTrace();
      if (this.root.hidden || name === active || !way.traceable) return;
      way.trace(toUnits, false, (line) => {
        lines[i] = { ...line, colour: lineColour(name, this.dark), sign: LINES[name].sign };
        found(lines.filter(Boolean));
      });
    });
  }
}
