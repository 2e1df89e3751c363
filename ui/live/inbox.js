/** A component without a face: pins what Python sends to the board. */

import { board, pin } from "./board.js";
import { unpack } from "./parcel.js";

/** Streamlit calls it at mounting and whenever `data` may have changed. */
export default function inbox({ data }) {
  const parcel = data instanceof Uint8Array ? unpack(data) : data.whole;
  const old = board().slots.get(parcel.slot);
  if (old && old.version !== undefined && old.version === parcel.version) return;
  pin(parcel.slot, parcel);
}
