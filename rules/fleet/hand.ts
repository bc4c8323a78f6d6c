// The shares that this process is dealt: it campaigns for them while it is to have them, and gives back what it is not
// to have any more. Called by fleet.ts.
import type { Campaign, Leases, Work } from '#core/lease.ts'
import type { Log } from '#core/log.ts'
import { dealt, type Share, shares } from './shares.ts'

export type HandOptions = Readonly<{
  leases: Leases
  // The name of this process among those that have the role; the same after a restart.
  self: string
  log: Log
  work(share: Share, ...given: Parameters<Work>): ReturnType<Work>
}>

export type Hand = Readonly<{ close(): Promise<void> }>

export function openHand({ leases, self, log, work }: HandOptions): Hand {
  const campaigns = new Map<string, Campaign>()
  const leaving = new Set<string>()
  let present: readonly string[] = []
  let isClosed = false

  function deal(): void {
    const mine = present.includes(self) ? dealt(self, present) : new Set<string>()
    for (const share of shares) {
      const { name } = share
      const campaign = campaigns.get(name)
      if (mine.has(name)) {
        if (campaign === undefined && !isClosed) campaigns.set(name, begin(share))
      } else if (campaign !== undefined && !leaving.has(name)) void leave(name, campaign)
    }
  }
  function begin(share: Share): Campaign {
    return leases.campaign(share.name, (lease, signal) => work(share, lease, signal))
  }
  // What is on its way out may be dealt again only when it is, which may take longer than anybody waits for it.
  async function leave(name: string, campaign: Campaign): Promise<void> {
    leaving.add(name)
    await campaign.stop()
    await campaign.ended
    leaving.delete(name)
    campaigns.delete(name)
    deal()
  }
  leases.watch(shares.map(each => each.name))
  const members = leases.members('rules-process', self, now => {
    present = now
    // The log says equal lines once.
    log.info('rules', `the rules are dealt to ${now.join(', ')}`)
    deal()
  })
  return {
    async close() {
      isClosed = true
      await members.close()
      await Promise.all([...campaigns.values()].map(each => each.stop()))
    },
  }
}
