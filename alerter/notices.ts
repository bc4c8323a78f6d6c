// What is to be told that is no alert: words of other rooms, and canaries. Which of it is new, who is told, and when. Called
// by the alerter, which makes it durable before it is acknowledged.
import type { Clock } from '#core/clock.ts'
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Log } from '#core/log.ts'
import type { Notice } from '#core/model.ts'
import type { AlerterBook } from './book.ts'
import { channels } from './channels/index.ts'
import type { Fact } from './fact.ts'
import { failoverOf } from './failover.ts'
import type { OutboxEntry, Said } from './outbox-entry.ts'
import type { Integration, Receiver, Route } from './route.ts'
import { waysOf } from './watchdog/watch.ts'

type Tree = Readonly<{ route: Route; receivers: ReadonlyMap<string, Receiver> }>

export type NoticesOptions = Readonly<{
  book: Pick<AlerterBook, 'known'>
  clock: Clock
  log: Log
  random?: (() => number) | undefined
}>

export type Taken = Readonly<{ facts: readonly Fact[]; entries: readonly OutboxEntry[] }>

// What it says has the words of each channel.
const canary: Said = { kind: 'canary', title: '', text: '', path: null, picture: null }

// Of all test messages to a receiver.
export const testGroup = (receiver: string): string => `${receiver}\ncanary`

const nothing: Taken = { facts: [], entries: [] }

// Pictures make a row of the state this long; larger ones are left out.
const pictureMax = 1_500_000
const textMax = 100_000
const titleMax = 1_000
const dataMaxBytes = 65_536
const urgencies: ReadonlySet<unknown> = new Set<Notice['urgency']>(['page', 'normal', 'low'])
// Ids of which it is certain that they are known, so that the state need not be asked.
const rememberedMax = 10_000

export class Notices {
  readonly #options: NoticesOptions
  readonly #ids = new Set<string>()

  constructor(options: NoticesOptions) {
    this.#options = options
  }

