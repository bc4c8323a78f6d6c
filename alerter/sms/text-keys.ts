// Settings of an SMS with a text of its own: how long, with which parts. Called by the schemas in channels/.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'

// The templates among them.
export const ownText = ({ text: own }: Readonly<{ text?: string | undefined }>): Record<string, string> =>
  own === undefined ? {} : { text: own }

export const smsTextKeys = {
  text: text.optional().describe('A template that outranks our own text.'),
  segments_max: count(1, 10).prefault(2).describe('The most segments of one message; each is paid.'),
  links: z.boolean().prefault(true).describe('Whether addresses may be in it; many providers refuse them.'),
  replies: z
    .boolean()
    .prefault(false)
    .describe('Whether replies reach us, so that it is said how to answer.'),
}
