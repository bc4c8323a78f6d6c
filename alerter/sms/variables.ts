// What fills the templates that Chinese providers have approved, for SMS and for calls: each variable within its length,
// without anything that they refuse. Called by channels of Aliyun and Tencent.
import type { Message, ToldAlert } from '../message.ts'
import { momentText } from '../words/moment.ts'
import { placeOf } from '../words/place.ts'
import { shorten } from '../words/shorten.ts'
import { tidy } from '../words/tidy.ts'
import { titleOf, whatOf } from '../words/title.ts'
import { tongueOf } from '../words.ts'
import { withoutAddresses } from './without-addresses.ts'

// The state: fires or works again; where; what; since when; the number of the incident.
export const variableNames = ['state', 'where', 'what', 'since', 'number'] as const
export type VariableName = (typeof variableNames)[number]
export type Variables = Readonly<Record<VariableName, string>>

export function variablesOf(message: Message, charsMax: number): Variables {
  const tongue = tongueOf(message)
  const [first] = message.alerts
  const told = message.alerts.filter(({ status }) => status === first?.status)
  const began = first?.startsAtMs ?? message.atMs
  const raw: Variables = {
    state: message.kind === 'notice' || message.kind === 'canary' ? tongue.smsNotice : stateOf(message, told),
    where: told.length === 0 ? 'Plimsoll' : whereOf(told, message, charsMax),
    what: first === undefined || message.kind === 'digest' ? titleOf(message, tongue) : whatOf(first, tongue),
    since: momentText(began, message, tongue),
    number: message.incident === null ? '0' : String(message.incident),
  }
  const said = (text: string): string => plainText(text, charsMax)
  return {
    state: said(raw.state),
    where: said(raw.where),
    what: said(raw.what),
    since: said(raw.since),
    number: said(raw.number),
  }
}

const pictures = /\p{Extended_Pictographic}|\u200d|\ufe0f|\u2068|\u2069/gu

// An empty variable is refused as a missing one.
const plainText = (text: string, charsMax: number): string =>
  shorten(withoutAddresses(tidy(text).replace(pictures, '').trim()), { chars: charsMax }) || '-'

function stateOf(message: Message, told: readonly ToldAlert[]): string {
  const tongue = tongueOf(message)
  const listed = message.alerts.filter(({ status }) => status === 'resolved').length
  const ended = listed + message.truncated.resolved
  // A digest counts them itself.
  const isCounted = ended > 0 && message.kind !== 'digest'
  if (message.status === 'firing') {
    const taken = message.acknowledged === undefined ? '' : tongue.smsTaken
    return tongue.smsFires + taken + (isCounted ? tongue.smsEnded(ended) : '')
  }
  return told.length > 0 && told.every(({ stale }) => stale) ? tongue.noData : tongue.worksAgain
}

// The first places, and how many others there are, which is never cut off.
function whereOf(told: readonly ToldAlert[], message: Message, charsMax: number): string {
  const tongue = tongueOf(message)
  const places = [...new Set(told.map(({ labels }) => withoutAddresses(placeOf(labels))))]
  const [place = '', ...others] = places.filter(each => each !== '')
  const [first] = told
  const more = others.length + (first === undefined ? 0 : message.truncated[first.status])
  const tail = more > 0 ? tongue.andOthers(more) : ''
  return shorten(place, { chars: Math.max(4, charsMax - tail.length) }) + tail
}
