/** How the dots look: their colours, and which of them legend, search and lasso let shine. */

import { density, labelColours, scaleColours, scaleGradient, stepColours } from "./colouring.js";
import { DIMMED, HIDDEN, SHOWN } from "./field.js";
import { Lassoed } from "./lassoed.js";
import { Legend } from "./legend.js";

const SCALES = {
  error: { low: "redrawn well", high: "badly" },
  density: { low: "lonely", high: "crowded" },
  distortion: { low: "keeps its true neighbours", high: "loses them" },
};

export class Dots {
  /**
   * @param {ParentNode} root holds `.legend`, `.lassoed`, `.colouring` and `.query`
   * @param {import("./map.js").LatentMap} map
   * @param {import("./model.js").Model} model
   * @param {{found: (index: number) => void, chosen: (index: number) => void, said: (words: string) => void}} told
   */
  constructor(root, map, model, told) {
    Object.assign(this, { map, model, told });
    this.how = root.querySelector(".colouring");
    this.query = root.querySelector(".query");
    this.legend = new Legend(root.querySelector(".legend"), () => this.sift());
    this.lassoed = new Lassoed(root.querySelector(".lassoed"), model, {
      chosen: told.chosen,
      closed: () => this.select(null),
    });
    this.how.onchange = () => this.colour();
    this.query.oninput = () => this.search();
    this.stopDensity = () => {};
    this.forget();
  }

  /** Another gallery: what was hidden, found or caught means nothing in it. */
  forget() {
    this.hits = this.selected = null;
    this.ranks = {};
    this.stopDensity();
    this.legend.forget();
    this.offer();
  }

  /** The choice of a colouring, with a line for each cause that this gallery knows. */
  offer() {
    const known = this.model.gallery?.groupings ?? [];
    const chosen = this.how.value;
    this.how.querySelectorAll(".cause").forEach((option) => option.remove());
    for (const { name, title } of known) {
      const option = new Option(title, `cause ${name}`);
      option.className = "cause";
      this.how.append(option);
    }
    this.how.value = chosen;
    if (this.how.selectedIndex < 0) this.how.value = "label";
  }

  /** Another map, or its measures have arrived: a point's own distortion is another one. */
  remap() {
    this.how.querySelector("[value=distortion]").disabled = !this.model.distortion;
    if (this.how.value === "distortion") this.colour();
    else this.sift();
  }

  /** A way to divide the gallery: by label, or by a known cause. */
  groupingOf(name) {
    const { gallery, scene } = this.model;
    const cause = gallery.groupings.find((known) => known.name === name);
    if (!cause) return { name: "label", names: scene.class_names, of: gallery.arrays.labels };
    return { ...cause, of: gallery.arrays[`grouping.${name}`] };
  }

  /** @param {{dark: boolean, background: number[]}} theme of the page */
  retheme(theme) {
    this.theme = theme;
    if (this.model.gallery) this.colour();
  }

  /** Colour all points; density is computed the first time that it is asked for. */
  colour() {
    const { gallery, codes } = this.model;
    const how = this.how.value;
    if (how === "density" && !this.ranks.density) {
      this.stopDensity();
      if (codes) this.stopDensity = density(codes.arrays.codes, codes.latent_dim, (ranks) => {
        this.ranks.density = ranks;
        this.colour();
      });
      return;
    }
    this.ranks.error ??= gallery.arrays.error_rank;
    this.ranks.distortion = this.model.distortion?.arrays.lost;
    const { dark, background } = this.theme;
    const { field } = this.map;
    const scale = this.ranks[how] && SCALES[how]; // a map may not be measured yet
    this.grouping = this.groupingOf(how.replace("cause ", ""));
    const { name, names, of, ordered } = this.grouping;
    const palette = ordered ? stepColours(names.length, dark) : labelColours(names.length, dark);
    field.setPalette(scale ? scaleColours(dark) : palette, background);
    field.colours.set(scale ? this.ranks[how] : of);
    this.legend.draw(name, names, scale ? null : palette, scale && { ...scale, gradient: scaleGradient() });
  }

  /** Which points are shown: the legend hides, search and lasso dim the others. */
  sift() {
    if (!this.model.gallery) return;
    const { labels } = this.model.gallery.arrays;
    const { field, shown } = this.map;
    const wanted = this.hits ?? this.selected;
    for (let i = 0; i < labels.length; i++) field.state[i] = wanted && !wanted.has(i) ? DIMMED : SHOWN;
    for (const [name, hidden] of this.legend.hiddenIn) {
      const { of } = this.groupingOf(name);
      if (hidden.size) for (let i = 0; i < of.length; i++) if (hidden.has(of[i])) field.state[i] = HIDDEN;
    }
    // steps of a scale lie all over the map: what is written there then are the labels
    const { names, of } = this.grouping.ordered ? this.groupingOf("label") : this.grouping;
    const middles = this.map.middles(of, names.length);
    shown.names = middles.flatMap((at, i) => (at ? [[names[i], at]] : []));
    this.map.draw();
  }

  /** "#7" is the image with that number; "7" too, unless a label has that name. */
  search() {
    const words = this.query.value.trim();
    const { class_names: names } = this.model.scene;
    const { labels } = this.model.gallery.arrays;
    const label = names.findIndex((name) => name.toLowerCase() === words.toLowerCase());
    const number = /^#?\d+$/.test(words) ? Number(words.replace("#", "")) : -1;
    this.hits = null;
    let found = words ? "Nothing has that number or label." : "";
    if (label >= 0) {
      this.hits = new Set(Array.from(labels.keys()).filter((i) => labels[i] === label));
      found = `${this.hits.size.toLocaleString()} images of ${words}. For the image of that number, type #${words}.`;
    } else if (number >= 0 && number < labels.length) {
      this.hits = new Set([number]);
      this.map.show(number);
      this.told.found(number);
      found = `Image ${number}, a ${this.model.label(number)}. Click it to choose it.`;
    }
    this.told.said(found);
    this.map.shown.ring = this.hits?.size === 1 ? this.map.pointOf(number) : null;
    this.sift();
  }

  /** @param {?number[]} chosen images in the lasso */
  select(chosen) {
    this.selected = chosen?.length ? new Set(chosen) : null;
    if (chosen?.length) this.lassoed.show(chosen);
    else this.lassoed.hide();
    this.sift();
  }
}
