// How much a caller may ask of this server. The defaults are what the documentation says; bin/ passes what
// the configuration says instead.

export type HttpLimits = Readonly<{
  // Of a body whose route states no limit of its own.
  bodyMaxBytes: number
  // Of all bodies that are being answered at one time, as they came.
  inFlightMaxBytes: number
  // The same for addresses that are open to everyone, like the login.
  strangersMaxBytes: number
  // How late timers may be before writes are put off.
  loopDelayMaxMs: number
  headersTimeoutMs: number
  requestTimeoutMs: number
  keepAliveMs: number
  // How long a caller may take nothing of its answer.
  answerTimeoutMs: number
  // What requests under way get to finish when the server closes.
  drainMs: number
  connectionsMax: number
}>

export const defaultLimits: HttpLimits = {
  bodyMaxBytes: 2 ** 20,
  inFlightMaxBytes: 128 * 2 ** 20,
  strangersMaxBytes: 16 * 2 ** 20,
  loopDelayMaxMs: 2_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveMs: 75_000,
  answerTimeoutMs: 60_000,
  drainMs: 5_000,
  connectionsMax: 10_000,
}

export const headMaxBytes = 16_384
