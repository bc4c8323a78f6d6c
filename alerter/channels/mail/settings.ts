// The settings of mail, in the words of Alertmanager's `email_configs`. Read by index.ts.
import { z } from 'zod'
import { count, duration, secret, text } from '#core/config/values.ts'
import { tlsKeys } from '../../http-settings.ts'
import { pictures } from '../../picture-setting.ts'
import { isTemplate } from '../../templated.ts'

// `mail.example.org:587`; Alertmanager wants the port, and so do we.
const smarthost = text
  .regex(/^(?:\[[0-9a-f:]+\]|[^\s:[\]]*):\d{1,5}$/i, {
    error: 'a host with its port, like mail.example.org:587',
  })
  .transform(written => {
    const at = written.lastIndexOf(':')
    const host = written.slice(0, at).replace(/^\[|\]$/g, '')
    return { host: host || 'localhost', port: Number(written.slice(at + 1)) }
  })

const version = z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13'])

// A line break would begin another header, and another mail; those of templates are taken out of what they became.
const oneLine = text.refine(written => isTemplate(written) || !/[\r\n\0]/.test(written), {
  error: 'one line',
})

export const settings = z
  .strictObject({
    to: oneLine.describe('Who gets it, several with commas; or a template of it.'),
    from: oneLine.describe('Who it is from, `Plimsoll <plimsoll@example.org>`; or a template of it.'),
    smarthost: smarthost.describe('The server that takes it: `mail.example.org:587`.'),
    hello: text.prefault('localhost').describe('What we say our name is.'),
    auth_username: z.string().prefault('').describe('The name for the login; left out: none.'),
    auth_password: secret.optional().describe('Its password.'),
    auth_password_file: text.optional().describe('A file that holds it.'),
    auth_secret: secret.optional().describe('For CRAM-MD5, which needs the password itself.'),
    auth_secret_file: text.optional().describe('A file that holds it.'),
    auth_identity: z.string().prefault('').describe('For PLAIN, where it is not the name.'),
    headers: z
      .record(z.string().regex(/^[!-9;-~]{1,76}$/, { error: 'the name of a header' }), z.string())
      .prefault({})
      .describe('Further headers; templates. Subject, From, To and Message-Id among them outrank ours.'),
    recipients: z
      .enum(['headers', 'to'])
      .prefault('headers')
      .describe(
        'Who gets it where `headers` has To, Cc or Bcc: `headers`, whom those name; `to`, whom `to` names and nobody else, as with Alertmanager: headers are only shown, and Bcc is left out.',
      ),
    html: z.string().optional().describe('A template that outranks our own page; empty: text only.'),
    text: z.string().optional().describe('A template that outranks our own text.'),
    pictures,
    require_tls: z.boolean().prefault(true).describe('STARTTLS, or the mail is not sent.'),
    force_implicit_tls: z.boolean().optional().describe('TLS from the first byte; left out: on port 465.'),
    tls_config: z
      .strictObject({
        ...tlsKeys,
        min_version: version.optional().describe('The oldest version of TLS.'),
        max_version: version.optional().describe('The newest version of TLS.'),
      })
      .prefault({})
      .describe('As under http_config.'),
    threading: z
      .strictObject({
        enabled: z.boolean().prefault(false).describe('Without meaning.'),
        thread_by_date: z.enum(['none', 'daily']).prefault('daily').describe('Without meaning.'),
      })
      .optional()
      .describe("Accepted for Alertmanager's sake: mails of one incident are always one thread."),
    timeout: duration({ atLeast: '100ms', atMost: '5m' })
      .prefault('20s')
      .describe('How long the server may take.'),
    per_hour: count(0, 100_000).prefault(0).describe('Mails in an hour; 0: no limit.'),
  })
  .refine(({ auth_password: one, auth_password_file: other }) => one === undefined || other === undefined, {
    error: 'one of auth_password and auth_password_file',
  })
export type Settings = z.output<typeof settings>
