/** Reads the parcels of `ui.live.parcels`: a JSON header and arrays. */

const VIEWS = { u1: Uint8Array, f2: Uint16Array, f4: Float32Array };
let halves = null;

/**
 * @param {Uint8Array} bytes 32-bit length of the header, header, arrays
 * @returns {object} the header, its arrays unpacked: 16-bit numbers become Float32Array
 */
export function unpack(bytes) {
  const { buffer } = bytes.slice(); // the bytes may begin anywhere in a larger buffer
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = {};
  for (const [name, { dtype, offset, size }] of Object.entries(header.arrays)) {
    const values = new VIEWS[dtype](buffer, 4 + length + offset, size);
    arrays[name] = dtype === "f2" ? widened(values) : values;
  }
  return { ...header, arrays };
}

/** All 65,536 half floats are computed once: then each costs one access. */
function widened(bits) {
  if (!halves) {
    halves = new Float32Array(65536);
    for (let i = 0; i < 65536; i++) halves[i] = half(i);
  }
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = halves[bits[i]];
  return values;
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
