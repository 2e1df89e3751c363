/**
 * Turns pointers, wheel and keys on an element into moves: drag, pinch, tap, hover.
 * Knows neither points nor cameras.
 */

const SLOP = 5; // pixels that a tap may slip

/**
 * @param {HTMLElement} element
 * @param {{hover: Function, leave: Function, tap: Function, start: Function, drag: Function,
 *   end: Function, zoom: Function, key: Function}} moves
 *   `start(x, y, event)` says what is dragged and is handed back to `drag` and `end`
 * @returns {() => void} stop listening
 */
export function listen(element, moves) {
  const stop = new AbortController();
  const on = (name, handler, options) =>
    element.addEventListener(name, handler, { signal: stop.signal, ...options });
  const down = new Map(); // pointers by id
  let dragged = null, slipped = false, spread = 0;

  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  on("pointerdown", (event) => {
    if (event.button > 0) return;
    const [x, y] = at(event);
    element.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x, y, fromX: x, fromY: y });
    if (down.size === 1) {
      slipped = false;
      dragged = moves.start(x, y, event);
    } else {
      slipped = true;
      spread = distance(down);
    }
  });

  on("pointermove", (event) => {
    const [x, y] = at(event);
    const pointer = down.get(event.pointerId);
    if (!pointer) return moves.hover(x, y, event);
    const dx = x - pointer.x, dy = y - pointer.y;
    if (down.size === 2) {
      pointer.x = x;
      pointer.y = y;
      const wider = distance(down);
      const [first, second] = down.values();
      moves.zoom((first.x + second.x) / 2, (first.y + second.y) / 2, wider / spread, event);
      spread = wider;
      return;
    }
    if (!slipped && Math.hypot(x - pointer.fromX, y - pointer.fromY) < SLOP) return;
    slipped = true;
    pointer.x = x;
    pointer.y = y;
    moves.drag(dragged, x, y, dx, dy, event);
  });

  const lift = (event) => {
    const pointer = down.get(event.pointerId);
    if (!pointer) return;
    down.delete(event.pointerId);
    if (down.size) return;
    const [x, y] = at(event);
    if (slipped) moves.end(dragged, x, y, event);
    else if (event.type === "pointerup") moves.tap(x, y, event);
    dragged = null;
  };
  on("pointerup", lift);
  on("pointercancel", lift);
  on("pointerleave", (event) => down.size || moves.leave(event));
  on("wheel", (event) => {
    event.preventDefault();
    const [x, y] = at(event);
    moves.zoom(x, y, Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event);
  }, { passive: false });
  on("keydown", (event) => moves.key(event) && event.preventDefault());
  return () => stop.abort();
}

function distance(pointers) {
  const [a, b] = pointers.values();
  return Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
}
