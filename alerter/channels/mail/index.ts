// Mail by SMTP, with the settings of Alertmanager's `email_configs`. All recipients get one mail.
import type { LookupFunction } from 'node:net'
import type { Transporter } from 'nodemailer'
import { Refused } from '#core/guard.ts'
import type { OwnChannel, Verdict } from '../../channel.ts'
import { later, refused } from '../../http-channel.ts'
import { NoPlace, templatesOf } from '../../templated.ts'
import { compose, deciding, headerText } from './compose.ts'
import { type Settings, settings } from './settings.ts'
import { transportOptions } from './transport.ts'
import { type MailFailure, verdictOf } from './verdict.ts'

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
  let opened: Promise<Transporter> | undefined
  // nodemailer is heavy, and most who start this service send no mail.
  const transporter = (): Promise<Transporter> => {
    opened ??= Promise.all([import('nodemailer'), transportOptions(given, lookup)]).then(
      ([mailer, options]) => mailer.createTransport(options),
    )
    return opened
  }
  const shut = async (): Promise<void> => {
    const before = opened
    opened = undefined
    const found = await before?.catch(() => undefined)
    found?.close()
  }
  return {
    async send(message, around, signal) {
      try {
        const open = await transporter()
        const mail = compose(message, given, around)
        const { accepted } = await orStopped(open.sendMail(mail), signal)
        if (accepted.length === 0) return refused('settings', 'no recipient was accepted')
        return { kind: 'accepted', receipt: mail.messageId }
      } catch (error) {
        if (error instanceof NoPlace) return refused('message', error.message)
        // When the way or the login is wrong, the next one begins anew, with files as they are then.
        const { code, responseCode } = error as MailFailure
        if (responseCode === undefined || code === 'EAUTH') await shut()
        return failed(error, given)
      }
    },
    close: shut,
  }
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
  const secrets = [given.auth_password, given.auth_secret].map(each => each?.reveal() ?? '')
  return verdictOf(error as MailFailure, secrets)
}
