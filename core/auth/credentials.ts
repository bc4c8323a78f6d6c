// What does a request show to come in? Every form that writers, dashboards and browsers use, and no judgement of
// it. Called by access.ts for every request.
import type { Asking } from '../http/door.ts'
import { sessionOf } from './sessions.ts'

export type Credential =
  | Readonly<{ kind: 'token'; secret: string }>
  | Readonly<{ kind: 'session'; secret: string }>
  | Readonly<{ kind: 'unknown'; why: string }>

// What stands in the request itself comes before what the browser adds by itself. Something that is there and
// cannot be read is not nothing: a program with a broken login must hear of it.
export function credentialOf({ headers, query, cookies }: Asking): Credential | undefined {
  const { authorization } = headers
  if (authorization !== undefined) return fromHeader(authorization)
  // InfluxDB 1 writers: u=anything&p=TOKEN.
  if (Array.isArray(query.p)) return { kind: 'unknown', why: 'p stands in the address more than once' }
  if (query.p !== undefined && query.p !== '') return { kind: 'token', secret: query.p }
  const session = sessionOf(cookies)
  if (session !== undefined && session !== '') return { kind: 'session', secret: session }
  return undefined
}

function fromHeader(header: string): Credential {
  const [, scheme = '', rest = ''] = /^(\S+)\s+(\S.*)$/.exec(header.trim()) ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { kind: 'token', secret: rest }
    case 'token':
      // InfluxDB 1.8 lets writers of its version 2 say name:password here; ours have no colon.
      return { kind: 'token', secret: rest.slice(rest.indexOf(':') + 1) }
    case 'basic': {
      const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(rest, 'base64').toString()) ?? []
      if (password === undefined) {
        return { kind: 'unknown', why: 'Basic wants name:token in base64, any name will do' }
      }
      return { kind: 'token', secret: password }
    }
    default:
      return {
        kind: 'unknown',
        why: 'Authorization wants Bearer, Token, or Basic with the token as password',
      }
  }
}
