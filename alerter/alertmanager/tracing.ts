// `tracing`: checked, so that a file is right or wrong for the same reasons as in Alertmanager, and then left alone. Called
// by the reader of the configuration.

import { flag } from './bare.ts'
import { list, mapOf, shape } from './form.ts'
import { tlsConfig } from './http-config.ts'
import { durationMs, number, oneOf, secret, text } from './scalars.ts'
import { atLeastOne } from './together.ts'

const header = shape({ values: list(text), secrets: list(secret), files: list(text) })

const tracingKeys = {
  client_type: oneOf('http', 'grpc'),
  endpoint: text,
  sampling_fraction: number,
  insecure: flag,
  tls_config: tlsConfig,
  headers: mapOf(header),
  compression: oneOf('', 'gzip'),
  timeout: durationMs,
}

export const tracing = shape(tracingKeys, part => atLeastOne(part, 'endpoint'))
