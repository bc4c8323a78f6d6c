// Records of several partitions in the order of time. While all of them keep up, each is let through as it comes; when one
// lags, the others wait for it until it has caught up, so that what comes late is not judged by a clock that has run
// ahead. Pure: fed and asked by share.ts.
import type { Arrival } from '../engine/arrival.ts'

export type Item = Readonly<{ arrival: Arrival; partition: number; next: number }>

// So far behind a partition lags, and so close it has caught up.
const lagsMs = 5_000
const caughtUpMs = 500
// Somebody asks at least once a second; after a longer silence this process has slept.
const sleptMs = 1_500

type Lane = { waiting: Item[]; position: number; completeMs: number }

export class Merge {
  readonly #lanes: ReadonlyMap<number, Lane>
  #ends: ReadonlyMap<number, number> = new Map()
  #askedMs = Number.NEGATIVE_INFINITY
  #lookedMs = Number.NEGATIVE_INFINITY
  // What was taken, until it begins to be evaluated: whoever took it takes it out then.
  #inHand: readonly Item[] = []
  // Whoever begins has to catch up first.
  isLagging = true

  // Where each begins, and the time of then.
  constructor(begins: ReadonlyMap<number, Readonly<{ next: number; atMs: number }>>) {
    this.#lanes = new Map(
      [...begins].map(([partition, { next, atMs }]) => [
        partition,
        { waiting: [], position: next, completeMs: atMs },
      ]),
    )
  }

  add(partition: number, items: readonly Item[], next: number): void {
    const lane = this.#lanes.get(partition)!
    lane.waiting.push(...items)
    lane.position = next
    // Not the last one's time: their stamps are those of several clocks.
    for (const { arrival } of items) lane.completeMs = Math.max(lane.completeMs, arrival.receivedAtMs)
    this.#look(partition, lane)
  }

  // Where the partitions ended when somebody asked: who has read so far has everything of before.
  ends(ends: ReadonlyMap<number, number>, askedMs: number): void {
    this.#ends = ends
    this.#askedMs = askedMs
    for (const [partition, lane] of this.#lanes) this.#look(partition, lane)
  }

  // How far the slowest is behind.
  lagMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#slowestMs())
  }

  // Up to when everything has come that will, and is through.
  completeMs(nowMs: number): number {
    this.#notice(nowMs)
    let completeMs = this.isLagging ? this.#slowestMs() : nowMs
    const queues = [this.#inHand, ...[...this.#lanes.values()].map(each => each.waiting)]
    for (const [first] of queues) {
      if (first !== undefined) completeMs = Math.min(completeMs, first.arrival.receivedAtMs)
    }
    return Math.min(completeMs, nowMs)
  }

  // What may be evaluated now, by time; within a partition in its own order. Nothing of later is, while some of it is
  // still there.
  take(nowMs: number): Item[] {
    this.#notice(nowMs)
    this.isLagging &&= this.lagMs(nowMs) > caughtUpMs
    const untilMs = this.isLagging ? this.#slowestMs() : Number.POSITIVE_INFINITY
    const taken: Readonly<{ item: Item; atMs: number }>[] = []
    for (const lane of this.#lanes.values()) {
      const { waiting } = lane
      const found = waiting.findIndex(each => each.arrival.receivedAtMs > untilMs)
      const passed = waiting.splice(0, found < 0 ? waiting.length : found)
      let atMs = Number.NEGATIVE_INFINITY
      for (const item of passed) {
        atMs = Math.max(atMs, item.arrival.receivedAtMs)
        taken.push({ item, atMs })
      }
    }
    const items = taken.sort((a, b) => a.atMs - b.atMs).map(each => each.item)
    this.#inHand = items
    return items
  }

  // They could not be dealt with, and come first again.
  putBack(items: readonly Item[]): void {
    this.#inHand = []
    for (const each of items.toReversed()) this.#lanes.get(each.partition)!.waiting.unshift(each)
  }

  isWaiting(partition: number): boolean {
    return this.#lanes.get(partition)!.waiting.length > 0
  }

  // Who has slept cannot know what came meanwhile, and neither can he to whom nobody says where the partitions end.
  #notice(nowMs: number): void {
    if (nowMs - this.#lookedMs > sleptMs || this.lagMs(nowMs) > lagsMs) this.isLagging = true
    this.#lookedMs = nowMs
  }

  #look(partition: number, lane: Lane): void {
    const end = this.#ends.get(partition)
    if (end !== undefined && lane.position >= end) lane.completeMs = Math.max(lane.completeMs, this.#askedMs)
  }

  #slowestMs(): number {
    let slowestMs = Number.POSITIVE_INFINITY
    for (const { completeMs } of this.#lanes.values()) slowestMs = Math.min(slowestMs, completeMs)
    return slowestMs
  }
}
