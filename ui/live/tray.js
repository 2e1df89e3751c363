/** The visitor's own images side by side: a click or a key chooses the one that is shown. */

import { board } from "./board.js";

const instances = new WeakMap();
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** Streamlit calls it at mounting and whenever `data` may have changed. */
export default function tray({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".tray");
  board().kept.set("tray", root);
  const made = instances.get(parentElement) ?? new Map();
  instances.set(parentElement, made);
  const choose = (number) => {
    mark(root, number);
    setTriggerValue("choice", number);
  };
  const { images, chosen } = data.whole;
  const kept = images.map((image) => {
    const button = made.get(image.number) ?? thumb(image.number);
    made.set(image.number, button);
    button.onclick = () => choose(image.number);
    fill(button, image);
    return button;
  });
  for (const [number, button] of made) if (!kept.includes(button)) made.delete(number);
  root.replaceChildren(...kept);
  root.onkeydown = (event) => {
    const at = kept.indexOf(root.getRootNode().activeElement) + (STEPS[event.key] ?? NaN);
    if (!kept[at]) return;
    event.preventDefault();
    kept[at].focus();
    kept[at].click();
  };
  mark(root, chosen);
}

function mark(root, number) {
  for (const button of root.children) {
    const chosen = button.dataset.number === String(number);
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
}

function thumb(number) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "thumb";
  button.dataset.number = number;
  button.setAttribute("role", "option");
  button.append(document.createElement("img"), document.createElement("span"));
  return button;
}

function fill(button, { words, picture, unlike }) {
  const [image, caption] = button.children;
  const title = unlike ? `${words}: unlike anything the model has seen` : words;
  button.classList.toggle("unlike", unlike);
  image.alt = "";
  if (image.getAttribute("src") !== picture) image.src = picture;
  caption.textContent = words;
  button.title = title;
  button.setAttribute("aria-label", title);
}
