// A request and its facts as programs read them: days as 2026-12-31, reasons in words, what may be done next, and nothing that
// is only ours. Called by the routes and by notices; the commands show what these types say.
import type { Language } from '#core/http/language.ts'
import { dayText } from '../days.ts'
import type { Basis, Request, RequestFact } from '../request.ts'
import { actsOf } from './life.ts'
import { factWhyText, whyText } from './words.ts'

type Day = string | null

export type RequestJson = Readonly<
  Omit<Request, 'neededDay' | 'dueDay' | 'basis' | 'part'> & {
    part: Readonly<Record<string, string>>
    needed: string
    due: Day
    basis: BasisJson | null
    // What may be done to it now.
    may: readonly string[]
  }
>

export type BasisJson = Readonly<
  Omit<Basis, 'asOfDay' | 'targetDay' | 'earlyDay' | 'likelyDay' | 'lateDay'> & {
    asOf: string
    target: string
    early: Day
    met: Day
    late: Day
  }
>

export type FactJson = RequestFact

const orNull = (day: number | null): Day => (day === null ? null : dayText(day))

export function requestJson(request: Request, language: Language): RequestJson {
  const { neededDay, dueDay, basis, ...rest } = request
  return {
    ...rest,
    why: whyText(request, language),
    ...{ needed: dayText(neededDay), due: orNull(dueDay), may: actsOf(request) },
    basis: basis === null ? null : basisJson(basis),
  }
}

function basisJson({ asOfDay, targetDay, earlyDay, likelyDay, lateDay, ...rest }: Basis): BasisJson {
  return {
    ...rest,
    ...{ asOf: dayText(asOfDay), target: dayText(targetDay) },
    ...{ early: orNull(earlyDay), met: orNull(likelyDay), late: orNull(lateDay) },
  }
}

// Details name days by number where they are days.
export function factJson(fact: RequestFact, language: Language): FactJson {
  const details = Object.fromEntries(
    Object.entries(fact.details).map(([name, value]) => [name, name.endsWith('Day') ? days(value) : value]),
  )
  return { ...fact, why: factWhyText(fact, language), details }
}

function days(value: unknown): unknown {
  if (typeof value === 'number') return dayText(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, days(each)]))
}
