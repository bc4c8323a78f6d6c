// Who does what only one process may do? A port: a process campaigns for a name and works while it owns it. Called by
// every room whose work needs one owner: shares of partitions, global rule groups, the alerter's turn, the capacity job.
//
// What an owner writes to the state names its epoch, and is refused in its own transaction once there is a newer one.
// What it does elsewhere (Kafka, HTTP, a message to a person) nobody can refuse: a process that sleeps between
// isHeld() and the send sends after its successor. So ask isHeld() right before, pass the signal on, and let what is
// sent carry an id that makes a second one harmless.
import type { State } from './state.ts'

export interface Lease {
  readonly name: string
  // One more with each owner.
  readonly epoch: number
  // As those of the state, sharing its commits, and refused as lease_lost when somebody else is the owner by then.
  // A transaction that keeps others from writing for seconds keeps owners from renewing: let it be short.
  readonly write: State['write']
  readonly transaction: State['transaction']
  // Whether nobody else can be the owner just now, as far as this machine's clocks tell.
  isHeld(): boolean
}

// Works until the signal is aborted, and then ends soon: the next owner may begin a second later. Until the process
// stops, that is; then the lease is held until it has ended, so that it can write down where it was.
// A Failure ends it too, and it is tried again later, here or elsewhere; any other error is a bug.
export type Work = (lease: Lease, signal: AbortSignal) => Promise<void>

export interface Campaign {
  // Rejects with a bug of the work, which ends the process unless somebody handles it.
  readonly ended: Promise<void>
  // Ends the work and hands over.
  stop(): Promise<void>
}

export interface Members {
  // Leaves. `follow` hears nothing more.
  close(): Promise<void>
}

export interface Leases extends AsyncDisposable {
  // For ever: becomes the owner as soon as there is none, works, and begins again after a loss. A name is a kind, or
  // `kind/what` of those that are many.
  campaign(name: string, work: Work): Campaign
  // Which processes take part in a kind of work just now? `self` is the name of this one there, the same after a
  // restart; no other lease is of this kind. `follow` hears all their names, sorted, whenever that has changed, and
  // first when this process is among them. One that was killed is gone after some eight seconds, one that closed after
  // two. While the state is away nobody goes but this process itself, after five seconds; it comes back by itself.
  members(kind: string, self: string, follow: (present: readonly string[]) => void): Members
  // Looks at these from now on. Who campaigns later for one whose owner is silent need not wait as long again.
  watch(names: readonly string[]): void
  close(): Promise<void>
}
