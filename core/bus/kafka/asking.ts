// One connection for questions to the brokers: which topics there are, where they begin and end, what groups have
// committed. Opened with the first question and anew after one that failed. Called by everyone here who asks.
import type { Admin } from 'kafkajs'
import type { Clock } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { type Client, letGo, openClient } from './client.ts'
import { failureOf, isRefused } from './failures.ts'
import { Leaving } from './leaving.ts'
import type { KafkaSettings } from './settings.ts'

type Open = Readonly<{ client: Client; admin: Promise<Admin> }>

const againMs = 200
const closeMs = 2_000
// The longest that one question may take.
const patienceMs = 30_000

export class Asking {
  readonly #settings: KafkaSettings
  readonly #clock: Clock
  readonly #log: Log
  readonly #leaving: Leaving
  #open: Open | undefined
  #isClosed = false

  constructor(settings: KafkaSettings, clock: Clock, log: Log) {
    this.#settings = settings
    this.#clock = clock
    this.#log = log
    this.#leaving = new Leaving(clock, patienceMs)
  }

  // `what` names the deed in the message of a failure.
  async ask<T>(what: string, question: (admin: Admin) => Promise<T>, limitMs = patienceMs): Promise<T> {
    if (this.#isClosed) throw new Failure('stopping', 'the bus is closed')
    this.#open ??= this.#connect()
    const open = this.#open
    const late = Promise.withResolvers<never>()
    const timer = this.#clock.after(limitMs, () =>
      late.reject(new Failure('bus_unavailable', `${what}: no answer within ${limitMs / 1_000} s`)),
    )
    const answer = open.admin.then(question)
    try {
      return await Promise.race([answer, late.promise])
    } catch (error) {
      // A late answer is nobody's any more.
      answer.catch(() => {})
      // Others who asked meanwhile may still be answered; it is ended once.
      if (this.#open === open) {
        this.#open = undefined
        this.#leaving.add(open.client, disconnectedOf(open))
      }
      throw failureOf(error, what)
    } finally {
      timer.cancel()
    }
  }

  // Again with a new connection until the time is over: kafkajs goes on asking whoever led a partition once.
  async insist<T>(what: string, question: (admin: Admin) => Promise<T>, limitMs: number): Promise<T> {
    const untilMs = this.#clock.monotonicMs() + limitMs
    let first: unknown
    for (let leftMs = limitMs; leftMs > 0; leftMs = untilMs - this.#clock.monotonicMs()) {
      try {
        return await this.ask(what, question, leftMs)
      } catch (error) {
        if (isRefused(error) || this.#isClosed) throw error
        first ??= error
      }
      await this.#clock.sleep(againMs)
    }
    throw first
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const open = this.#open
    this.#open = undefined
    await Promise.all([this.#leaving.close(), open && this.#end(open)])
  }

  #connect(): Open {
    const client = openClient(this.#settings, this.#log)
    const admin = client.kafka.admin()
    return { client, admin: admin.connect().then(() => admin) }
  }

  #end(open: Open): Promise<void> {
    return letGo(open.client, disconnectedOf(open), { clock: this.#clock, limitMs: closeMs })
  }
}

const disconnectedOf = ({ admin }: Open): Promise<void> => admin.then(each => each.disconnect())
