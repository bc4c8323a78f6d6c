// Mail by SMTP, with the settings of Alertmanager's `email_configs`. All recipients get one mail; what the server says of
// one of them is of that one.
import type { LookupFunction } from 'node:net'
import type { Mail, Transporter } from 'nodemailer'
import { Refused } from '#core/guard.ts'
import type { OwnChannel, Verdict, Verdicts } from '../../channel.ts'
import { later, refused } from '../../http-channel.ts'
import { NoPlace, templatesOf } from '../../templated.ts'
import { compose, deciding, headerText } from './compose.ts'
import { type Settings, settings } from './settings.ts'
import { transportOptions } from './transport.ts'
import { type MailFailure, refusalOf, verdictOf } from './verdict.ts'

const hourMs = 3_600_000

export const channel: OwnChannel<Settings> = {
  name: 'mail',
  kind: 'own',
  about: {
    is: 'Mail by SMTP.',
    success: 'the server has taken it for at least one recipient: accepted',
    size: '40 000 characters; 160 of subject',
    proof: 'login at the server',
    pictures: true,
    follows: 'one thread',
    example: { to: 'ops@example.org', smarthost: 'mail.example.org:587', from: 'plimsoll@example.org' },
  },
  settings,
  takesPicture: found => found.pictures,
  places: ['to', 'from', ...deciding.map(headerText)],
  texts: ({ to, from, html, text, headers }) => ({
    ...templatesOf({ to, from }, ['to', 'from']),
    ...(html !== undefined && { html }),
    ...(text !== undefined && { text }),
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [headerText(name), value])),
  }),
  budgets: ({ to, smarthost, per_hour: times }) =>
    times === 0
      ? []
      : [{ key: `mail ${smarthost.host} ${to}`, times, perMs: hourMs, reserve: Math.floor(times / 5) }],
  open: given => openMail(given),
}

// `lookup` left out: as the system does, but nowhere where nobody may go.
export function openMail(given: Settings, lookup?: LookupFunction): ReturnType<OwnChannel<Settings>['open']> {
  let opened: Promise<Opened> | undefined
  const postOffice = (): Promise<Opened> => {
    opened ??= openPostOffice(given, lookup)
    return opened
  }
  const shut = async (): Promise<void> => {
    const before = opened
    opened = undefined
    const found = await before?.catch(() => undefined)
    found?.transporter.close()
  }
  return {
    async send(message, around, signal, settled = new Map()) {
      let recipients = (): readonly string[] => []
      try {
        const { transporter, envelopeOf } = await postOffice()
        const mail = compose(message, given, around)
        recipients = () => envelopeOf(mail).to
        const left = settled.size === 0 ? mail : { ...mail, envelope: restOf(envelopeOf(mail), settled) }
        const { rejectedErrors = [] } = await orStopped(transporter.sendMail(left), signal)
        const told = { kind: 'accepted', receipt: mail.messageId } as const
        return fates({ recipients, settled, refusals: rejectedErrors, given }, told)
      } catch (error) {
        if (error instanceof NoPlace) return refused('message', error.message)
        // When the way or the login is wrong, the next one begins anew, with files as they are then.
        const { code, responseCode, rejectedErrors = [] } = error as MailFailure
        if (responseCode === undefined || code === 'EAUTH') await shut()
        return fates({ recipients, settled, refusals: rejectedErrors, given }, failed(error, given))
      }
    },
    close: shut,
  }
}

type Envelope = Readonly<{ from: string; to: readonly string[] }>
type Opened = Readonly<{
  transporter: Transporter
  // Whom the server is told, as nodemailer reads the settings or the headers.
  envelopeOf(mail: Mail): Envelope
}>

// nodemailer is heavy, and most who start this service send no mail.
async function openPostOffice(given: Settings, lookup: LookupFunction | undefined): Promise<Opened> {
  const [{ createTransport }, { default: MailComposer }, options] = await Promise.all([
    import('nodemailer'),
    import('nodemailer/lib/mail-composer'),
    transportOptions(given, lookup),
  ])
  return {
    transporter: createTransport(options),
    envelopeOf: mail => new MailComposer(mail).compile().getEnvelope(),
  }
}

// Who has it gets no second one because somebody else is asked for again.
const restOf = ({ from, to }: Envelope, settled: ReadonlyMap<number, Verdict>) => ({
  from,
  to: to.filter((_, nth) => !settled.has(nth)).map(address => ({ address, name: '' })),
})

type Recipients = Readonly<{
  // Whoever is asked for them pays for reading the mail once more.
  recipients(): readonly string[]
  settled: ReadonlyMap<number, Verdict>
  refusals: readonly MailFailure[]
  given: Settings
}>

// What became of each: `others` of those of whom the server said nothing apart.
function fates({ recipients, settled, refusals, given }: Recipients, others: Verdict): Verdicts {
  if (refusals.length === 0) return others
  const to = recipients()
  const secrets = secretsOf(given)
  const refused = new Map(
    refusals.map(each => [each.recipient, refusalOf(each, secrets, to.length === 1)] as const),
  )
  return to.map((address, nth) => settled.get(nth) ?? refused.get(address) ?? others)
}

const stopped = Symbol('stopped')

function orStopped<T>(sent: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(stopped)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    sent.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function failed(error: unknown, given: Settings): Verdict {
  if (error === stopped) return later('stopped')
  if (error instanceof Refused) return refused('settings', error.message)
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (syscall === 'open' && path !== undefined) return refused('settings', `cannot read ${path}: ${code}`)
  return verdictOf(error as MailFailure, secretsOf(given))
}

const secretsOf = (given: Settings): readonly string[] =>
  [given.auth_password, given.auth_secret].map(secret => secret?.reveal() ?? '')
