// How kafkajs is set up: who we are, how long it tries by itself, how it packs, and where it says what. Called by
// whoever needs a connection of his own: each reader has a client, since clients share what their groups have committed
// among the consumers that come from them.
import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { Kafka, type KafkaConfig, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs'
import type { Clock } from '../../clock.ts'
import { endsWithin } from '../../ends-within.ts'
import type { Log } from '../../log.ts'
import { mendKafkajs } from './mended.ts'
import { registerPacking } from './packing.ts'
import type { KafkaSasl, KafkaSettings, KafkaTls } from './settings.ts'

// A few quick tries; all patience beyond them is ours, because ours ends when we stop.
export const briefRetry: RetryOptions = {
  retries: 2,
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  factor: 0.2,
  multiplier: 2,
}

// Also the longest time that a request may take, so that what did not come by then is known not to come.
export const requestMs = 10_000

const keepAliveMs = 15_000

type Place = Readonly<{ host: string; port: number; ssl?: ConnectionOptions | null; onConnect: () => void }>
type Said = (message: string, fields: Readonly<Record<string, unknown>>) => void

// kafkajs forgets a connection when two requests open it at once, and a consumer that is told to end while it joins goes
// on joining: what it has opened is known here.
export type Client = Readonly<{
  kafka: Kafka
  // Ends every connection there is, and those to come.
  cut(): void
}>

// In peace, where that does not take too long. Called by those who close, and by leaving.ts.
export async function letGo(
  client: Client,
  disconnected: Promise<unknown>,
  { clock, limitMs }: Readonly<{ clock: Clock; limitMs: number }>,
): Promise<void> {
  await endsWithin(
    limitMs,
    disconnected.catch(() => {}),
    clock,
  )
  client.cut()
}

// `hear` is told what kafkajs logs, since of some things it tells nowhere else.
export function openClient(settings: KafkaSettings, log: Log, hear: Said = () => {}): Client {
  mendKafkajs()
  registerPacking()
  const sockets = openSockets()
  const { brokers, clientId, tls, sasl } = settings
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: requestMs,
    socketFactory: sockets.open,
    retry: briefRetry,
    logLevel: logLevel.INFO,
    logCreator: () => entry => {
      // It cries over what it mends by itself, and what it does not mend comes back to us as an error.
      const { timestamp: _, logger: __, message, stack: ___, ...fields } = entry.log
      log.debug('bus', 'kafkajs says', { ...fields, label: entry.label, code: String(message) })
      hear(String(message), fields)
    },
    ...(tls === undefined ? {} : { ssl: sslOf(tls) }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  }
  return { kafka: new Kafka(config), cut: sockets.cut }
}

function openSockets() {
  const sockets = new Set<Socket>()
  let isCut = false
  return {
    open(place: Place): Socket {
      if (isCut) throw new Error('this client is closed')
      const socket = openSocket(place)
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
    cut(): void {
      isCut = true
      // With an error, or kafkajs would wait for what it has asked by them.
      for (const each of sockets) each.destroy(new Error('this client is closed'))
    },
  }
}

// As kafkajs' own, but kafkajs may let go of one that is still connecting many times, each time with a listener, and
// a peer that vanished is to be noticed soon.
function openSocket({ host, port, ssl, onConnect }: Place): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket =
    ssl === undefined || ssl === null
      ? connect({ host, port }, onConnect)
      : connectTls({ host, port, ...name, ...ssl }, onConnect)
  socket.setMaxListeners(0)
  return socket.setKeepAlive(true, keepAliveMs)
}

const sslOf = ({ ca, cert, key, verify }: KafkaTls) => ({
  rejectUnauthorized: verify,
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key: key.reveal() }),
})

const saslOf = ({ mechanism, username, password }: KafkaSasl): SASLOptions => ({
  mechanism,
  username,
  password: password.reveal(),
})
