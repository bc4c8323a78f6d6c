// What an OTLP exporter is told, in protobuf: ExportMetricsServiceResponse and google.rpc.Status. Called by
// otlp-routes.ts.
import { tagOf, wire } from './protobuf.ts'

export const partialSuccess = (rejected: number, message: string): Uint8Array =>
  lengthed(1, numberAndText(rejected, message))

export const rpcStatus = (code: number, message: string): Uint8Array => numberAndText(code, message)

// Both are a number and a text.
const numberAndText = (number: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([tagOf(1, wire.varint), ...varint(number)]), lengthed(2, Buffer.from(text))])

const lengthed = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([tagOf(field, wire.bytes), ...varint(content.length)]), content])

function varint(value: number): number[] {
  const septets: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) septets.push((rest % 128) + 128)
  return [...septets, rest]
}
