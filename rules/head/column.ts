// The same column with more room; what is new is filled with one number. Called by everything of the head that has an
// entry for each slot or series.

export function widened<Column extends Uint32Array | Float64Array | Uint8Array>(
  column: Column,
  length: number,
  rest = 0,
): Column {
  const wide = new (column.constructor as new (length: number) => Column)(length)
  wide.set(column)
  if (rest !== 0) wide.fill(rest, column.length)
  return wide
}
