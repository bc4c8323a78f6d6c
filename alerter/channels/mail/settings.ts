// The settings of mail, in the words of Alertmanager's `email_configs`. Read by index.ts.
import { z } from 'zod'
import { count, duration, secret, text } from '#core/config/values.ts'

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

// A line break would begin another header, and another mail.
const oneLine = text.refine(written => !/[\r\n\0]/.test(written), { error: 'one line' })

export const settings = z
  .strictObject({
    to: oneLine,
    from: oneLine,
    smarthost,
    // What we say our name is.
    hello: text.prefault('localhost'),
    auth_username: z.string().prefault(''),
    auth_password: secret.optional(),
    auth_password_file: text.optional(),
    // For CRAM-MD5, which needs the password itself.
    auth_secret: secret.optional(),
    auth_secret_file: text.optional(),
    auth_identity: z.string().prefault(''),
    // Templates, as `html` and `text` are; Subject, From and To among them outrank ours.
    headers: z
      .record(z.string().regex(/^[!-9;-~]{1,76}$/, { error: 'the name of a header' }), z.string())
      .prefault({}),
    html: z.string().optional(),
    text: z.string().optional(),
    // STARTTLS, or the mail is not sent. Port 465 begins with TLS.
    require_tls: z.boolean().prefault(true),
    force_implicit_tls: z.boolean().optional(),
    tls_config: z
      .strictObject({
        ca: text.optional(),
        ca_file: text.optional(),
        cert: text.optional(),
        cert_file: text.optional(),
        key: secret.optional(),
        key_file: text.optional(),
        server_name: text.optional(),
        insecure_skip_verify: z.boolean().prefault(false),
        min_version: z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']).optional(),
        max_version: z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']).optional(),
      })
      .prefault({}),
    // Accepted for Alertmanager's sake: mails of one incident are always one thread.
    threading: z
      .strictObject({
        enabled: z.boolean().prefault(false),
        thread_by_date: z.enum(['none', 'daily']).prefault('daily'),
      })
      .optional(),
    timeout: duration({ atLeast: '100ms', atMost: '5m' }).prefault('20s'),
    per_hour: count(0, 100_000).prefault(0),
  })
  .refine(({ auth_password: one, auth_password_file: other }) => one === undefined || other === undefined, {
    error: 'one of auth_password and auth_password_file',
  })
export type Settings = z.output<typeof settings>
