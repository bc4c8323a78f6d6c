// Who has taken an incident over, as messages say it: a name, or the last digits of a number. A chat has many readers, and
// Chinese SMS may carry no telephone number at all. Called by fields.ts, for SMS, and by words.ts.
import type { Message } from '../message.ts'
import { momentText } from './moment.ts'
import { shorten } from './shorten.ts'
import { tidy } from './tidy.ts'
import type { Tongue } from './tongue.ts'

const telephone = /^\+?\d{5,}$/
const usualMax = 60

export const whoText = (by: string, tongue: Tongue, nameMax = usualMax): string =>
  telephone.test(by) ? tongue.ownerOf(by.slice(-4)) : shorten(tidy(by), { chars: nameMax })

export const acknowledgedText = (message: Message, tongue: Tongue): string =>
  message.acknowledged === undefined
    ? ''
    : tongue.acknowledged(
        whoText(message.acknowledged.by, tongue),
        momentText(message.acknowledged.atMs, message, tongue),
      )
