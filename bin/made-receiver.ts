// A receiver of Alertmanager's configuration with the settings that our channels want, and what is not as it says there.
// Called by routing.ts.
import type { Problem } from '#core/config.ts'
import { durationText } from '#core/duration.ts'
import { henceOf } from '../alerter/alertmanager/unsendable.ts'
import { type Bounded, settingsFrom } from '../alerter/channels/from-alertmanager.ts'
import type { Integration, Receiver, Unready } from '../alerter/route.ts'

// In whose file it stands: settings with which Alertmanager starts are no reason not to start, and ones that are written
// for us are.
export type Whose = 'Alertmanager' | 'ours'

export type Made = Readonly<{
  receiver: Receiver
  problems: readonly Problem[]
  warnings: readonly Problem[]
}>

export function madeReceiver({ name, integrations }: Receiver, whose: Whose): Made {
  const all = integrations.map(each => ({ each, ...madeIntegration(each) }))
  const sent = all.filter(({ troubles }) => troubles.length === 0)
  const hence = henceOf([...new Set(sent.map(({ made }) => made.channel))])
  const problems: Problem[] = []
  const warnings: Problem[] = []
  for (const { each, troubles, notes } of all) {
    const { channel, unready } = each
    const say = (wanted: string, found: string): Problem => ({
      ...{ file: 'alertmanager', line: 0, column: 0, path: `receiver ${name}, ${channel}` },
      ...{ wanted, found },
    })
    const lacking = `${channel} of receiver ${name}, which Plimsoll does not send (${troubles.join('; ')}): ${hence}`
    if (whose === 'ours') {
      if (unready !== undefined) problems.push(say('a readable file', `${unready.file}: ${unready.reason}`))
      problems.push(...troubles.map(trouble => say('other settings', trouble)))
    } else if (troubles.length > 0) warnings.push(say('a way that Plimsoll has', lacking))
    warnings.push(...notes.map(({ wanted, found }) => say(wanted, found)))
  }
  return { receiver: { name, integrations: all.map(({ made }) => made) }, problems, warnings }
}

type Note = Readonly<{ wanted: string; found: string }>
type MadeIntegration = Readonly<{ made: Integration; troubles: readonly string[]; notes: readonly Note[] }>

function madeIntegration(each: Integration): MadeIntegration {
  const { unready, channel } = each
  if (unready !== undefined) return { made: unreadyBy(each, unready), troubles: [], notes: [] }
  const found = settingsFrom(channel, each.settings as object)
  if (!found.ok) {
    // It stays, so that whoever asks why nobody was told by it hears that.
    const reason = `Plimsoll does not send by these settings: ${found.problems.join('; ')}`
    return { made: unreadyBy(each, { reason }), troubles: found.problems, notes: [] }
  }
  const { settings, lacks, timeout } = found
  const without = lacks.map(key => ({ wanted: 'what Plimsoll knows', found: `${key}, which has no effect` }))
  const notes = timeout === undefined ? without : [...without, timeoutNote(timeout)]
  return { made: { ...each, settings }, troubles: [], notes }
}

// What it would be sent by is nothing that a channel knows.
const unreadyBy = (each: Integration, unready: Unready): Integration => ({
  ...each,
  settings: unready,
  unready,
})

const timeoutNote = ({ askedMs, ms }: Bounded): Note => ({
  wanted: 'a timeout from 100ms to 5m',
  found: `${durationText(askedMs)}, for which ${durationText(ms)} is taken`,
})
