// What a way to tell somebody must be able to do. Each is a folder in channels/; delivery.ts calls them, and one contract
// test (test/alerter/channels.contract.ts) runs over all.

import type { z } from 'zod'
import type { Secret } from '#core/secret.ts'
import type { Message } from './message.ts'

export type Verdict = Readonly<
  // The service has it; a receipt may follow. `receipt` is its own name for the message.
  | { kind: 'delivered' | 'accepted'; receipt?: string }
  // Not now: again after so long, or when backoff says so.
  | { kind: 'later'; reason: string; afterMs?: number }
  // Never with this message, or never with these settings until somebody changes them.
  | { kind: 'refused'; reason: string; because: 'message' | 'settings' }
>

// What is sent over HTTP. The URL may hold a secret, so it is never logged; `host` is what is said of it.
export type Outgoing = Readonly<{
  method: 'POST' | 'PUT' | 'GET'
  url: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array | string
}>

export type Answer = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: string }>

// How it leaves, where that is not the usual way. The same object each time for the same settings, since connections
// are kept with it.
export type Transport = Readonly<{
  timeoutMs: number
  // Otherwise an answer that sends us elsewhere is a failure.
  followsRedirects: boolean
  tls: Readonly<{
    // PEM, or files that hold it.
    ca?: string
    caFile?: string
    cert?: string
    certFile?: string
    key?: Secret
    keyFile?: string
    serverName?: string
    verify: boolean
    minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
    maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  }>
  // `except` as in NO_PROXY. What the environment says of proxies is followed only where asked for.
  proxy?: Readonly<{ url: Secret; except: string }> | 'environment'
}>

// How much may be said: token buckets. `key` names what the limit is of (a robot, a number), without its secret.
export type Budget = Readonly<{ key: string; times: number; perMs: number; reserve: number }>

export type Around = Readonly<{
  nowMs: number
  random: () => number
  // What the templates of the settings became for this message, by their names; in the markup of the service.
  texts?: Readonly<Record<string, string>>
  // The receipt of the first message about the same incident by the same settings, to answer in its thread.
  before?: string
}>

type Base<S> = Readonly<{
  name: string
  settings: z.ZodType<S>
  budgets(settings: S): readonly Budget[]
  // False where each message stands for something that is ended by its key, so that many cannot be told as one.
  digests?: boolean
  // Templates in the settings that outrank our own words.
  texts?(settings: S): Readonly<Record<string, string>>
}>

// Most services: pure functions from a message to a request and from an answer to a verdict.
export type HttpChannel<S> = Base<S> &
  Readonly<{
    kind: 'http'
    // More than one where a message goes to several numbers; each is sent and judged apart.
    requests(message: Message, settings: S, around: Around): readonly Outgoing[]
    verdict(answer: Answer, settings: S, around: Around): Verdict
    transport?(settings: S): Transport
    // Scheduled messages leave within so long of their time, where a service refuses those that come on the hour.
    spreadMs?: number
  }>

// Those that speak otherwise: mail, SMPP, a spool folder.
export type OwnChannel<S> = Base<S> &
  Readonly<{
    kind: 'own'
    open(settings: S): Readonly<{
      send(message: Message, around: Around, signal: AbortSignal): Promise<Verdict>
      close(): Promise<void>
    }>
  }>

export type Channel<S = unknown> = HttpChannel<S> | OwnChannel<S>
