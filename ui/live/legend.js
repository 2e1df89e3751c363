/** The legend: which labels are shown, and what a colour means. */

export class Legend {
  /**
   * @param {HTMLElement} root
   * @param {(hidden: Set<number>) => void} changed
   */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.hidden = new Set();
  }

  /**
   * @param {string[]} names of the labels
   * @param {number[][]} colours of the labels; null while colours mean something else
   * @param {?{low: string, high: string, gradient: string}} scale
   */
  draw(names, colours, scale) {
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

  toggle(label) {
    if (!this.hidden.delete(label)) this.hidden.add(label);
    this.press();
  }

  /** Seen alone already, a second double-click brings the others back. */
  alone(label) {
    const others = this.names.map((_, i) => i).filter((i) => i !== label);
    const back = others.every((i) => this.hidden.has(i)) && this.wasAlone === label;
    this.hidden = new Set(back ? [] : others);
    this.wasAlone = back ? null : label;
    this.press();
  }

  press() {
    this.root.querySelectorAll("button").forEach((chip, i) => {
      chip.setAttribute("aria-pressed", !this.hidden.has(i));
    });
    this.changed(this.hidden);
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
