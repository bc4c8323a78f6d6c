// Where Prometheus and its kin send samples: POST /api/v1/write, remote write 1.0.
// Part of gatewayRoutes().

import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { type Route, route } from '#core/http/route.ts'
import { accepted, remoteWriteFailure } from './answers.ts'
import type { Intake } from './intake.ts'
import type { RemoteWriteDecoder } from './remote-write.ts'
import { packingOf } from './unpack.ts'

const query = z.object({ strict: z.string().optional() })

export function prometheusRoutes(intake: Intake, decoder: RemoteWriteDecoder, bodyMaxBytes: number): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/write',
      scope: 'write',
      summary: "Take samples by Prometheus' remote write 1.0",
      query,
      body: 'bytes',
      bodyMaxBytes,
      failure: remoteWriteFailure,
      async handle({ body, headers, principal, query }) {
        refuseVersion2(headers['content-type'])
        const { refused } = await intake.take({
          format: 'remote_write',
          packing: packingOf(headers['content-encoding'], 'snappy', ['snappy', 'zstd']),
          body: body as Uint8Array,
          source: principal.name,
          decode: (message, { receivedAtMs, rows }) => decoder.decode(message, receivedAtMs, rows),
          wanted: query.strict === '1' ? 'all' : 'good',
        })
        return accepted(refused)
      },
    }),
  ]
}

// Most senders of 2.0 do not fall back by themselves: Prometheus is to be left at its `protobuf_message` of 1.0.
function refuseVersion2(contentType: string | undefined): void {
  if (contentType === undefined) return
  const [type, ...parameters] = contentType.split(';').map(part => part.trim().toLowerCase())
  const isProtobuf = type === 'application/x-protobuf'
  const proto = parameters.find(each => each.startsWith('proto='))?.slice('proto='.length)
  if (isProtobuf && (proto === undefined || proto === 'prometheus.writerequest')) return
  throw new Failure(
    'unsupported_format',
    `Content-Type: found ${contentType}, wanted application/x-protobuf;proto=prometheus.WriteRequest (remote write 1.0)`,
  )
}
