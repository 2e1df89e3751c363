/**
 * One board for all components of a page. Each is a script of its own that cannot import
 * another's, so what one receives and another draws is pinned here.
 */

/** @returns {{slots: Map<string, object>, readers: Set<Function>, kept: Map<string, any>}} */
export function board() {
  globalThis.latentBoard ??= { slots: new Map(), readers: new Set(), kept: new Map() };
  return globalThis.latentBoard;
}

/** Pin something in the place of what was there, and tell all readers. */
export function pin(slot, value) {
  board().slots.set(slot, value);
  for (const read of board().readers) read();
}

/**
 * Tell a measurement how long a handler took; costs nothing while nobody measures.
 * @param {string} what
 * @param {number} start `performance.now()` where the handler began
 */
export function report(what, start) {
  globalThis.latentTimings?.push([what, performance.now() - start]);
}
