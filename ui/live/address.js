/** Keeps the browser's address at what is shown, so that it can be passed on at any moment. */

import { Camera } from "./camera.js";

const RESTED = 300; // milliseconds: browsers refuse an address that changes all the time

export class Address {
  constructor() {
    this.waiting = 0;
    this.wanted = null;
  }

  /**
   * @param {Object<string, string>} params of what Python knows
   * @param {number} t where the slider stands
   * @param {{yaw: number, pitch: number, zoom: number, x: number, y: number}} view
   * @param {number} dims of the map
   */
  show(params, t, view, dims) {
    this.wanted = query(params, t, view, dims);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.settle(), RESTED);
  }

  /** Write it now. */
  settle() {
    clearTimeout(this.waiting);
    if (this.wanted === null || this.wanted === location.search) return;
    history.replaceState(history.state, "", this.wanted + location.hash);
  }

  close() {
    clearTimeout(this.waiting);
  }
}

/** The parameters as text: position and view only where they are not the usual ones. */
export function query(params, t, view, dims) {
  const whole = Camera.whole(dims);
  const moved = Object.keys(whole).some((field) => Math.abs(view[field] - whole[field]) > 1e-9);
  const all = { ...params, at: String(Math.round(100 * t)) };
  if (moved) all.view = Object.keys(whole).map((field) => String(view[field])).join(",");
  const written = Object.entries(all).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `?${written.join("&").replaceAll("%2C", ",").replaceAll("%40", "@")}`;
}
