// The kinds of values below `capacity` of plimsoll.yml that no other key has: shares, whole days, questions, spare units.
// Called by pool.ts, resource.ts and advice.ts.
import { z } from 'zod'
import { duration } from '#core/config/values.ts'
import { Failure } from '#core/errors.ts'
import { parse } from '#promql/parse.ts'
import { typeOf } from '#promql/type-of.ts'
import { readDay } from '../days.ts'
import type { Spare } from '../pool.ts'

const dayMs = 86_400_000

const shareWanted = 'a share above 0 and at most 1, like 70% or 0.7'

// 70% and 0.7 are the same.
export const share = z
  .union([z.string(), z.number()], { error: shareWanted })
  .meta({ kind: 'share' })
  .transform((value, context) => {
    const [, percent] = /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(String(value)) ?? []
    const bare = typeof value === 'number' || /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
    const found = percent === undefined ? bare : Number(percent) / 100
    if (found > 0 && found <= 1) return found
    const hint = bare > 1 && bare <= 100 ? `for ${bare} percent: ${bare}%` : undefined
    context.addIssue({ code: 'custom', message: shareWanted, params: { hint } })
    return z.NEVER
  })

export const wholeDays = (atLeast: string, atMost: string) =>
  duration({ atLeast, atMost }).transform((ms, context) => {
    if (ms % dayMs === 0) return ms / dayMs
    context.addIssue({ code: 'custom', message: 'whole days, like 30d' })
    return z.NEVER
  })

const questionWanted = 'a question of PromQL that answers with numbers'

// Its text, once it is known that it can be read.
export const question = z
  .string({ error: questionWanted })
  .meta({ kind: 'PromQL' })
  .transform((text, context) => {
    const refuse = (hint: string): never => {
      context.addIssue({ code: 'custom', message: questionWanted, params: { hint } })
      return z.NEVER
    }
    try {
      const type = typeOf(parse(text))
      if (type === 'vector' || type === 'scalar') return text
      return refuse(
        type === 'string' ? 'this is a text' : 'this is a window of time: put a function around it',
      )
    } catch (error) {
      if (error instanceof Failure) return refuse(error.detail)
      throw error
    }
  })

export const amount = (wanted: string, isFine: (value: number) => boolean) =>
  z
    .number({ error: wanted })
    .refine(value => Number.isFinite(value) && isFine(value), { error: wanted })
    .meta({ kind: 'number' })

export const positive = () => amount('a number above 0', value => value > 0)

// No control characters: names go into labels, files and messages.
export const name = z
  .string()
  .regex(/^[^\p{Cc}\s](?:[^\p{Cc}]{0,198}[^\p{Cc}\s])?$/u, {
    error: 'a name of at most 200 characters, with no control characters and no space at its ends',
  })
  .meta({ kind: 'text' })

export const labelName = z
  .string()
  .regex(/^(?!__)[A-Za-z_]\w*$/, {
    error: 'a label name: letters, digits and _, not beginning with a digit or __',
  })
  .meta({ kind: 'label' })

const dayWanted = 'a day like 2026-11-10'

export const day = z
  .string({ error: dayWanted })
  .meta({ kind: 'day' })
  .transform((text, context) => {
    const found = readDay(text)
    if (found !== undefined) return found
    context.addIssue({ code: 'custom', message: dayWanted })
    return z.NEVER
  })

const spareWanted = 'N+1, N+2 … for units that stay unused, zone for the largest zone, or none'

export const spare = z
  .string({ error: spareWanted })
  .meta({ kind: 'N+1 \\| zone \\| none' })
  .transform((text, context): Spare => {
    if (text === 'zone') return { kind: 'zone' }
    const [, units = text === 'none' ? '0' : undefined] = /^N\+(\d{1,4})$/i.exec(text) ?? []
    if (units !== undefined) return { kind: 'units', units: Number(units) }
    context.addIssue({ code: 'custom', message: spareWanted })
    return z.NEVER
  })
