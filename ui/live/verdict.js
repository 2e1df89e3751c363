/**
 * What may be said of an image: how probable its label is, and whether it is unlike all that the
 * model has seen. The threshold of that moves here; Python hears of it once it rests.
 */

import { board } from "./board.js";
import { Chart, percent } from "./chart.js";
import { channels, groupColours } from "./colouring.js";

const instances = new WeakMap();
const LARGEST = 9; // pixels of the radius of the fullest bin
const SETTLED = 350; // milliseconds after the last key until a movement counts as finished

/** Streamlit calls it at mounting and whenever `data` may have changed. */
export default function verdict({ parentElement, data, setTriggerValue }) {
  let instance = instances.get(parentElement);
  if (!instance) {
    instance = new Verdict(parentElement.querySelector(".verdict"));
    instances.set(parentElement, instance);
    board().kept.set("verdict", instance);
  }
  instance.tell = (alarms) => setTriggerValue("alarms", alarms);
  instance.show(data.whole);
}

/** Whether an image with this novelty is called unlike: as `Placement.novel`, at any threshold. */
export function isUnlike(novelty, alarms) {
  return novelty > 1 - alarms;
}

class Verdict {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(name);
    this.slider = this.find("input");
    this.waiting = 0;
    this.slider.oninput = () => this.move(Number(this.slider.value) / 100);
    this.slider.onchange = () => this.rest();
    const curve = this.find(".curve");
    curve.onpointerdown = (event) => {
      if (event.button > 0) return;
      curve.setPointerCapture(event.pointerId);
      this.drag(event);
    };
    curve.onpointermove = (event) => event.buttons & 1 && this.drag(event);
    curve.onpointerup = () => this.rest();
  }

  /** @param {Object<string, *>} data see `ui.verdict` */
  show(data) {
    this.data = data;
    // an answer to what was said before the last word would take the slider back for a moment
    if (!this.waiting && data.alarms === (this.told ?? data.alarms)) {
      this.alarms = data.alarms;
      this.told = undefined;
    }
    const style = getComputedStyle(this.root);
    const background = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    this.dark = channels(background).reduce((a, b) => a + b) < 384;
    this.votes();
    this.reliability();
    this.curve();
    this.judge();
  }

  votes() {
    const { votes, voters, sure } = this.data;
    this.find(".votes").replaceChildren(...votes.map(([label, count]) => {
      const row = document.createElement("div");
      row.className = "vote";
      row.innerHTML = "<b></b><i></i><span></span>";
      row.children[0].textContent = label;
      row.children[1].style.setProperty("--share", `${(100 * count) / voters}%`);
      row.children[2].textContent = count;
      return row;
    }));
    this.find(".sure").textContent = sure;
  }

  reliability() {
    const { bins, confidence, calibrated } = this.data;
    const svg = this.find(".reliability");
    this.find(".calibrated").textContent = calibrated;
    svg.toggleAttribute("hidden", !bins.length);
    if (!bins.length) return;
    svg.setAttribute("aria-label", calibrated);
    const axis = { from: 0, to: 1, step: 0.25 };
    const chart = new Chart(svg, { ...axis, title: "how sure it was" }, { ...axis, title: "right" });
    chart.line([[0, 0], [1, 1]], { class: "ideal" });
    chart.line([[confidence, 0], [confidence, 1]], { class: "own" });
    const most = Math.max(...bins.map(([, , count]) => count));
    for (const [sure, right, count] of bins) {
      const words = `${count} images: ${percent(sure)} sure, ${percent(right)} right`;
      chart.dot([sure, right], Math.max(3, LARGEST * Math.sqrt(count / most)), { class: "bin" }, words);
    }
  }

  curve() {
    const { alarms, caught } = this.data.curve;
    const kinds = Object.keys(caught);
    this.find(".moved .curve").toggleAttribute("hidden", !kinds.length);
    const axes = [{ from: 0, to: 0.25, step: 0.05, title: "false alarms" }, { from: 0, to: 1, step: 0.25, title: "strangers caught" }];
    this.chart = new Chart(this.find(".curve"), ...axes);
    this.colours = groupColours(kinds.length, this.dark).map((colour) => `rgb(${colour.join(" ")})`);
    kinds.forEach((kind, k) => this.chart.path(caught[kind].map((share, i) => [alarms[i], share]), { stroke: this.colours[k] }));
    this.line = this.chart.line([[0, 0], [0, 1]], { class: "at" });
    this.handle = this.chart.dot([0, 1], 6, { class: "handle" });
    this.rows = kinds.map((kind, k) => {
      const row = document.createElement("li");
      row.innerHTML = "<i></i><span></span><b></b>";
      row.style.setProperty("--colour", this.colours[k]);
      row.children[1].textContent = kind;
      return row;
    });
    this.find(".caught").replaceChildren(...this.rows);
  }

  /** All that follows from where the threshold is. */
  judge() {
    const { alarms, chart, data } = this;
    const { novelty, curve, reasons, cost } = data;
    const unlike = isUnlike(novelty, alarms);
    this.root.classList.toggle("unlike", unlike);
    this.find(".judged").textContent = unlike ? "Unlike anything the model has seen" : "Like what the model has seen";
    this.find(".reasons").textContent = reasons;
    const words = `${Math.round(1000 * alarms) / 10} % false alarms`;
    this.find(".asked").textContent = `Call an image unlike at ${words}`;
    this.find(".cost").textContent = cost;
    this.slider.value = 100 * alarms;
    this.slider.setAttribute("aria-valuetext", words);
    const x = chart.x(alarms);
    for (const name of ["x1", "x2"]) this.line.setAttribute(name, x);
    this.handle.setAttribute("cx", x);
    const at = nearest(curve.alarms, alarms);
    Object.values(curve.caught).forEach((shares, k) => {
      this.rows[k].children[2].textContent = percent(shares[at]);
    });
  }

  drag(event) {
    const { min, max, step } = this.slider;
    const stops = Math.round((100 * this.chart.under(event)) / step) * step;
    this.move(Math.max(min, Math.min(max, stops)) / 100);
  }

  move(alarms) {
    this.alarms = alarms;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.rest(), SETTLED);
    this.judge();
  }

  /** The threshold rests: Python hears of it. */
  rest() {
    if (!this.waiting) return;
    clearTimeout(this.waiting);
    this.waiting = 0;
    if (this.alarms === (this.told ?? this.data.alarms)) return;
    this.told = this.alarms;
    this.tell(this.alarms);
  }
}

function nearest(values, value) {
  let best = 0;
  values.forEach((other, i) => {
    if (Math.abs(other - value) < Math.abs(values[best] - value)) best = i;
  });
  return best;
}
