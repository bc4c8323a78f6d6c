// Where OpenTelemetry sends its metrics: POST /v1/metrics, protobuf or JSON, answered in the same. Part of
// gatewayRoutes().
import { Failure } from '#core/errors.ts'
import { faultAnswer } from '#core/http/fault.ts'
import { type Answer, type Route, route } from '#core/http/route.ts'
import { otlpFailure } from './answers.ts'
import type { Intake } from './intake.ts'
import { partialSuccess, rpcStatus } from './otlp-answers.ts'
import { readOtlpJson } from './otlp-json.ts'
import { readOtlpProtobuf } from './otlp-protobuf.ts'
import { type OtlpOptions, toRows } from './otlp-rows.ts'
import type { Tally } from './tally.ts'
import { packingOf } from './unpack.ts'

const encodings = {
  'application/x-protobuf': { read: readOtlpProtobuf, isJson: false },
  'application/json': { read: readOtlpJson, isJson: true },
} as const

type MediaType = keyof typeof encodings
const protobuf: MediaType = 'application/x-protobuf'

export function otlpRoutes(intake: Intake, options: OtlpOptions, bodyMaxBytes: number): Route[] {
  return [
    route<unknown, Uint8Array>({
      method: 'POST',
      path: '/v1/metrics',
      scope: 'write',
      summary: 'Take metrics of OpenTelemetry (OTLP/HTTP, protobuf or JSON)',
      body: 'bytes',
      bodyMaxBytes,
      failure: otlpFailure,
      async handle({ body, headers, principal }) {
        const found = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
        try {
          const { read } = encodings[mediaTypeOf(found)]
          const tally = await intake.take({
            format: 'otlp',
            packing: packingOf(headers['content-encoding'], 'identity', [
              'identity',
              'gzip',
              'deflate',
              'zstd',
            ]),
            body,
            source: principal.name,
            decode: (bytes, into) => toRows(read(bytes), into, options),
            wanted: 'any',
          })
          return success(mediaTypeOf(found), tally)
        } catch (failure) {
          // JSON is what the server makes of a Failure.
          if (found !== protobuf || !(failure instanceof Failure)) throw failure
          return refusal(failure)
        }
      },
    }),
  ]
}

function mediaTypeOf(found: string | undefined): MediaType {
  if (found !== undefined && Object.hasOwn(encodings, found)) return found as MediaType
  const wanted = Object.keys(encodings).join(' or ')
  throw new Failure('unsupported_format', `Content-Type: found ${found ?? 'nothing'}, wanted ${wanted}`)
}

function success(mediaType: MediaType, { refused, first }: Tally): Answer {
  const { isJson } = encodings[mediaType]
  const headers = { 'content-type': mediaType }
  // Without a refused point a message is a warning.
  const isWhole = refused === 0 && first === ''
  if (isJson && isWhole) return { status: 200, headers, body: {} }
  if (isJson) {
    const partial = { rejectedDataPoints: String(refused), errorMessage: first }
    return { status: 200, headers, body: { partialSuccess: partial } }
  }
  return { status: 200, headers, body: isWhole ? new Uint8Array(0) : partialSuccess(refused, first) }
}

function refusal(failure: Failure): Answer {
  const answer = faultAnswer(failure)
  const { code, message } = otlpFailure(failure, answer.status ?? 500)
  return {
    ...answer,
    headers: { ...answer.headers, 'content-type': protobuf },
    body: rpcStatus(code, message),
  }
}
