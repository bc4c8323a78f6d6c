// The package brings no types. Used by the tests of remote write, which pack with it.
declare module 'snappyjs' {
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array
  export function compress(raw: Uint8Array): Uint8Array
}
