// The part `engines` of the configuration: which servers carry samples, keep them and keep decisions. Left out, all
// three are embedded; a fleet names all three. Part of schema.ts; bin/engines.ts opens what it says.
import { z } from 'zod'
import { count, secret, text, url } from './values.ts'

const atStart = (description: string) => ({ description, restart: true })

const brokerWanted = 'host:port of a broker, like 10.0.0.5:9092'
const broker = text.regex(/^(?:\[[\da-fA-F:.]+\]|[\w.-]+):\d{1,5}$/, { error: brokerWanted })
const prefixWanted = 'letters, digits, dots, _ and -, at most 100 of them'

const tls = z
  .strictObject({
    ca: text.optional().meta(atStart(`Certificates (PEM) that sign the brokers', best as \${file:ca.pem}.`)),
    cert: text.optional().meta(atStart('Our own certificate (PEM), where the brokers want one.')),
    key: secret.optional().meta(atStart('Its key (PEM).')),
    verify: z
      .boolean()
      .prefault(true)
      .meta(atStart('Whether a broker must show a good certificate for its name.')),
  })
  .describe('Encryption on the way to the brokers.')

const sasl = z
  .strictObject({
    mechanism: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
      .meta(atStart('How the brokers ask who we are. `plain` only together with `tls`.')),
    username: text.meta(atStart('Our name there.')),
    password: secret.meta(atStart('Our password there.')),
  })
  .describe('Who we are to the brokers.')

const kafka = z
  .strictObject({
    brokers: z
      .array(broker)
      .min(1, { error: 'at least one broker' })
      .meta(atStart('Some of the brokers; they name the others.')),
    client_id: text.prefault('plimsoll').meta(atStart('How we are called in the log of the brokers.')),
    prefix: text
      .regex(/^[\w.-]{1,100}$/, { error: prefixWanted })
      .prefault('plimsoll')
      .meta(atStart('What our topics and groups begin with: `plimsoll.samples` and so on.')),
    replication: count(1, 15)
      .optional()
      .meta(atStart("Copies of each topic that is made; left out: the brokers' default.")),
    tls: tls.optional(),
    sasl: sasl.optional(),
  })
  .describe('Apache Kafka.')
  .refine(found => found.sasl?.mechanism !== 'plain' || found.tls !== undefined, {
    error: 'tls beside sasl with plain, or the password could be read on its way; or scram-sha-512',
  })
  .transform(({ client_id, ...rest }) => ({ ...rest, clientId: client_id }))

const influxdb = z
  .strictObject({
    url: url.meta(atStart('Where InfluxDB 2 listens.')),
    org: text.prefault('plimsoll').meta(atStart('The organisation.')),
    bucket: text.prefault('plimsoll').meta(atStart('The bucket; `plimsoll setup influx` makes it.')),
    token: secret.meta(atStart('May write the bucket, and read it where `read_token` is left out.')),
    read_token: secret.optional().meta(atStart('May read the bucket.')),
  })
  .describe('InfluxDB 2.')
  .transform(({ read_token: readToken, ...rest }) => ({
    ...rest,
    ...(readToken === undefined ? {} : { readToken }),
  }))

const basic = z
  .strictObject({
    user: text.meta(atStart('The name.')),
    password: secret.meta(atStart('The password.')),
  })
  .describe('Basic authentication.')

const prometheusLimits = z
  .strictObject({
    labels: count(1, 1_000)
      .prefault(30)
      .meta(atStart('The most labels of a series there, its name counted.')),
    value_bytes: count(1, 65_536).prefault(1_024).meta(atStart('The longest value of a label there.')),
  })
  .describe('What the database takes: some cut silently what is beyond, so it goes to the dead letters here.')
  .transform(({ labels, value_bytes: valueBytes }) => ({ labels, valueBytes }))

const prometheus = z
  .strictObject({
    url: url.meta(
      atStart('What stands before `/api/v1/query`, like `http://vmselect:8481/select/0/prometheus`.'),
    ),
    write: url.optional().meta(atStart('Where remote write goes; left out: `url` and `/api/v1/write`.')),
    token: secret.optional().meta(atStart('Sent as `Authorization: Bearer`.')),
    basic: basic.optional(),
    limits: prometheusLimits.prefault({}),
    headers: z
      .record(z.string(), text)
      .prefault({})
      .meta({
        kind: 'map of text',
        ...atStart('Further headers of every request, like `X-Scope-OrgID` of Mimir.'),
      }),
  })
  .describe('Any database that takes remote write and answers PromQL: VictoriaMetrics, Mimir, Thanos.')
  .transform(({ write, ...rest }) => ({ ...rest, write: write ?? `${rest.url}/api/v1/write` }))

const storeWanted = 'one of influxdb, prometheus'
const allWanted =
  'all of bus, store and state (Kafka, InfluxDB or a Prometheus-compatible database, PostgreSQL), or none of them, for the embedded engines'

export const engines = z
  .strictObject({
    bus: z.strictObject({ kafka }).optional(),
    store: z
      .strictObject({ influxdb: influxdb.optional(), prometheus: prometheus.optional() })
      .refine(found => (found.influxdb === undefined) !== (found.prometheus === undefined), {
        error: storeWanted,
      })
      .optional(),
    state: z
      .strictObject({
        postgres: secret.meta(
          atStart(
            'PostgreSQL, as `postgres://USER:PASSWORD@HOST/DATABASE`; on another machine it must show a good certificate unless the URL says otherwise by `?sslmode=`.',
          ),
        ),
      })
      .optional(),
  })
  .describe('The servers of a fleet; left out, everything is in this process and in the data folder.')
  .transform((found, context) => {
    const { bus, store, state } = found
    if (bus === undefined && store === undefined && state === undefined) return undefined
    if (bus !== undefined && store !== undefined && state !== undefined) return { bus, store, state }
    const missing = Object.entries({ bus, store, state }).flatMap(([name, one]) =>
      one === undefined ? [name] : [],
    )
    context.addIssue({
      code: 'custom',
      message: allWanted,
      params: { hint: `missing: ${missing.join(', ')}` },
    })
    return z.NEVER
  })

export type FleetEngines = NonNullable<z.output<typeof engines>>
