/** Shows decoded images on small canvases, pixel for pixel; CSS makes them large. */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {?Float32Array} image (C, H, W) in [0, 1]; nothing is drawn for null
 * @param {number[]} shape [C, H, W]
 */
export function paint(canvas, image, [channels, height, width]) {
  const context = canvas.getContext("2d");
  if (!image || !context) return; // a browser without canvas: the map says so
  if (canvas.width !== width || canvas.height !== height || !canvas.pixels) {
    canvas.width = width;
    canvas.height = height;
    canvas.pixels = context.createImageData(width, height);
  }
  const { data } = canvas.pixels; // rounds by itself what it is given
  const area = height * width;
  const [green, blue] = channels === 3 ? [area, 2 * area] : [0, 0];
  for (let i = 0, at = 0; i < area; i++, at += 4) {
    data[at] = 255 * image[i];
    data[at + 1] = 255 * image[i + green];
    data[at + 2] = 255 * image[i + blue];
    data[at + 3] = 255;
  }
  context.putImageData(canvas.pixels, 0, 0);
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

const PATIENCE = 220; // milliseconds in which Python's answer to the same click may pass
const whenIdle = globalThis.requestIdleCallback ?? ((act) => setTimeout(act)); // Safari has none

/** Do the steps one after another, each in an idle moment; a newer call ends an older one. */
export function unhurried(count, step) {
  let stopped = false;
  let next = 0;
  const go = () => {
    const end = performance.now() + 8;
    while (!stopped && next < count && performance.now() < end) step(next++);
    if (!stopped && next < count) whenIdle(go, { timeout: 100 });
  };
  setTimeout(() => whenIdle(go, { timeout: 100 }), PATIENCE);
  return () => {
    stopped = true;
  };
}
