// What to make of a failure on the way to the mail server: 4xx is later, 5xx is never. Called by index.ts.
import type { Verdict } from '../../channel.ts'
import { later, refused } from '../../http-channel.ts'

// As nodemailer throws it.
export type MailFailure = Readonly<{
  code?: string
  command?: string
  responseCode?: number
  response?: string
  message?: string
  // Of one recipient, and of all of them whom the server refused.
  recipient?: string
  rejectedErrors?: readonly MailFailure[]
}>

const reasonMax = 200
// By our own certificate or key, for instance.
const notBegun = /^Error initiating TLS - /
const certificate = /certificate|self[- ]signed|altnames|unable to verify|CERT_/i

// `secrets` never leave, even where a server repeats what it heard.
export function verdictOf(failure: MailFailure, secrets: readonly string[]): Verdict {
  const { code = '', responseCode = 0 } = failure
  const told = clean(failure.response ?? '', secrets)
  if (responseCode >= 400 && responseCode < 500) return later(told || `answered ${responseCode}`)
  if (certificate.test(failure.message ?? ''))
    return refused('settings', 'the certificate of the server is not trusted')
  if (code === 'ETLS') {
    const why =
      failure.command !== 'STARTTLS' || notBegun.test(failure.message ?? '')
        ? `TLS cannot be begun: ${clean(failure.message ?? '', secrets).replace(notBegun, '')}`
        : `the server has no STARTTLS for us, and require_tls is set ${told}`
    return refused('settings', why.trim())
  }
  if (responseCode >= 500) return refused(becauseOf(failure), told || `answered ${responseCode}`)
  if (code === 'EAUTH') return refused('settings', told || 'the login was refused')
  if (code === 'EENVELOPE') return refused('settings', 'no address that can be sent to')
  return later(code === '' ? 'the connection failed' : code)
}

// What the server said of one recipient. He is named where he is one of several.
export function refusalOf(failure: MailFailure, secrets: readonly string[], isOnlyOne: boolean): Verdict {
  const verdict = verdictOf(failure, secrets)
  if (isOnlyOne || !('reason' in verdict)) return verdict
  return { ...verdict, reason: `${failure.recipient}: ${verdict.reason}` }
}

// RFC 3463: what a server says beside its number. Others, like 5.7.1, are said of senders and of contents alike.
const ofMessage = /^5\d\d[ -]5\.(?:2\.3|3\.4|6\.\d+)\b/
const ofPeople = /^5\d\d[ -]5\.(?:[124]\.\d+|7\.(?:8|9|\d{2,}))\b/

// Size and content are of this message; sender, recipient and login stay wrong. Where the server does not say which, it is
// by when it said no: `Message too big` comes to MAIL FROM too.
function becauseOf({
  code = '',
  command = '',
  responseCode,
  response = '',
}: MailFailure): 'message' | 'settings' {
  if (code === 'EAUTH' || /^AUTH/.test(command)) return 'settings'
  if (ofMessage.test(response)) return 'message'
  if (ofPeople.test(response)) return 'settings'
  return responseCode === 552 || /^(?:DATA|BDAT)/.test(command) ? 'message' : 'settings'
}

function clean(response: string, secrets: readonly string[]): string {
  let text = response
  for (const each of secrets) if (each !== '') text = text.replaceAll(each, '***')
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, reasonMax)
}
