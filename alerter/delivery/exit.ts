// By here requests leave, those of messages and what goes after them: each waits for a place at its host, and none leaves
// for whoever has to stop or has lost the turn. Called by sender.ts and trailing.ts.
import type { Outgoing } from '../channel.ts'
import { addressOf } from '../http/addresses.ts'
import type { How, Post, Sent } from '../post.ts'
import type { Asked, HostPlaces } from './host-places.ts'

export type Exit = (outgoing: Outgoing, asked: Asked, how: How) => Promise<Sent>

type Options = Readonly<{ post: Post; places: HostPlaces; isHeld(): boolean }>

export const openExit =
  ({ post, places, isHeld }: Options): Exit =>
  async (outgoing, asked, how) => {
    const leave = await places.enter(hostOf(outgoing), asked)
    if (leave === undefined) return notNow('its host keeps too many others waiting')
    try {
      // It may have waited, and this process may have slept.
      return how.signal.aborted || !isHeld() ? notNow('stopped') : await post.send(outgoing, how)
    } finally {
      leave()
    }
  }

const notNow = (reason: string): Sent => ({ ok: false, verdict: { kind: 'later', reason } })

export const hostOf = ({ url }: Outgoing): string => addressOf(url)?.host ?? ''