  // Each once, whoever says it how often.
  async hear(notices: readonly Notice[], tree: Tree): Promise<Taken> {
    const sound = notices.filter(each => this.#isSound(each))
    const ids = sound.map(({ id }) => factIdOf(id)).filter(id => !this.#ids.has(id))
    if (ids.length === 0) return nothing
    const known = await this.#options.book.known(ids)
    const taken: Taken[] = []
    for (const notice of sound) {
      const id = factIdOf(notice.id)
      if (known.has(id) || this.#ids.has(id)) continue
      this.#remember(id)
      taken.push(this.#take(notice, tree))
    }
    return {
      facts: taken.flatMap(({ facts }) => facts),
      entries: taken.flatMap(({ entries }) => entries),
    }
  }

  // A test message to each way of a receiver by itself, those behind a failover too; nothing where it was sent before.
  async test(name: string, id: string, { receivers }: Tree): Promise<Taken> {
    const factId = `canary/${id}`
    if (this.#ids.has(factId) || (await this.#options.book.known([factId])).has(factId)) return nothing
    this.#remember(factId)
    const atMs = this.#options.clock.nowMs()
    const ways = waysOf(receivers.get(name))
    // One at a time waits there: a later one takes the place of one that could not be told.
    const group = testGroup(name)
    const details = { receiver: name, integrations: ways.map(each => each.id) }
    const of = { incident: null, group, fingerprint: null, who: 'watchdog', details }
    return {
      facts: [{ id: factId, kind: 'canary', atMs, ...of }],
      entries: ways.map(each =>
        spokenEntry(canary, { id, receiver: name, group, integration: each.id, urgency: 'low', atMs }),
      ),
    }
  }

  #take(notice: Notice, tree: Tree): Taken {
    const { clock, log, random = Math.random } = this.#options
    const nowMs = clock.nowMs()
    const receiver = receiverOf(notice, tree)
    if (typeof notice.receiver === 'string' && receiver.name !== notice.receiver)
      log.warn('alerter', 'a notice is for a receiver that is not configured; the root route has it', {
        receiver: notice.receiver,
        title: notice.title,
      })
    const facts = [noticedFact(notice, receiver, nowMs)]
    return {
      facts,
      entries: receiver.integrations.map(each => entryOf(notice, receiver, { each, nowMs, random })),
    }
  }

  // What is none cannot be told, whoever wrote it; the others of its batch are.
  #isSound({ id, title, text, urgency }: Notice): boolean {
    const texts: readonly unknown[] = [id, title, text]
    const isSound = texts.every(each => typeof each === 'string') && id !== '' && urgencies.has(urgency)
    if (!isSound)
      this.#options.log.error('alerter', 'a notice is not told: it lacks an id, a text or an urgency', { id })
    return isSound
  }

  #remember(id: string): void {
    if (this.#ids.size >= rememberedMax) this.#ids.clear()
    this.#ids.add(id)
  }
}

const factIdOf = (id: string): string => `noticed/${id}`

function receiverOf({ receiver }: Notice, { route, receivers }: Tree): Receiver {
  const asked = typeof receiver === 'string' ? receivers.get(receiver) : undefined
  return asked ?? receivers.get(route.receiver) ?? { name: route.receiver, integrations: [] }
}

function noticedFact(notice: Notice, { name, integrations }: Receiver, atMs: number): Fact {
  const { id, title, urgency, receiver: asked = null } = notice
  const told = { title, urgency, asked, receiver: name, integrations: integrations.map(each => each.id) }
  const of = { incident: null, group: groupOf(name, id), fingerprint: null }
  return { id: factIdOf(id), kind: 'noticed', atMs, ...of, who: 'notices', details: told }
}

// Of its own, so that nothing is merged with it.
const groupOf = (receiver: string, id: string): string => `${receiver}\nnotice:${id}`

// Too much of it is left out whole: half of a JSON object is none.
function dataOf({ data }: Notice): Pick<Said, 'data'> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {}
  return Buffer.byteLength(JSON.stringify(data)) <= dataMaxBytes ? { data } : {}
}

type To = Readonly<{ each: Integration; nowMs: number; random: () => number }>

function entryOf(notice: Notice, { name }: Receiver, { each, nowMs, random }: To): OutboxEntry {
  const { urgency, picture, path } = notice
  const [title, text] = [notice.title.slice(0, titleMax), notice.text.slice(0, textMax)]
  // Nobody waits for it to the second.
  const waitMs = urgency === 'page' ? 0 : Math.round(random() * spreadMsOf(each))
  const shown = {
    path: typeof path === 'string' && path.startsWith('/') ? path : null,
    picture: typeof picture === 'string' && picture.length <= pictureMax ? picture : null,
    ...dataOf(notice),
  }
  return spokenEntry(
    { kind: 'notice', title, text, ...shown },
    {
      ...{ id: notice.id, receiver: name, group: groupOf(name, notice.id), urgency },
      ...{ integration: each.id, atMs: nowMs + waitMs },
    },
  )
}

type Spoken = Readonly<{
  id: string
  receiver: string
  group: string
  integration: string
  urgency: Notice['urgency']
  // Not before.
  atMs: number
}>

// No alert is in its telling.
function spokenEntry(said: Said, of: Spoken): OutboxEntry {
  const { receiver, group, integration, urgency, atMs } = of
  const id = fingerprint(labelsOf([['said', `${said.kind} ${of.id} ${integration}`]]))
  const lists = { firing: [], resolved: [], begun: [] }
  return {
    ...{ id, group, groupKey: group.slice(receiver.length + 1), receiver, integration, said },
    telling: { id, group, integration, atMs, reason: 'first', urgency, ...lists },
    incident: null,
    ...{ sinceMs: atMs, tries: 0, notBeforeMs: atMs },
  }
}

// Of a failover, that of the way which is tried first.
function spreadMsOf(integration: Integration): number {
  const [first = integration] = failoverOf(integration)?.order ?? []
  const channel = channels[first.channel as keyof typeof channels]
  return channel?.kind === 'http' ? (channel.spreadMs ?? 0) : 0
}
