// @ts-check
// Gives the memory of bytes back at once: the collector of garbage sees how small their handle is, and would keep them
// until it next looks through all that is old. For who is sure that nobody reads them again. Plain JavaScript for the thread
// of the state.
/** @param {Uint8Array} bytes */
export function free({ buffer, byteLength }) {
  // Of what is a part of something larger others have the rest; nothing is everybody's.
  if (buffer instanceof ArrayBuffer && byteLength > 0 && buffer.byteLength === byteLength) buffer.transfer(0)
}
