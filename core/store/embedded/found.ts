// What the store's thread answers to select(): samples of many series in four columns, which change hands without a
// copy. Made by read.ts and newest.ts, read by ../embedded.ts.

// The samples of ids[n] lie from starts[n] to starts[n + 1].
export type Found = Readonly<{
  ids: Uint32Array
  starts: Uint32Array
  tMs: Float64Array
  values: Float64Array
}>
