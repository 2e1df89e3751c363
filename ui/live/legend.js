/** The legend: which groups are shown, and what a colour means. */

export class Legend {
  /**
   * @param {HTMLElement} root
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.forget();
  }

  /** Show everything again. */
  forget() {
    this.hiddenIn = new Map();
  }

  /** @returns {Set<number>} the groups of the shown grouping that are hidden */
  get hidden() {
    return this.hiddenIn.get(this.grouping) ?? new Set();
  }

  /**
   * @param {string} grouping which the names belong to; what was hidden in another stays so
   * @param {string[]} names of the groups
   * @param {number[][]} colours of the groups; null while colours mean something else
   * @param {?{low: string, high: string, gradient: string}} scale
   */
  draw(grouping, names, colours, scale) {
    this.grouping = grouping;
    this.names = names;
    const chips = names.map((name, i) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.title = `Click to hide or show, double-click to see ${name} alone`;
      if (colours) {
        const dot = document.createElement("i");
        dot.style.background = `rgb(${colours[i].join(" ")})`;
        chip.append(dot);
      }
      chip.append(name);
      chip.onclick = () => this.toggle(i);
      chip.ondblclick = () => this.alone(i);
      return chip;
    });
    this.root.replaceChildren(...chips, ...(scale ? bar(scale) : []));
    this.press();
  }

  toggle(group) {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(group)) hidden.add(group);
    this.hide(hidden);
  }

  hide(hidden) {
    this.hiddenIn.set(this.grouping, hidden);
    this.press();
  }

  /** Seen alone already, a second double-click brings the others back. */
  alone(group) {
    const others = this.names.map((_, i) => i).filter((i) => i !== group);
    const back = others.every((i) => this.hidden.has(i)) && this.wasAlone === group;
    this.wasAlone = back ? null : group;
    this.hide(new Set(back ? [] : others));
  }

  press() {
    this.root.querySelectorAll("button").forEach((chip, i) => {
      chip.setAttribute("aria-pressed", !this.hidden.has(i));
    });
    this.changed();
  }
}

function bar({ low, high, gradient }) {
  const parts = ["span", "span", "i", "span"].map((tag) => document.createElement(tag));
  parts[0].className = "gap";
  parts[1].textContent = low;
  parts[2].className = "scale";
  parts[2].style.background = gradient;
  parts[3].textContent = high;
  return parts;
}
