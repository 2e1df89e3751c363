/** Rows of gallery images, decoded here, such as the nearest neighbours of A and B. */

import { board } from "./board.js";
import { Model } from "./model.js";
import { paint, pictureButton, unhurried } from "./picture.js";

const instances = new WeakMap();

/** Streamlit calls it at mounting. */
export default function rows({ parentElement }) {
  if (instances.has(parentElement)) return undefined;
  const root = parentElement.querySelector(".rows");
  const model = new Model();
  let shown = null;
  let stop = () => {};
  const read = () => {
    const { slots } = board();
    const wanted = slots.get("rows");
    if (!wanted || !slots.get("scene")) return;
    model.update(slots, slots.get("scene"));
    if (!model.codes || !model.network || (shown?.wanted === wanted && shown.codes === model.codes)) return;
    shown = { wanted, codes: model.codes };
    stop();
    stop = draw(root, model, wanted.rows);
  };
  instances.set(parentElement, read);
  board().readers.add(read);
  read();
  return () => {
    stop();
    board().readers.delete(read);
    instances.delete(parentElement);
  };
}

function draw(root, model, found) {
  const todo = [];
  const parts = found.flatMap(({ heading, images, captions }) => {
    const title = document.createElement("h4");
    title.textContent = heading;
    const row = document.createElement("div");
    row.className = "row";
    images.forEach((index, i) => {
      const { button, canvas } = pictureButton(captions[i], `Image ${index}`, null);
      button.disabled = true;
      row.append(button);
      todo.push([canvas, index]);
    });
    return heading ? [title, row] : [row];
  });
  root.replaceChildren(...parts);
  return unhurried(todo.length, (i) => {
    const [canvas, index] = todo[i];
    if (index < model.codes.arrays.codes.length / model.latentDim) {
      paint(canvas, model.decode(model.code(index)), model.scene.image_shape);
    }
  });
}
