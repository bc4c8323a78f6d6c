// Numbers as messages have them: those of the report (report/figures.ts), in characters that a short message has room for.
// One no-break space or minus sign more, and an English SMS holds 70 characters instead of 160. Called by the words of both
// languages.
import * as figures from '../report/figures.ts'

const typed = (text: string): string => figures.plain(text).replaceAll(/[−–]/g, '-')

export const counted = (units: number): string => typed(figures.count(units))

// Three digits.
export const measured = (value: number, unit: string): string => typed(figures.amount(value, unit))

// To the cent.
export const money = (amount: number, currency: string): string => typed(figures.money(amount, currency))

export const percent = (share: number): string => `${typed(figures.digits(share * 100))} %`

// 12 servers, 1 server.
export const many = (count: number, what: string): string => typed(figures.units(count, what, 'en'))
