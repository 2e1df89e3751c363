/** What was found, the most like one first: a click on a picture looks for it, two buttons say
 * "more like this" and "less like this". */

import { board } from "./board.js";

const instances = new WeakMap();

/** Streamlit calls it at mounting and whenever `data` may have changed. */
export default function results({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".results");
  board().kept.set("results", root);
  const made = instances.get(parentElement) ?? new Map();
  instances.set(parentElement, made);
  const { pieces } = data.whole;
  const kept = pieces.map((piece) => {
    const card = made.get(piece.number) ?? empty();
    made.set(piece.number, card);
    fill(card, piece);
    const judge = (mark) => {
      // shown at once; the order follows when the server has answered
      const now = card.root.dataset.mark === String(mark) ? 0 : mark;
      card.root.dataset.mark = now;
      pressed(card);
      setTriggerValue("judgement", { number: piece.number, mark: now });
    };
    card.look.onclick = () => setTriggerValue("choice", piece.number);
    card.more.onclick = () => judge(1);
    card.less.onclick = () => judge(-1);
    return card;
  });
  for (const [number, card] of made) if (!kept.includes(card)) made.delete(number);
  root.replaceChildren(...kept.map((card) => card.root));
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function empty() {
  const image = element("img");
  const look = element("button", "look", image);
  const name = element("div", "name");
  const shape = { fill: element("i"), number: element("span") };
  const colour = { fill: element("i"), number: element("span") };
  const alike = element("div", "alike",
    element("span", "", "shape"), element("div", "bar", shape.fill), shape.number,
    element("span", "", "colour"), element("div", "bar colour", colour.fill), colour.number);
  const [more, less] = ["more", "less"].map((word) => element("button", word, word === "more" ? "More" : "Less"));
  for (const button of [look, more, less]) button.type = "button";
  const root = element("div", "piece", look, name, alike, element("div", "marks", more, less));
  return { root, image, look, name, shape, colour, more, less };
}

function fill(card, piece) {
  if (card.image.getAttribute("src") !== piece.picture) card.image.src = piece.picture;
  card.image.alt = "";
  card.name.textContent = piece.name;
  card.name.title = piece.name;
  for (const part of ["shape", "colour"]) {
    const share = Math.max(0, Math.min(1, piece[part]));
    card[part].fill.style.width = `${Math.round(100 * share)}%`;
    card[part].number.textContent = `${Math.round(100 * share)} %`;
  }
  card.root.dataset.mark = piece.mark;
  card.look.title = "Look for this one";
  card.look.setAttribute("aria-label", `Look for ${piece.name}`);
  card.more.setAttribute("aria-label", `More like ${piece.name}`);
  card.less.setAttribute("aria-label", `Less like ${piece.name}`);
  pressed(card);
}

function pressed(card) {
  card.more.setAttribute("aria-pressed", String(card.root.dataset.mark === "1"));
  card.less.setAttribute("aria-pressed", String(card.root.dataset.mark === "-1"));
}
