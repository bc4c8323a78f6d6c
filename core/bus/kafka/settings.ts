// Which brokers, and who we are to them: `engines.bus.kafka` once it is parsed. Read by client.ts and topics.ts.
import type { Secret } from '../../secret.ts'

export type KafkaSettings = Readonly<{
  // Some of them; they name the others. host:port.
  brokers: readonly string[]
  clientId: string
  // Topics and groups begin with it: `${prefix}.samples`.
  prefix: string
  // Copies of each topic that is made; left out: the brokers' default.
  replication?: number | undefined
  tls?: KafkaTls | undefined
  sasl?: KafkaSasl | undefined
}>

// PEM texts.
export type KafkaTls = Readonly<{
  ca?: string | undefined
  cert?: string | undefined
  key?: Secret | undefined
  verify: boolean
}>

export type KafkaSasl = Readonly<{
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  username: string
  password: Secret
}>
