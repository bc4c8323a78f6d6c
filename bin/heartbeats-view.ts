// What the service says of heartbeats, and how it looks to a person: those in trouble stand on top. Called by the command
// `heartbeats`.
import { durationText } from '#core/duration.ts'
import type { HeartbeatLine } from '../alerter/api/heartbeat-routes.ts'
import type { Color, Paint } from './paint.ts'
import { tableText } from './table.ts'
import { timeText } from './when.ts'

export const heartbeatsPath = '/api/plimsoll/v1/heartbeats'

const states = ['failed', 'missing', 'late', 'waiting', 'well'] as const satisfies HeartbeatLine['state'][]
const colours: Partial<Record<HeartbeatLine['state'], Color>> = {
  failed: 'red',
  missing: 'red',
  late: 'yellow',
  well: 'green',
}

export const isTrouble = ({ state }: HeartbeatLine): boolean => state === 'failed' || state === 'missing'

type View = Readonly<{ timeZone: string; paint: Paint }>

export function heartbeatsText(lines: readonly HeartbeatLine[], { timeZone, paint }: View): string {
  const columns = [
    'state',
    'heartbeat',
    'every',
    'grace',
    `last (${timeZone})`,
    `missing from (${timeZone})`,
    'it says',
  ]
  const moment = (atMs: number | null): string =>
    atMs === null ? '' : timeText(Math.floor(atMs / 1_000) * 1_000, timeZone)
  const rows = lines
    .toSorted((one, other) => states.indexOf(one.state) - states.indexOf(other.state))
    .map(({ state, name, everyMs, graceMs, lastAtMs, dueAtMs, failed }) => [
      state,
      name,
      durationText(everyMs),
      durationText(graceMs),
      moment(lastAtMs) || 'never',
      moment(dueAtMs),
      failed?.text.split('\n', 1)[0] ?? '',
    ])
  const text = tableText(
    columns.map(title => ({ title })),
    rows,
  )
  // A word of the first column has the same width in colour.
  return text.replaceAll(/^(failed|missing|late|well)(?= )/gm, word =>
    paint(colours[word as HeartbeatLine['state']]!, word),
  )
}
