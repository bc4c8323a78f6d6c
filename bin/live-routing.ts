// The routing that a process goes by now: another one after a reload, or when a file has come that a way to tell waited
// for. Called by alerter.ts.
import { readFileSync } from 'node:fs'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { Integration, Receiver } from '../alerter/route.ts'
import { integrationsIn, type Routing } from './routing.ts'

export interface LiveRouting {
  routing(): Routing
  // Another map is another configuration.
  integrations(): ReadonlyMap<string, Integration>
  // The ways of both are there until `follow` is through, which may tell something at once.
  replace(next: Routing, follow: () => Promise<void> | undefined): Promise<void>
}

type Options = Readonly<{ clock: Clock; log: Log }>

// Whoever sends asks often, and most of the time nothing has come.
const lookMs = 1_000

export function openLiveRouting(first: Routing, options: Options): LiveRouting {
  let routing = first
  let integrations = integrationsIn(first)
  let mended = openMending(first, options)

  const take = (next: Routing): void => {
    routing = next
    integrations = integrationsIn(next)
    mended = openMending(next, options)
  }
  const look = (): void => {
    const found = mended()
    if (found !== undefined) take(found)
  }
  return {
    routing() {
      look()
      return routing
    },
    integrations() {
      look()
      return integrations
    },
    async replace(next, follow) {
      mended = neverMended
      integrations = new Map([...integrations, ...integrationsIn(next)])
      await follow()
      take(next)
    },
  }
}

// Answers with what it becomes when a file has come, or holds something else than before.
type Mending = () => Routing | undefined

const neverMended: Mending = () => undefined

function openMending(routing: Routing, { clock, log }: Options): Mending {
  const files = [...integrationsIn(routing).values()].flatMap(({ unready }) => unready?.file ?? [])
  if (files.length === 0) return neverMended
  const seen = new Map(files.map(file => [file, textIn(file)]))
  let lookedMs = clock.monotonicMs()
  return () => {
    const nowMs = clock.monotonicMs()
    if (nowMs - lookedMs < lookMs) return undefined
    lookedMs = nowMs
    const isOther = ([file, text]: readonly [string, string | undefined]): boolean => textIn(file) !== text
    if (![...seen].some(isOther)) return undefined
    const next = routing.again?.().routing
    if (next === undefined) return undefined
    log.info('alerter', 'a file with a secret has changed, and is used', {
      files: [...seen].filter(isOther).map(([file]) => file),
    })
    return withMended(routing, integrationsIn(next))
  }
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

// What worked stays as it is: the other files are read again by a reload.
function withMended(routing: Routing, found: ReadonlyMap<string, Integration>): Routing {
  const mended = (each: Integration): Integration =>
    each.unready === undefined ? each : (found.get(each.id) ?? each)
  const receivers = new Map<string, Receiver>(
    [...routing.config.receivers].map(([name, receiver]) => [
      name,
      { ...receiver, integrations: receiver.integrations.map(mended) },
    ]),
  )
  return { ...routing, config: { ...routing.config, receivers } }
}
