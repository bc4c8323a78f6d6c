// What the service says of silences, and how it looks to a person. Called by the commands `silence …`.
import type { Matcher } from '#core/model.ts'
import { matchersText } from '../alerter/matcher.ts'
import { tableText } from './table.ts'
import { timeText } from './when.ts'

export const silencesPath = '/api/v2/silences'
export const silencePath = (id: string): string => `/api/v2/silence/${encodeURIComponent(id)}`

export type SilenceMatcher = Readonly<{ name: string; value: string; isRegex: boolean; isEqual: boolean }>

// As in Alertmanager's API.
export type SilenceLine = Readonly<{
  id: string
  status: Readonly<{ state: 'active' | 'pending' | 'expired' }>
  matchers: readonly SilenceMatcher[]
  startsAt: string
  endsAt: string
  createdBy: string
  comment: string
}>

export const sentMatcher = ({ name, op, value }: Matcher): SilenceMatcher => ({
  name,
  value,
  isRegex: op === '=~' || op === '!~',
  isEqual: op === '=' || op === '=~',
})

const shownMatcher = ({ name, value, isRegex, isEqual }: SilenceMatcher): Matcher => ({
  name,
  op: isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=',
  value,
})

// One that is to come is told by its beginning too.
export function silencesText(silences: readonly SilenceLine[], timeZone: string): string {
  const columns = ['id', 'state', 'alerts with', `until (${timeZone})`, 'by', 'comment']
  const rows = silences.map(({ id, status, matchers, startsAt, endsAt, createdBy, comment }) => {
    const from = status.state === 'pending' ? `${secondText(startsAt, timeZone)} – ` : ''
    const which = matchersText(matchers.map(shownMatcher)).slice(1, -1)
    return [id, status.state, which, from + secondText(endsAt, timeZone), createdBy, comment]
  })
  return tableText(
    columns.map(title => ({ title })),
    rows,
  )
}

export const secondText = (iso: string, timeZone: string): string =>
  timeText(Math.floor(Date.parse(iso) / 1_000) * 1_000, timeZone)
