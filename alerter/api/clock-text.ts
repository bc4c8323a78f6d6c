// When something happened, to the second, for lists in which people compare times. Called by the page of an incident and
// by the words of why.
import { offsetMs } from '#core/zone.ts'

export type Here = Readonly<{ timeZone: string; nowMs: number }>

// `12:03:05`, with the day before it where it is another one.
export function clockText(atMs: number, { timeZone, nowMs }: Here): string {
  const [day, time] = shown(atMs, timeZone)
  return day === shown(nowMs, timeZone)[0] ? time : `${day} ${time}`
}

function shown(atMs: number, timeZone: string): readonly [day: string, time: string] {
  const text = new Date(atMs + offsetMs(timeZone, atMs)).toISOString()
  return [text.slice(0, 10), text.slice(11, 19)]
}
