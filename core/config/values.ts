// The kinds of values in the configuration: how each is written, checked and turned into what code uses. The
// message of every check says what was wanted. Called by schema.ts and by the schemas of inputs.
import { z } from 'zod'
import { durationPattern, readDuration } from '../duration.ts'
import { refusalOf } from '../guard.ts'
import { Secret } from '../secret.ts'
import { readSize, sizePattern } from '../size.ts'
import { didYouMean } from './problem.ts'

// `kind` is for the generated documents; `restart` says that a change needs one.
declare module 'zod' {
  interface GlobalMeta {
    kind?: string
    restart?: boolean
    secret?: boolean
  }
}

// Refusals of transforms carry what was wanted as message and what may help as `params.hint`.
function refuse(context: z.RefinementCtx, wanted: string, hint?: string): never {
  context.addIssue({ code: 'custom', message: wanted, params: { hint } })
  return z.NEVER
}

export const text = z.string().min(1, { error: 'text' }).meta({ kind: 'text' })

// `~` would become a folder of that name beside the file.
export const folder = text
  .refine(value => !/^~(\/|$)/.test(value), {
    error: 'a path from / or from the folder of the file; ~ is for shells only',
  })
  .meta({ kind: 'text' })

// Prints as stars wherever it goes.
export const secret = z
  .string()
  .min(1, { error: `a secret, best as \${NAME} or \${file:path}` })
  .meta({ kind: 'secret', secret: true })
  .transform(value => new Secret(value))

export const durationWanted = 'a duration like 10s, 5m or 1h30m'

type Bounds = Readonly<{ atLeast?: string; atMost?: string }>

// In milliseconds.
export function duration({ atLeast = '0', atMost = '292y' }: Bounds = {}) {
  const [leastMs, mostMs] = [readDuration(atLeast) ?? 0, readDuration(atMost) ?? Number.POSITIVE_INFINITY]
  return z
    .union([z.string({ error: durationWanted }).meta({ pattern: durationPattern.source }), z.literal(0)], {
      error: durationWanted,
    })
    .meta({ kind: 'duration' })
    .transform((value, context) => {
      const ms = readDuration(String(value))
      if (ms === undefined) return refuse(context, durationWanted)
      if (ms < leastMs) return refuse(context, `at least ${atLeast}`)
      if (ms > mostMs) return refuse(context, `at most ${atMost}`)
      return ms
    })
}

export const sizeWanted = 'a size like 512kB, 32MiB or 1GB'

// In bytes.
export function size({ atLeast = '1B', atMost = '1TiB' }: Bounds = {}) {
  const [leastBytes, mostBytes] = [readSize(atLeast) ?? 0, readSize(atMost) ?? Number.POSITIVE_INFINITY]
  return z
    .string({ error: sizeWanted })
    .meta({ kind: 'size', pattern: sizePattern.source })
    .transform((value, context) => {
      const bytes = readSize(value)
      if (bytes === undefined) return refuse(context, sizeWanted)
      if (bytes < leastBytes) return refuse(context, `at least ${atLeast}`)
      if (bytes > mostBytes) return refuse(context, `at most ${atMost}`)
      return bytes
    })
}

export const count = (atLeast: number, atMost: number) =>
  z
    .int({ error: 'a whole number' })
    .min(atLeast, { error: `a whole number from ${atLeast} up` })
    .max(atMost, { error: `at most ${atMost}` })
    .meta({ kind: 'number' })

export type Address = Readonly<{ host: string; port: number }>

const addressWanted = 'host:port, like 127.0.0.1:1876, [::1]:1876 or :1876 for every address'

export function readAddress(written: string): Address | undefined {
  const [, inner, host, port] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]*)):(\d{1,5})$/.exec(written) ?? []
  if (port === undefined || Number(port) > 65_535) return undefined
  return { host: inner ?? (host === '' || host === undefined ? '0.0.0.0' : host), port: Number(port) }
}

export const addressText = ({ host, port }: Address): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

export const address = z
  .string({ error: addressWanted })
  .meta({ kind: 'host:port' })
  .transform((value, context) => {
    const found = readAddress(value)
    if (found !== undefined) return found
    const hint = /^\d+$/.test(value) ? `for port ${value} on this machine: 127.0.0.1:${value}` : undefined
    return refuse(context, addressWanted, hint)
  })

const urlWanted = 'an address that begins with http:// or https://'

// Without the slash at its end, so that paths can follow.
export const url = z
  .string({ error: urlWanted })
  .meta({ kind: 'URL' })
  .transform((value, context) => {
    const found = URL.canParse(value) ? new URL(value) : undefined
    if (found === undefined || !/^https?:$/.test(found.protocol)) return refuse(context, urlWanted)
    if (found.search !== '' || found.hash !== '') return refuse(context, `${urlWanted}, without ? and #`)
    const why = refusalOf(found.hostname, 'operator')
    if (why !== undefined) return refuse(context, `an address that may be asked: ${why}`)
    return value.replace(/\/+$/, '')
  })

// Of a URL: empty, or without the slash at its end.
export const pathOf = (url: string): string => new URL(url).pathname.replace(/\/+$/, '')

const prefixWanted = 'a path like /plimsoll, or / for none'

// Empty, or one slash before each part and none behind.
export const prefix = z
  .string({ error: prefixWanted })
  .meta({ kind: 'path' })
  .transform((value, context) => {
    const parts = value.split('/').filter(part => part !== '')
    if (parts.every(part => /^[\w.~-]+$/.test(part) && !/^\.\.?$/.test(part)))
      return parts.map(part => `/${part}`).join('')
    return refuse(context, prefixWanted)
  })

const zoneWanted = 'a time zone of the IANA list, like Asia/Shanghai or UTC'

export const timezone = z
  .string({ error: zoneWanted })
  .meta({ kind: 'time zone' })
  .transform((value, context) => {
    if (isZone(value)) return value
    return refuse(context, zoneWanted, didYouMean(value, Intl.supportedValuesOf('timeZone')))
  })

// Offsets like +08:00 are refused: they know no summer time, and the sign is easily taken for its opposite.
function isZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const labelName = /^[A-Za-z_]\w*$/

// Labels that go onto every sample. `__` is Prometheus' own.
export const tags = z
  .record(
    z.string().refine(name => labelName.test(name) && !name.startsWith('__'), {
      error: 'a label name: letters, digits and _, not beginning with a digit or __',
    }),
    text,
  )
  .meta({ kind: 'map of text' })
