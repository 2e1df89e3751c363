/** How each kind of way is drawn: a colour that no kind of colour vision confuses, and a sign. */

export const LINES = {
  lerp: { title: "Straight line", sign: "●", light: "#9d5e07", dark: "#ff7d36" },
  slerp: { title: "Great circle", sign: "■", light: "#152f51", dark: "#396dfe" },
  graph: { title: "Along the data", sign: "▲", light: "#00946e", dark: "#65feda" },
  pixels: { title: "Cross-fade", sign: "◆", light: "#dd05da", dark: "#d181d6" },
};

/** @returns {string} the colour of a way on a page of that background */
export function lineColour(name, dark) {
  return LINES[name][dark ? "dark" : "light"];
}
