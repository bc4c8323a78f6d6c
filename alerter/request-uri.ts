// Whether Go's url.ParseRequestURI takes a text for an address, which Alertmanager asks: read part by part as there. Called
// for each alert that is posted, so what nearly all are is settled by one expression, and by alertmanager/scalars.ts.
import { isIPv6 } from 'node:net'

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand there
const plain = /^https?:\/\/[a-z\d.-]+(?::\d*)?(?:\/[^\0-\x1f\x7f?%]*)?(?:\?[^\0-\x1f\x7f]*)?$/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand there
const control = /[\0-\x1f\x7f]/

export function isRequestUri(text: string): boolean {
  if (plain.test(text) || text === '*') return true
  if (control.test(text)) return false
  const [, scheme, rest = ''] = /^(?:([a-z][a-z\d+.-]*):)?([^?]*)/i.exec(text) ?? []
  if (!rest.startsWith('/')) return scheme !== undefined
  if (scheme === undefined || !rest.startsWith('//')) return isEscaped(rest)
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? []
  return isAuthority(authority, /^https?$/i.test(scheme)) && isEscaped(path)
}

const isEscaped = (text: string): boolean => !/%(?![\da-f]{2})/i.test(text)

// Of the web, a host has one colon at most; lists of hosts with ports, as addresses of databases have them, are for others.
function isAuthority(text: string, isWeb: boolean): boolean {
  const at = text.lastIndexOf('@')
  const [user, host] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
  if (/[^\w.~:!$&'()*+,;=%@-]/.test(user) || !isEscaped(user)) return false
  if (host.includes('[')) return isInBrackets(host)
  const colon = isWeb ? host.indexOf(':') : host.lastIndexOf(':')
  return isHost(host) && (colon < 0 || /^\d*$/.test(host.slice(colon + 1)))
}

// As they are, what is not ASCII may be escaped; of what is, the sign of escaping alone.
const isHost = (text: string): boolean =>
  !/%(?!25|[89a-f][\da-f])/i.test(text) && !/[ #/?@\\^`{|}]/.test(text)

// An address of IPv6, and behind `%25` a zone, without further escapes.
function isInBrackets(host: string): boolean {
  const [, address = ''] = /^\[([^%]*)(?:%25[\w.~-]+)?\](?::\d*)?$/.exec(host) ?? []
  return isIPv6(address)
}
