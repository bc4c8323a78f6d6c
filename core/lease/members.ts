// Who takes part in a kind of work: each member holds a lease of its own, `kind/self`, by which the others see that it
// lives, and looks at theirs. Called by leases.ts.

import { endsWithin } from '../ends-within.ts'
import type { Campaign, Leases, Members } from '../lease.ts'
import type { Process } from './held.ts'
import { lookAtKind } from './lease-rows.ts'
import { isPresent, type Presences, present } from './presence.ts'
import { openRounds } from './rounds.ts'
import { timing } from './timing.ts'

export type MembersOptions = Readonly<{
  process: Pick<Process, 'state' | 'clock' | 'log'>
  kind: string
  self: string
  follow(present: readonly string[]): void
  campaign: Leases['campaign']
}>

export function openMembers({ process, kind, self, follow, campaign }: MembersOptions): Members {
  const { state, clock, log } = process
  const prefix = `${kind}/`
  const rounds = openRounds({ clock, log, trouble: 'cannot see who takes part', round: lookAtAll })
  let presences: Presences = new Map()
  let lookedMs = Number.NEGATIVE_INFINITY
  let isAmong = false
  let told: string | undefined
  let isClosed = false

  async function lookAtAll(): Promise<number> {
    const rows = await lookAtKind(state.db, prefix)
    const seenMs = clock.monotonicMs()
    presences = present(presences, rows, seenMs - lookedMs)
    lookedMs = seenMs
    tell()
    return timing.beatMs
  }
  // Whether this process is among them it knows from its own lease, and not from what it sees of it.
  function tell(): void {
    if (isClosed || (told === undefined && !isAmong)) return
    const seen = [...presences.values()].filter(isPresent).map(({ row }) => row.name.slice(prefix.length))
    const names = [...new Set(seen).difference(new Set([self])), ...(isAmong ? [self] : [])].sort()
    const text = JSON.stringify(names)
    if (text === told) return
    told = text
    follow(names)
  }
  const membership: Campaign = campaign(`${prefix}${self}`, async (_lease, signal) => {
    const over = Promise.withResolvers<void>()
    const onEnd = (): void => {
      isAmong = false
      over.resolve()
      tell()
    }
    signal.addEventListener('abort', onEnd, { once: true })
    if (signal.aborted) return
    isAmong = true
    rounds.wake()
    await over.promise
  })
  rounds.wake()

  return {
    async close() {
      isClosed = true
      await Promise.all([membership.stop(), endsWithin(timing.giveBackMs, rounds.end(), clock)])
    },
  }
}

// Nobody else can have the state.
export function aloneIn(self: string, follow: MembersOptions['follow']): Members {
  let isClosed = false
  queueMicrotask(() => {
    if (!isClosed) follow([self])
  })
  return {
    async close() {
      isClosed = true
    },
  }
}
