// Several devices are one receiver: it is told when one device has it, since people carry one and not all. What the others
// said goes along. Pure. Called by the channel.
import type { Verdict } from '../channel.ts'
import { later, limited, refused } from '../http-channel.ts'

// Of one device. `gone`: its browser has ended it, so nobody will ever be told there.
export type DeviceVerdict =
  | Readonly<{ kind: 'accepted' }>
  | Extract<Verdict, { kind: 'later' } | { kind: 'refused' }>
  | Readonly<{ kind: 'gone'; reason: string }>

export type DeviceSaid = Readonly<{ device: string; verdict: DeviceVerdict }>

const namedMax = 10
const reasonMax = 300

// `missing`: those who are to be told and have no device.
export function verdictOf(said: readonly DeviceSaid[], missing: readonly string[]): Verdict {
  const failed = said.flatMap(({ device, verdict }) =>
    verdict.kind === 'accepted' ? [] : [`${device}: ${verdict.reason}`],
  )
  const reasons = [...failed, ...missing.map(user => `${user} has no device: it is added at /push`)]
  if (failed.length < said.length) return { kind: 'accepted', lost: few(reasons) }
  const verdicts = said.map(({ verdict }) => verdict)
  const reason = few(reasons).join('; ').slice(0, reasonMax) || 'nobody has a device: it is added at /push'
  const waiting = verdicts.filter(each => each.kind === 'later')
  // One is enough, so the first that may be asked again.
  if (waiting.length > 0) {
    const made = waiting.every(({ isLimit }) => isLimit === true) ? limited : later
    return made(reason, leastMs(waiting.map(({ afterMs }) => afterMs)))
  }
  const isMessage = verdicts.some(each => each.kind === 'refused' && each.because === 'message')
  return refused(isMessage ? 'message' : 'settings', reason)
}

// Who says nothing about it is asked when backoff says so.
const leastMs = (waits: readonly (number | undefined)[]): number | undefined =>
  waits.includes(undefined) ? undefined : Math.min(...(waits as readonly number[]))

const few = (reasons: readonly string[]): readonly string[] =>
  reasons.length <= namedMax
    ? reasons
    : [...reasons.slice(0, namedMax), `and ${reasons.length - namedMax} more`]
