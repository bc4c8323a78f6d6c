// The routing that a process goes by now: another one after a reload, or when a file has come that a way to tell waited
// for. Called by alerter.ts.
import { readFileSync } from 'node:fs'
import type { Clock } from '#core/clock.ts'
import { problemText } from '#core/config.ts'
import type { Log } from '#core/log.ts'
import type { Integration, Receiver, Unready } from '../alerter/route.ts'
import { integrationsIn, type Routing } from './routing.ts'

export interface LiveRouting {
  routing(): Routing
  // Another map is another configuration.
  integrations(): ReadonlyMap<string, Integration>
  // The ways of both are there until `follow` is through, which may tell something at once.
  replace(next: Routing, follow: () => Promise<void> | undefined): Promise<void>
}

type Options = Readonly<{ clock: Clock; log: Log }>
type Ways = ReadonlyMap<string, Integration>
// What it becomes when a file has come, or holds something else than before.
type Mending = () => Routing | undefined
type Now = Readonly<{ routing: Routing; ways: Ways; mended: Mending }>

// Whoever sends asks often, and most of the time nothing has come.
const lookMs = 1_000

export function openLiveRouting(first: Routing, options: Options): LiveRouting {
  const begun = (routing: Routing): Now => ({
    routing,
    ways: integrationsIn(routing),
    mended: openMending(routing, options),
  })
  let now = begun(first)
  const looked = (): Now => {
    const routing = now.mended()
    if (routing !== undefined) now = { ...now, routing, ways: integrationsIn(routing) }
    return now
  }
  return {
    routing: () => looked().routing,
    integrations: () => looked().ways,
    async replace(next, follow) {
      const before = now
      const added = integrationsIn(next)
      now = { ...before, ways: new Map([...before.ways, ...added]), mended: neverMended }
      try {
        await follow()
      } catch (error) {
        // All goes on as it was; something may wait for a new way by now.
        now = { ...before, ways: new Map([...added, ...before.ways]) }
        throw error
      }
      now = begun(next)
    },
  }
}

const neverMended: Mending = () => undefined

function openMending(first: Routing, { clock, log }: Options): Mending {
  let routing = first
  let files = filesOf(first)
  if (files.length === 0) return neverMended
  // As they were when they were last used. That is not known at first: one may have come since the configuration was read.
  let seen: ReadonlyMap<string, string | undefined> = new Map()
  let lookedMs = clock.monotonicMs()
  return () => {
    const nowMs = clock.monotonicMs()
    if (nowMs - lookedMs < lookMs) return undefined
    lookedMs = nowMs
    const found = new Map(files.map(file => [file, textIn(file)]))
    if (files.every(file => seen.has(file) && seen.get(file) === found.get(file))) return undefined
    seen = found
    const again = routing.again?.()
    if (again?.routing === undefined) {
      const problems = again?.problems.map(problemText)
      log.warn('alerter', 'a file with a secret has changed, but the configuration cannot be read', {
        problems,
      })
      return undefined
    }
    const next = withMended(routing, integrationsIn(again.routing))
    if (next === undefined) return undefined
    const left = filesOf(next)
    const used = files.filter(file => !left.includes(file))
    if (used.length > 0) log.info('alerter', 'a file with a secret has come, and is used', { files: used })
    routing = next
    files = left
    return next
  }
}

const filesOf = (routing: Routing): string[] =>
  [...integrationsIn(routing).values()].flatMap(({ unready }) => unready?.file ?? [])

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

// What worked stays as it is: the other files are read again by a reload. Nothing where nothing has changed.
function withMended(routing: Routing, found: Ways): Routing | undefined {
  const mended = (each: Integration): Integration => {
    if (each.unready?.file === undefined) return each
    const other = found.get(each.id) ?? { ...each, unready: unusable(each.unready) }
    return other.unready?.reason === each.unready.reason ? each : other
  }
  let isOther = false
  const receivers = new Map<string, Receiver>()
  for (const [name, receiver] of routing.config.receivers) {
    const integrations = receiver.integrations.map(mended)
    isOther ||= integrations.some((each, at) => each !== receiver.integrations[at])
    receivers.set(name, { ...receiver, integrations })
  }
  return isOther ? { ...routing, config: { ...routing.config, receivers } } : undefined
}

const unusable = ({ file }: Unready): Unready => ({
  ...(file !== undefined && { file }),
  reason: 'Plimsoll does not send by what it holds: `plimsoll check` says why',
})
