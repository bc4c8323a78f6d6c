// What a language must be able to say of an alert. en.ts and zh.ts say it; words.ts chooses between them, and all who
// make texts are called with one.
import type { Language } from '#core/http/language.ts'

export type Tongue = Readonly<{
  language: Language
  // Between a place and what is wrong there, and between a label and its text.
  colon: string
  // Of an alert without a name.
  unnamed: string
  // Between the items of a list, and between two thoughts.
  comma: string
  labels: Readonly<Record<LineName, string>>
  // What stands on a button, and in the place of a link.
  open: string
  // Of a title that tells of more than one.
  andMore(count: number): string
  // Of a list that names some of them.
  andOthers(count: number): string
  worksAgain: string
  noData: string
  // Some of what ended works, of the others nobody knows.
  endedApart(well: number, unknown: number): string
  nobodyKnows: string
  digest(firing: number, ended: number): string
  truncated(count: number): string
  since(start: string, lasted: string): string
  sinceApart(first: string, last: string, lasted: string): string
  lasted(start: string, end: string, lasted: string): string
  // Behind its label.
  acknowledged(by: string, at: string): string
  // Of a person who is known by a number only, which not everybody who reads this needs to learn.
  ownerOf(lastDigits: string): string
  valueAgainst(value: string, threshold: string): string
  range(low: string, high: string): string
  units: Readonly<{ day: string; hour: string; minute: string; second: string }>
  // How Intl writes days here.
  locale: string
  smsFires: string
  smsNotice: string
  // Behind `smsFires`, of those that ended meanwhile.
  smsEnded(count: number): string
  smsSince(start: string, lasted: string, isFiring: boolean): string
  smsNumber(incident: number): string
  smsAnswer(incident: number): string
  // `by` may be empty.
  smsAcknowledged(by: string, at: string): string
  // Behind `smsFires`.
  smsTaken: string
  // Said aloud by a voice of the service.
  spoken: Readonly<{
    greeting: string
    number(incident: string): string
    again: string
    // At the end of a sentence.
    stop: string
    // What signs of comparison are called, the longer ones first.
    signs: Readonly<Record<string, string>>
    taken: string
    press: string
    voice: string
  }>
  // What the picture beside a message shows.
  lastHour: string
  canaryTitle: string
  canaryText: string
}>

export const lineNames = [
  'what',
  'where',
  'severity',
  'since',
  'lasted',
  'value',
  'tried',
  'acknowledged',
  'worksAgain',
  'noData',
  'more',
  'runbook',
  'incident',
  'link',
] as const
export type LineName = (typeof lineNames)[number]
