// What a way to tell somebody must be able to do. Each is a folder in channels/; delivery.ts calls them, and one contract
// test (test/alerter/channels.contract.ts) runs over all.

import type { z } from 'zod'
import type { Secret } from '#core/secret.ts'
import type { Inbound } from './inbound.ts'
import type { Message } from './message.ts'

export type Verdict = Readonly<
  // The service has it; a receipt may follow. `receipt` is its own name for the message.
  // Of several numbers or parts there are several.
  // `lost` are the reasons of parts that it did not reach.
  | {
      kind: 'delivered' | 'accepted'
      receipt?: string
      receipts?: readonly string[]
      lost?: readonly string[]
    }
  // Not now: again after so long, or when backoff says so. `isLimit`: it works, and had too much of us.
  | { kind: 'later'; reason: string; afterMs?: number; isLimit?: true }
  // Never with this message, or never with these settings until somebody changes them.
  // Or `unclear`: whoever refuses says no more than a status, and may take the same message later.
  // `isOurs`: nobody was asked.
  | { kind: 'refused'; reason: string; because: Because; isOurs?: true }
>

export type Because = 'message' | 'settings' | 'unclear'

// One verdict for all who are left to tell, or one for each recipient, in the same order each time.
export type Verdicts = Verdict | readonly Verdict[]

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

// Requests that hang on each other: each is made from the answer to the one before it. At the end why it did not work;
// nothing where it did.
export type Trail = Generator<Outgoing, Stumble | undefined, Answer>

// `isLasting`: the next will not work either until somebody changes something.
export type Stumble = Readonly<{ reason: string; isLasting: boolean }>

// How much may be said: token buckets. `key` names what the limit is of (a robot, a number), without its secret. `nth`:
// of one of several numbers, in the order in which they are asked; left out: of each message.
export type Budget = BucketBudget | MonthBudget
type Limit = Readonly<{ key: string; times: number; reserve: number; nth?: number }>
// In no time of this length more.
export type BucketBudget = Limit & Readonly<{ perMs: number }>
// In no calendar month more.
export type MonthBudget = Limit & Readonly<{ per: 'month' }>

export type Around = Readonly<{
  nowMs: number
  random: () => number
  // What the templates of the settings became for this message, by their names; in the markup of the service.
  texts?: Readonly<Record<string, string>>
  // The receipt of the first message about the same incident by the same settings, to answer in its thread.
  before?: string
  // Where the service can tell us what became of it, without the key that the settings may have; left out: nowhere.
  callback?: string
}>

// A call that came in at the address of a channel.
export type Callback = Readonly<{
  // As the service was told to call: below external_url, with the query as it came.
  url: string
  // What follows the name in the address: a secret between us and the service, where it signs nothing.
  key: string
  headers: Readonly<Record<string, string>>
  // As it came; empty with GET.
  body: string
}>

// Words for whoever answered: what he asked for is done, or why not.
export type Saying = Readonly<{ text: string; isDone: boolean }>

// What a service wants to hear, so that it does not call again.
export type Thanks = Readonly<{ type: string; body: string }>

// Of a service that calls back. No function throws, whatever comes.
export type Hears<S> = Readonly<{
  // The proof that it is the service, looked at before anything else.
  isFrom(call: Callback, settings: S): boolean
  // Nothing where it has not the form; an empty list where it says nothing that matters here.
  read(call: Callback): readonly Inbound[] | undefined
  // `said` goes along where the service passes it on to whoever answered.
  thanks(call: Callback, said: Saying | undefined): Thanks
}>

// What people may expect of a channel. docs/channels.md is made from it.
export type About = Readonly<{
  is: string
  // How it is known that the service has a message.
  success: string
  // The most that one message holds, with its unit.
  size: string
  // How the service knows that it is from us.
  proof: string
  // Whether the picture of the last hour goes along.
  pictures: boolean
  // Where what follows about an incident is shown; left out: apart.
  follows?: string
  // What the service tells later; left out: nothing.
  receipts?: string
  // The smallest settings that are enough.
  example: Readonly<Record<string, unknown>>
}>

type Base<S> = Readonly<{
  name: string
  // Stated by all in channels/.
  about?: About
  settings: z.ZodType<S>
  budgets(settings: S): readonly Budget[]
  // False where each message stands for something that is ended by its key, so that many cannot be told as one.
  digests?: boolean
  // Templates in the settings that outrank our own words.
  texts?(settings: S): Readonly<Record<string, string>>
  // Those of them that say where a message goes (`attributes` is all of `attributes.*`): no words can stand in for these.
  places?: readonly string[]
  // Whether the picture of the last hour is of use to it; left out: never.
  takesPicture?(settings: S): boolean
  // Left out: its service never calls.
  hears?: Hears<S>
  // Of those that are told by phone, with the codes of their countries: these may answer.
  phones?(settings: S): readonly string[]
}>

// Most services: pure functions from a message to a request and from an answer to a verdict.
export type HttpChannel<S> = Base<S> &
  Readonly<{
    kind: 'http'
    // More than one where a message goes to several numbers; each is sent and judged apart.
    requests(message: Message, settings: S, around: Around): readonly Outgoing[]
    verdict(answer: Answer, settings: S, around: Around): Verdict
    transport?(settings: S): Transport
    // What goes after a message with a picture that the service has; `receipt` is its name there, where it has one.
    trail?(message: Message, settings: S, around: Around & Readonly<{ receipt: string | undefined }>): Trail
    // Scheduled messages leave within so long of their time, where a service refuses those that come on the hour.
    spreadMs?: number
  }>

// Those that speak otherwise: mail, SMPP, a spool folder.
export type OwnChannel<S> = Base<S> &
  Readonly<{
    kind: 'own'
    // Whether the line is kept open also while there is nothing to say, because something may come in.
    listens?(settings: S): boolean
    open(
      settings: S,
      // Told of what comes in by the line. Left out: nobody listens.
      hear?: (inbound: Inbound) => void,
    ): Readonly<{
      // Whom `settled` names by his place is not told again, and has that verdict. Left out: nobody is.
      send(
        message: Message,
        around: Around,
        signal: AbortSignal,
        settled?: ReadonlyMap<number, Verdict>,
      ): Promise<Verdicts>
      close(): Promise<void>
    }>
  }>

export type Channel<S = unknown> = HttpChannel<S> | OwnChannel<S>
