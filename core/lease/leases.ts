// The leases of one process, out of what it owns and what it would own. Opened by bin/ once the state is, and closed
// before it.
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { endsWithin } from '../ends-within.ts'
import { Failure } from '../errors.ts'
import type { Campaign, Leases, Members, Work } from '../lease.ts'
import type { Log } from '../log.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { State } from '../state.ts'
import { openCampaign } from './campaign.ts'
import { openHeld, type Process } from './held.ts'
import { openLeaseCounts } from './lease-counts.ts'
import { aloneIn, type MembersOptions, openMembers } from './members.ts'
import { timing } from './timing.ts'
import { openWanted } from './wanted.ts'

export type LeasesOptions = Readonly<{
  state: State
  // What people call this process: its host and number. It is made unique here.
  owner: string
  clock: Clock
  log: Log
  own?: OwnMetrics | undefined
  // No other process has this state, and none can: what is wanted is taken at once and kept without renewing.
  sole?: boolean
}>

// Far more than the work has shares; every look and every renewal names all of them.
const campaignsMax = 1_000

export function openLeases({ state, owner, clock, log, own, sole = false }: LeasesOptions): Leases {
  const self = `${owner} ${randomBytes(6).toString('hex')}`
  const process: Process = { state, self, clock, log, counts: openLeaseCounts(own), sole }
  const held = openHeld(process)
  const wanted = openWanted(process, held)
  const campaigns = new Map<string, Campaign>()
  const joined = new Set<Members>()
  let closed: Promise<void> | undefined

  function campaign(name: string, work: Work): Campaign {
    if (closed !== undefined) throw new Failure('stopping', 'the leases are closed')
    if (campaigns.has(name)) throw new Error(`this process campaigns for ${name} already`)
    if (campaigns.size >= campaignsMax) throw new Error(`more than ${campaignsMax} campaigns in one process`)
    const next = (signal: AbortSignal) => wanted.next(name, signal)
    const onEnd = (): void => void campaigns.delete(name)
    const opened = openCampaign({ name, work, clock, log, next, handOver: held.handOver, onEnd })
    campaigns.set(name, opened)
    return opened
  }
  function members(kind: string, name: string, follow: MembersOptions['follow']): Members {
    if (closed !== undefined) throw new Failure('stopping', 'the leases are closed')
    const made = sole ? aloneIn(name, follow) : openMembers({ process, kind, self: name, follow, campaign })
    joined.add(made)
    return {
      async close() {
        await made.close()
        joined.delete(made)
      },
    }
  }
  async function close(): Promise<void> {
    const leaving = [...joined].map(each => each.close())
    const stopped = await Promise.allSettled([...campaigns.values()].map(each => each.stop()).concat(leaving))
    // What is asked of a state that hangs ends later, and is of no use by then.
    await endsWithin(timing.giveBackMs, Promise.all([wanted.end(), held.end()]), clock)
    for (const each of stopped) if (each.status === 'rejected') throw each.reason
  }
  const leases: Leases = {
    campaign,
    members,
    watch: wanted.watch,
    close() {
      closed ??= close()
      return closed
    },
    [Symbol.asyncDispose]: () => leases.close(),
  }
  return leases
}
