// What an SMS says: the title, since when, what ended, where else, what was tried, how to answer, and the link where one
// may be in it. Called by channels that send SMS with a text of their own.
import { isSpoken, type Message, type ToldAlert } from '../message.ts'
import { asGsm7, isGsm7, segmentsOf } from '../segments.ts'
import { whoText } from '../words/acknowledged.ts'
import { endedFields } from '../words/ended.ts'
import { listText } from '../words/field.ts'
import { lengthText, momentText } from '../words/moment.ts'
import { placeOf } from '../words/place.ts'
import { charsOf, shorten } from '../words/shorten.ts'
import { tidy } from '../words/tidy.ts'
import { titleOf } from '../words/title.ts'
import type { Tongue } from '../words/tongue.ts'
import { tongueOf } from '../words.ts'
import { withoutAddresses } from './without-addresses.ts'

// As the settings have it.
type SmsLimits = Readonly<{
  // Each is paid.
  segments_max: number
  // Whether an address may be in it; Chinese providers refuse them.
  links: boolean
  // Whether an answer reaches us.
  replies: boolean
}>

// `own` is what a template of the operator became: it outranks ours, and is cut where it is too long.
export function smsText(message: Message, limits: SmsLimits, own?: string): string {
  const { links, segments_max: segmentsMax } = limits
  const safe = (text: string): string => (links ? text : withoutAddresses(text))
  if (own !== undefined) return cut(safe(own), '', segmentsMax)
  const form = (text: string): string => (message.language === 'en' ? asGsm7(text) : text)
  const { title, details, firstOnes, needed } = smsParts(message, limits)
  const textOf = (head: string, kept: number): string =>
    form([head, ...details.slice(0, kept)].map(safe).concat(needed).join('\n'))
  // The first that fits: with all details, then with fewer, then with a shorter title. The first details are worth more
  // than the end of a long title.
  for (let kept = details.length; kept > 0; kept--) {
    const text = textOf(title, kept)
    if (isWithin(text, segmentsMax)) return text
  }
  for (let kept = firstOnes; kept > 0; kept--) {
    const text = textOf(shorten(title, { chars: titleEnough }), kept)
    if (isWithin(text, segmentsMax)) return text
  }
  if (isWithin(textOf(title, 0), segmentsMax)) return textOf(title, 0)
  // The link goes before the number does, by which people answer.
  for (let kept = needed.length; kept > 0; kept--) {
    const tail = needed.slice(0, kept).map(each => `\n${each}`)
    const text = cut(form(safe(title)), tail.join(''), segmentsMax)
    if (text !== '') return text
  }
  return cut(form(safe(title)), '', segmentsMax)
}

// Of a title that leaves no room for anything else.
const titleEnough = 70

const isWithin = (text: string, segmentsMax: number): boolean => segmentsOf(text).parts.length <= segmentsMax

// So much of the text that it fits with what must follow; nothing when that alone is too much.
function cut(text: string, tail: string, segmentsMax: number): string {
  const form = isGsm7(text) ? asGsm7 : (found: string): string => found
  for (let chars = Math.min(charsOf(text), segmentsMax * 160); chars > 0; chars -= 3) {
    const found = form(shorten(text, { chars }) + tail)
    if (isWithin(found, segmentsMax)) return found
  }
  return ''
}

const namedMax = 5
const listChars = 60

// Where else it is, beside the place in the title; the title of a digest names none.
function othersOf(told: readonly ToldAlert[], { kind }: Message, tongue: Tongue): string[] {
  const all = [...new Set(told.map(({ labels }) => placeOf(labels)))].filter(place => place !== '')
  const places = kind === 'digest' ? all : all.slice(1)
  const named = places.slice(0, namedMax)
  const list = listText(named, places.length - named.length, tongue)(listChars)
  return places.length === 0 ? [] : [kind === 'digest' ? list : `+ ${list}`]
}

// Details go from the last to the first when there is no room; what is needed stays as long as it can, its first the
// longest, and nothing of it is anybody's words.
type Parts = Readonly<{
  title: string
  details: readonly string[]
  firstOnes: number
  needed: readonly string[]
}>

function smsParts(message: Message, { links, replies }: SmsLimits): Parts {
  const tongue = tongueOf(message)
  const title = titleOf(message, tongue)
  const { status } = message
  const link = links && message.link !== null ? [message.link] : []
  if (isSpoken(message)) return { title, details: [tidy(message.text)], firstOnes: 1, needed: link }
  if (message.kind === 'canary') return { title, details: [tongue.canaryText], firstOnes: 1, needed: link }
  const first = message.alerts[0]
  const began = first === undefined ? message.atMs : first.startsAtMs
  const endedMs = first?.endsAtMs ?? message.atMs
  const lasted = lengthText((status === 'firing' ? message.atMs : endedMs) - began, tongue)
  const since = tongue.smsSince(momentText(began, message, tongue), lasted, status === 'firing')
  const tried = first?.tried.at(-1)
  const told = message.alerts.filter(each => each.status === first?.status)
  const ended = endedFields(told, message, tongue, namedMax).map(
    ({ label, text }) => `${label}${tongue.colon}${text(listChars)}`,
  )
  const owner = ownerText(message, links, tongue)
  const details = [
    ...owner,
    since,
    ...(message.status === 'firing' ? ended : []),
    ...othersOf(told, message, tongue),
    ...(tried === undefined ? [] : [`${tongue.labels.tried}${tongue.colon}${tidy(tried)}`]),
  ]
  const needed = [...numberText(message, replies, tongue), ...link]
  return { title, details, firstOnes: owner.length + 1, needed }
}

// How to answer, until somebody has.
function numberText(message: Message, mayReply: boolean, tongue: Tongue): readonly string[] {
  const { incident, status, acknowledged } = message
  if (incident === null) return []
  const isAsked = mayReply && status === 'firing' && acknowledged === undefined
  return [isAsked ? tongue.smsAnswer(incident) : tongue.smsNumber(incident)]
}

const nameMax = 12

function ownerText(message: Message, links: boolean, tongue: Tongue): readonly string[] {
  const { incident, status, acknowledged, language } = message
  if (incident === null || status !== 'firing' || acknowledged === undefined) return []
  const { by, atMs } = acknowledged
  // Before it is cut: what is left of an address is none that anybody would find.
  const name = whoText(links ? by : withoutAddresses(by), tongue, nameMax)
  // Letters beyond GSM-7 leave less than half the room to all others.
  const isDear = language === 'en' && !isGsm7(asGsm7(name)) && isGsm7(asGsm7(titleOf(message, tongue)))
  return [tongue.smsAcknowledged(isDear ? '' : name, momentText(atMs, message, tongue))]
}
