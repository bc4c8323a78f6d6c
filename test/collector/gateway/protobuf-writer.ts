// The other side of collector/gateway/protobuf.ts, for tests: writes messages as Prometheus and OpenTelemetry do.

const tag = (field: number, wireType: number): number[] => varintBytes(BigInt(field * 8 + wireType))

export function varintBytes(value: bigint): number[] {
  let rest = BigInt.asUintN(64, value)
  const bytes: number[] = []
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}

export type Field = Uint8Array

export const varint = (field: number, value: bigint | number): Field =>
  Uint8Array.from([...tag(field, 0), ...varintBytes(BigInt(value))])

export function fixed64(field: number, value: bigint): Field {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value))
  return Buffer.concat([Buffer.from(tag(field, 1)), bytes])
}

export function double(field: number, value: number): Field {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([Buffer.from(tag(field, 1)), bytes])
}

export const bytes = (field: number, content: Uint8Array): Field =>
  Buffer.concat([Buffer.from([...tag(field, 2), ...varintBytes(BigInt(content.length))]), content])

export const text = (field: number, content: string): Field => bytes(field, Buffer.from(content))

export const message = (field: number, fields: readonly Field[]): Field => bytes(field, Buffer.concat(fields))

export const packedDoubles = (field: number, values: readonly number[]): Field => {
  const packed = Buffer.alloc(values.length * 8)
  for (const [at, value] of values.entries()) packed.writeDoubleLE(value, at * 8)
  return bytes(field, packed)
}

export const packedFixed64 = (field: number, values: readonly number[]): Field => {
  const packed = Buffer.alloc(values.length * 8)
  for (const [at, value] of values.entries()) packed.writeBigUInt64LE(BigInt(value), at * 8)
  return bytes(field, packed)
}
