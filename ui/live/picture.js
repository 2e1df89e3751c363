/** Shows decoded images on small canvases, pixel for pixel; CSS makes them large. */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {?Float32Array} image (C, H, W) in [0, 1]; nothing is drawn for null
 * @param {number[]} shape [C, H, W]
 */
export function paint(canvas, image, [channels, height, width]) {
  if (!image) return;
  if (canvas.width !== width || canvas.height !== height || !canvas.pixels) {
    canvas.width = width;
    canvas.height = height;
    canvas.pixels = canvas.getContext("2d").createImageData(width, height);
  }
  const { data } = canvas.pixels;
  const area = height * width;
  const [green, blue] = channels === 3 ? [area, 2 * area] : [0, 0];
  for (let i = 0, at = 0; i < area; i++, at += 4) {
    data[at] = 255 * image[i] + 0.5;
    data[at + 1] = 255 * image[i + green] + 0.5;
    data[at + 2] = 255 * image[i + blue] + 0.5;
    data[at + 3] = 255;
  }
  canvas.getContext("2d").putImageData(canvas.pixels, 0, 0);
}

/** A button with a picture and a caption. */
export function pictureButton(caption, label, onclick) {
  const button = document.createElement("button");
  button.className = "thumb";
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.title = label;
  button.onclick = onclick;
  const canvas = document.createElement("canvas");
  const text = document.createElement("span");
  text.textContent = caption;
  button.append(canvas, text);
  return { button, canvas };
}

/** Do the steps one after another, each in an idle moment; a newer call ends an older one. */
export function unhurried(count, step) {
  let stopped = false;
  let next = 0;
  const go = () => {
    const end = performance.now() + 8;
    while (!stopped && next < count && performance.now() < end) step(next++);
    if (!stopped && next < count) setTimeout(go);
  };
  go();
  return () => {
    stopped = true;
  };
}
