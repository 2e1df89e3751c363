/**
 * A sheet to draw on with pen and rubber: pointers become strokes, strokes become pixels.
 * Knows no network. The sheet is always dark ink on white; how it is shown is for CSS.
 */

const DARK = 128; // of 255: what is left of an edge when it was rubbed out is paler
const RUBBER = 2.2; // times as wide as the pen: what is drawn goes with one wipe

/**
 * @typedef {{rubber: boolean, width: number, points: number[]}} Stroke points x, y, x, y … in
 *   pixels of the sheet
 */

export class Pen {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{inked: (event: PointerEvent) => void, lifted: () => void}} told `inked` after each
   *   change under the pointer, `lifted` when a stroke is finished
   */
  constructor(canvas, told) {
    this.canvas = canvas;
    // read after every movement: the pixels stay where the processor is
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    if (!this.context) throw new Error("this browser gives no canvas to draw on");
    this.strokes = [];
    this.stroke = null;
    this.rubber = false;
    this.width = 20;
    this.wipe();
    this.listen(told);
  }

  /** Whether a stroke is under way. */
  get busy() {
    return this.stroke !== null;
  }

  /** Whether nothing was ever drawn, or all of it was taken back. */
  get empty() {
    return !this.strokes.some(({ rubber }) => !rubber);
  }

  /** Whether nothing is to be seen: nothing was drawn, or all of it was rubbed out. */
  get blank() {
    return this.empty || !this.pixels.some((value) => value < DARK);
  }

  /** @returns {Uint8ClampedArray} (size · size · 4,) red, green, blue, opacity */
  get pixels() {
    const { width, height } = this.canvas;
    return this.context.getImageData(0, 0, width, height).data;
  }

  /** @param {Stroke[]} strokes to go on from */
  show(strokes) {
    this.stroke = null;
    this.strokes = strokes;
    this.wipe();
    for (const stroke of strokes) {
      for (let i = 0; i < stroke.points.length; i += 2) this.ink(stroke, i);
    }
  }

  undo() {
    this.show(this.strokes.slice(0, -1));
  }

  wipe() {
    this.context.fillStyle = "#ffffff";
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Draw from the point before to the point at `i`; the first one is a dot. */
  ink({ rubber, width, points }, i) {
    const { context } = this;
    context.strokeStyle = rubber ? "#ffffff" : "#000000";
    context.lineWidth = rubber ? RUBBER * width : width;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(...points.slice(i ? i - 2 : i, i ? i : i + 2));
    context.lineTo(points[i], points[i + 1]);
    context.stroke();
  }

  listen(told) {
    const { canvas } = this;
    let held = null; // one pointer draws; a palm or a second finger does not
    const add = (event) => {
      const box = canvas.getBoundingClientRect();
      const { points } = this.stroke;
      points.push(
        ((event.clientX - box.left) / box.width) * canvas.width,
        ((event.clientY - box.top) / box.height) * canvas.height,
      );
      this.ink(this.stroke, points.length - 2);
    };
    canvas.onpointerdown = (event) => {
      if (held !== null || event.button > 0 && event.button !== 5) return;
      event.preventDefault();
      held = event.pointerId;
      canvas.setPointerCapture(held);
      // button 5 is the far end of a pen that has a rubber there
      this.stroke = { rubber: this.rubber || event.button === 5, width: this.width, points: [] };
      this.strokes.push(this.stroke);
      add(event);
      told.inked(event);
    };
    canvas.onpointermove = (event) => {
      if (event.pointerId !== held) return;
      const between = event.getCoalescedEvents?.() ?? [];
      for (const passed of between.length ? between : [event]) add(passed);
      told.inked(event);
    };
    canvas.onpointerup = canvas.onpointercancel = (event) => {
      if (event.pointerId !== held) return;
      held = null;
      this.stroke = null;
      told.lifted();
    };
  }
}
