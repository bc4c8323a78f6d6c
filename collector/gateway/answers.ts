// How the gateway's addresses say no, each in the words of the service that its clients were made for.
// Called by the routes of this folder.
import type { Failure } from '#core/errors.ts'
import type { Answer } from '#core/http/route.ts'

type Shape = (failure: Failure, status: number) => object

const influxCodes: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  413: 'request too large',
  415: 'invalid',
  429: 'too many requests',
  503: 'unavailable',
}

export const influx2Failure: Shape = ({ detail }, status) => ({
  code: influxCodes[status] ?? 'internal error',
  message: detail,
})

export const influx1Failure: Shape = ({ detail }) => ({ error: detail })

// Prometheus logs the first line of it.
export const remoteWriteFailure: Shape = ({ code, detail }) => ({ error: `${code}: ${detail}` })

const rpcCodes: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  413: 3,
  415: 3,
  429: 8,
  503: 14,
}

// google.rpc.Status.
export const otlpFailure = (
  { code, detail }: Failure,
  status: number,
): { code: number; message: string } => ({
  code: rpcCodes[status] ?? 13,
  message: `${code}: ${detail}`,
})

// Some were refused and the rest is stored: the status must not make the sender think that nothing was.
export function accepted(refused: number): Answer {
  return refused === 0
    ? { status: 204 }
    : { status: 204, headers: { 'x-plimsoll-rejected': String(refused) } }
}
