// What waits to be told, in memory: for each group and integration one entry in front, and behind it one more while that
// is on its way. Nothing is offered, and no later telling shows, before it is durable. No I/O: what is to be written is
// given to `write`. Called by the alerter with what is decided, by delivery with what became of it.
import type { KnownAlert } from './alert.ts'
import type { Fact } from './fact.ts'
import {
  byAge,
  byUrgency,
  type Item,
  lineOf,
  mergedInto,
  newItem,
  type Put,
  split,
  versionSaved,
} from './outbox/line.ts'
import type { Outbox, OutboxEntry } from './outbox-entry.ts'
import { without } from './timeline/recall.ts'

export type OutboxWrite = Readonly<{
  puts: readonly OutboxEntry[]
  gone: readonly string[]
  facts: readonly Fact[]
  // Called when it is durable, before anything that was written later is.
  saved: () => void
}>

export type OutboxOptions = Readonly<{
  // Of the last run; each is in the state.
  entries: readonly OutboxEntry[]
  known(fingerprint: string): KnownAlert | undefined
  // Of a message that is about to leave: which beginnings are silenced by now. They count as not told. Left out: none.
  heldNow?(entry: OutboxEntry): ReadonlySet<string>
  // In order, and again however often it is refused. Resolves when it is durable, is rejected when it is refused first.
  write(written: OutboxWrite): Promise<void>
}>

// Of one group and integration, in the order of telling; only the one in front may be on its way.
type Line = readonly Item[]

const nothing = (): void => {}

export class StandingOutbox implements Outbox {
  readonly #options: OutboxOptions
  readonly #lines = new Map<string, Line>()
  readonly #items = new Map<string, Item>()
  readonly #hearers: ((entry: OutboxEntry) => void)[] = []
  #names: ReadonlySet<string> | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
    for (const entry of options.entries.toSorted(byAge)) this.#append(newItem(entry, entry))
  }

  // A row that must be written with what led to it; its `saved` is to be called when it is.
  put(entry: OutboxEntry): Put {
    const last = this.#lines.get(lineOf(entry))?.at(-1)
    if (last === undefined || last.isTaken) return this.#putOf(this.#append(newItem(entry)))
    this.#names = undefined
    mergedInto(last, entry.telling)
    return this.#putOf(last)
  }

  waiting(): readonly OutboxEntry[] {
    const ready = [...this.#items.values()].filter(each => this.#isReady(each))
    return ready.map(({ durable }) => durable!).sort(byUrgency)
  }

  onEntry(hear: (entry: OutboxEntry) => void): void {
    this.#hearers.push(hear)
  }

  take(id: string): OutboxEntry | undefined {
    const item = this.#items.get(id)
    if (item === undefined || !this.#isReady(item)) return undefined
    item.isTaken = true
    const { durable } = item
    const rest = split(item)
    if (rest !== undefined) {
      const { entry, saved } = this.#putOf(this.#append(newItem(rest)))
      // Both in one: the row of this one may hold the rest already.
      this.#write({ puts: [durable!, entry], saved }).catch(nothing)
    }
    return durable
  }

  depart(id: string): OutboxEntry | undefined {
    const taken = this.take(id)
    const left = taken && this.#options.heldNow?.(taken)
    if (taken === undefined || left === undefined || left.size === 0) return taken
    const item = this.#items.get(id)!
    const telling = without(taken.telling, left)
    if (telling === undefined) {
      this.done(id, []).catch(nothing)
      return undefined
    }
    item.entry = { ...taken, telling }
    this.#names = undefined
    this.#write({ puts: [item.entry], saved: nothing }).catch(nothing)
    return item.entry
  }

  // Both may be called again after a refusal: what is written does not change by it.
  async done(id: string, facts: readonly Fact[]): Promise<void> {
    const item = this.#items.get(id)
    if (item?.isTaken !== true) return this.#write({ saved: nothing })
    const { line } = item
    this.#drop(item)
    // What comes behind is on its way only when this one surely is not any more.
    const saved = (): void => this.#offer(this.#lines.get(line)?.[0])
    await this.#write({ gone: [id], facts, saved })
  }

  async again(
    id: string,
    notBeforeMs: number,
    facts: readonly Fact[],
    settled?: OutboxEntry['settled'],
  ): Promise<void> {
    const item = this.#items.get(id)
    if (item?.isTaken !== true) return this.#write({ saved: nothing })
    const behind = this.#lines.get(item.line)!.filter(each => each !== item)
    item.entry = { ...item.entry, tries: item.entry.tries + 1, notBeforeMs, settled }
    for (const each of behind) {
      mergedInto(item, each.entry.telling)
      this.#drop(each)
    }
    item.isTaken = false
    item.durable = undefined
    item.unsaved = []
    const { entry, saved } = this.#putOf(item)
    await this.#write({ puts: [entry], gone: behind.map(each => each.entry.id), facts, saved })
  }

  alertsOf({ telling: { firing, resolved } }: OutboxEntry): readonly KnownAlert[] {
    return [...firing, ...resolved].flatMap(each => this.#options.known(each) ?? [])
  }

  // Whether somebody is still to be told of it.
  isNamed(fingerprint: string): boolean {
    const tellings = (): string[] =>
      [...this.#items.values()].flatMap(({ entry: { telling } }) => [...telling.firing, ...telling.resolved])
    this.#names ??= new Set(tellings())
    return this.#names.has(fingerprint)
  }

  naming(fingerprint: string): readonly OutboxEntry[] {
    const entries = [...this.#items.values()].map(({ entry }) => entry)
    return entries.filter(
      ({ telling: { firing, resolved } }) => firing.includes(fingerprint) || resolved.includes(fingerprint),
    )
  }

  #append(item: Item): Item {
    const { line } = item
    this.#lines.set(line, [...(this.#lines.get(line) ?? []), item])
    this.#items.set(item.entry.id, item)
    this.#names = undefined
    return item
  }

  #drop(item: Item): void {
    const { line } = item
    const rest = this.#lines.get(line)!.filter(each => each !== item)
    if (rest.length === 0) this.#lines.delete(line)
    else this.#lines.set(line, rest)
    this.#items.delete(item.entry.id)
    this.#names = undefined
  }

  #putOf(item: Item): Put {
    const { entry } = item
    const saved = (): void => {
      versionSaved(item, entry)
      this.#offer(item)
    }
    return { entry, saved }
  }

  #isReady(item: Item): boolean {
    if (item.durable === undefined || item.isTaken) return false
    return this.#lines.get(item.line)?.[0] === item
  }

  #offer(item: Item | undefined): void {
    if (item === undefined || !this.#isReady(item)) return
    for (const hear of this.#hearers) hear(item.durable!)
  }

  #write({ puts = [], gone = [], facts = [], saved }: Partial<OutboxWrite> & Pick<OutboxWrite, 'saved'>) {
    return this.#options.write({ puts, gone, facts, saved })
  }
}
