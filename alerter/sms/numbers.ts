// Numbers of phones, and how many messages each may get: settings that SMS and calls share. Called by the schemas in
// channels/.
import { z } from 'zod'
import { count } from '#core/config/values.ts'
import type { Budget } from '../channel.ts'

const wanted = 'a number like +8613800000000'

// Blanks and dashes are for people.
export const phone = z
  .string({ error: wanted })
  .transform(written => written.replace(/[ ()-]/g, ''))
  .refine(written => /^\+?[1-9]\d{4,14}$/.test(written), { error: wanted })

export const phones = z.array(phone).min(1, { error: 'at least one number' }).max(100)

export const numbers = phones.describe(
  'Numbers, each with the code of its country; bare Chinese mobile numbers too.',
)

// With the code of its country; a bare mobile number of eleven digits is Chinese.
export function international(written: string): string {
  if (written.startsWith('+')) return written
  return /^1[3-9]\d{9}$/.test(written) ? `+86${written}` : `+${written}`
}

// Of settings with such numbers: who is told by them, and may answer.
export const phonesOf = ({ to = [] }: Readonly<{ to?: readonly string[] | undefined }>): readonly string[] =>
  to.map(international)

// As services at home want it.
export const chinese = (written: string): string =>
  written.replace(/^\+86(?=1\d{10}$)/, '').replace(/^\+/, '')

// What is usual in a day; and where there is a usual one, in an hour.
export const perDay = (day: number) => ({
  per_day: count(0, 100_000).prefault(day).describe('Messages to one number in a day; 0: no limit.'),
  per_month: count(0, 1_000_000)
    .prefault(0)
    .describe('Messages to one number in a calendar month; 0: no limit.'),
})

export const perHour = (hour: number, day: number) => ({
  per_hour: count(0, 1_000).prefault(hour).describe('Messages to one number in an hour; 0: no limit.'),
  ...perDay(day),
})

const dayMs = 86_400_000
const hourMs = 3_600_000

// Of the settings of a channel.
type Limits = Readonly<{
  to: readonly string[]
  per_hour?: number
  per_day?: number
  per_month?: number
}>

// A fifth is kept for what wakes people.
export function numberBudgets(name: string, { to, ...limit }: Limits): Budget[] {
  const limits = [
    { times: limit.per_day ?? 0, perMs: dayMs },
    { times: limit.per_hour ?? 0, perMs: hourMs },
    { times: limit.per_month ?? 0, per: 'month' as const },
  ].filter(({ times }) => times > 0)
  return to.flatMap((number, nth) =>
    limits.map(({ times, ...length }) => ({
      nth,
      key: `${name} ${international(number)}`,
      times,
      ...length,
      reserve: Math.floor(times / 5),
    })),
  )
}
