// Reads what somebody supposes: `20%`, `2026-11-10..2026-11-12=2.5`, `cpu=64`. The same words in an address, on a page and
// on the command line; the message of what cannot be read says how it should look. Called by routes.
import { durationText, readDuration } from '#core/duration.ts'
import { Failure } from '#core/errors.ts'
import { dayText, readDay } from './days.ts'
import type { WhatIf } from './plan.ts'

export type Supposed = Readonly<{
  growth?: string | undefined
  event?: readonly string[] | undefined
  waterline?: string | undefined
  lead_time?: string | undefined
  unit_capacity?: readonly string[] | undefined
}>

const dayMs = 86_400_000
const leadDaysMost = 1_000
const eventDaysMost = 400
// Of each kind: all of them together are one plan.
const saidMost = 50

export function readWhatIf({
  growth,
  event = [],
  waterline,
  lead_time: lead,
  unit_capacity,
}: Supposed): WhatIf {
  const units = some('unit_capacity', unit_capacity).map(readUnit)
  const events = some('event', event).map(readEvent)
  return {
    ...(isSaid(growth) && { growth: readGrowth(growth) }),
    ...(isSaid(waterline) && { waterline: readShare(waterline) }),
    ...(isSaid(lead) && { leadDays: readLead(lead) }),
    ...(events.length > 0 && { events }),
    ...(units.length > 0 && { unitCapacity: Object.fromEntries(units) }),
  }
}

// Fields of a form that were left empty are not said.
const isSaid = (text: string | undefined): text is string => text !== undefined && text.trim() !== ''

function some(at: string, texts: readonly string[] = []): readonly string[] {
  const said = texts.filter(isSaid)
  if (said.length <= saidMost) return said
  throw new Failure('bad_request', `${at}: wanted at most ${saidMost} of them, found ${said.length}`)
}

const number = /^[+-]?\d+(?:\.\d+)?$/

const wanted = (what: string, form: string, found: string): Failure =>
  new Failure('bad_request', `${what}: wanted ${form}, found ${JSON.stringify(found)}`)

// `20%` is a fifth more, `-10%` a tenth less; `1.2` is what demand is multiplied by.
function readGrowth(text: string): number {
  const found = text.trim()
  const percent = found.endsWith('%') ? found.slice(0, -1).trim() : undefined
  if (!number.test(percent ?? found))
    throw wanted('growth', 'a share like 20%, or what demand is multiplied by, like 1.2', text)
  const growth = percent === undefined ? Number(found) : 1 + Number(percent) / 100
  if (growth >= 0 && growth <= 100) return growth
  throw wanted('growth', 'at least nothing (-100%) and at most a hundred times', text)
}

function readShare(text: string): number {
  const found = text.trim()
  const percent = found.endsWith('%') ? found.slice(0, -1).trim() : undefined
  const share = percent === undefined ? Number(found) : Number(percent) / 100
  if (number.test(percent ?? found) && share > 0 && share <= 1) return share
  throw wanted('waterline', 'a share above 0 and up to 100%, like 70%', text)
}

function readLead(text: string): number {
  const ms = text.trim() === '0' ? 0 : readDuration(text.trim())
  if (ms === undefined || ms % dayMs !== 0 || ms > leadDaysMost * dayMs)
    throw wanted('lead_time', `whole days up to ${durationText(leadDaysMost * dayMs)}, like 30d`, text)
  return ms / dayMs
}

const eventForm = 'days and a factor like 2026-11-10..2026-11-12=2.5, with a name before them if you like'
const eventText = /^(?:(.*?)\s+)?(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?=(\d+(?:\.\d+)?)$/u

function readEvent(text: string): NonNullable<WhatIf['events']>[number] {
  const [, name = '', from = '', to = from, factor = ''] = eventText.exec(text.trim()) ?? []
  const [fromDay, toDay] = [readDay(from), readDay(to)]
  if (fromDay === undefined || toDay === undefined || Number(factor) > 1_000)
    throw wanted('event', eventForm, text)
  if (toDay < fromDay || toDay - fromDay > eventDaysMost)
    throw wanted('event', `a last day after the first, at most ${eventDaysMost} days of it`, text)
  return { name: name || dayText(fromDay), fromDay, toDay, factor: Number(factor) }
}

function readUnit(text: string): readonly [string, number] {
  const at = text.lastIndexOf('=')
  const [name, size] = [text.slice(0, at).trim(), Number(text.slice(at + 1))]
  if (at > 0 && name !== '' && size > 0 && Number.isFinite(size)) return [name, size]
  throw wanted('unit_capacity', 'a resource and what a new unit has of it, like cpu=64', text)
}
