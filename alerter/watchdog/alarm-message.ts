// What the watchdog says, as a message: services open something at its beginning, and close the same at its end. Called by
// direct.ts.
import { labelsOf } from '#core/labels.ts'
import { spokenMessage, type Voice } from '../delivery/spoken.ts'
import type { Message } from '../message.ts'
import { type Alarm, keyOf } from './watch.ts'
import type { Words } from './words.ts'

export type How = 'begun' | 'over'

export type Said = Readonly<{ id: string; alarm: Alarm; words: Words; how: How; atMs: number }>

type To = Readonly<{ receiver: string; atMs: number }>

export function alarmMessage({ id, alarm, words, how }: Said, to: To, voice: Voice): Message {
  const about = keyOf(alarm.road)
  const urgency = how === 'begun' ? 'page' : 'normal'
  const labels = labelsOf([['road', about]])
  return {
    ...spokenMessage(
      { kind: 'notice', ...words, path: null, picture: null },
      { id, urgency, groupKey: `watchdog:${about}`, ...to },
      voice,
    ),
    kind: 'alarm',
    status: how === 'begun' ? 'firing' : 'resolved',
    groupLabels: labels,
    commonLabels: labels,
  }
}
