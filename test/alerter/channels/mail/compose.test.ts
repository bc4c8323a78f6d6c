import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '#core/secret.ts'
import { settingsFrom } from '../../../../alerter/channels/from-alertmanager.ts'
import { compose, headerText } from '../../../../alerter/channels/mail/compose.ts'
import { escapeHtml } from '../../../../alerter/channels/mail/html.ts'
import { channel } from '../../../../alerter/channels/mail/index.ts'
import { settings } from '../../../../alerter/channels/mail/settings.ts'
import { transportOptions } from '../../../../alerter/channels/mail/transport.ts'
import { verdictOf } from '../../../../alerter/channels/mail/verdict.ts'
import { hostileMessage } from '../../hostile.ts'
import { alertOf, ended, messageOf, messages, startMs } from '../../messages.ts'

const around = { nowMs: startMs, random: () => 0.5 }
const plain = {
  to: 'ops@example.org, Ann <ann@example.org>',
  from: 'Plimsoll <alerts@example.org>',
  smarthost: 'mail.example.org:587',
}
const read = (more: object = {}) => settings.parse({ ...plain, ...more })

test('subject and text are the words of the message', () => {
  const mail = compose(messageOf(), read(), around)
  expect(mail).toMatchObject({
    from: 'Plimsoll <alerts@example.org>',
    to: 'ops@example.org, Ann <ann@example.org>',
    subject: 'db-7: disk /var is 94 % full',
    attachments: [],
  })
  expect(mail.text).toMatch(/^db-7: disk \/var is 94 % full\nWhere: host db-7\nSince: 16:55, for 5 min\n/)
  expect(mail.text).toContain('\nLink: https://plimsoll.example.org/i/4711?k=a_b\n')
})

test('mails of one incident are one thread; the same mail has the same name', () => {
  const [first, again, end] = [messageOf(), messageOf(), { ...ended, id: 'm-2' }].map(each =>
    compose(each, read(), around),
  )
  expect(first!.messageId).toMatch(/^<message-[0-9a-f]{24}@example\.org>$/)
  expect(again!.messageId).toBe(first!.messageId)
  expect(end!.messageId).not.toBe(first!.messageId)
  expect(end!.references).toEqual(first!.references)
  const other = compose(messageOf({ incident: 4712 }), read(), around)
  expect(other.references).not.toEqual(first!.references)
  // What was sent first is answered.
  const answer = compose(ended, read(), { ...around, before: '<first@example.org>' })
  expect(answer.inReplyTo).toBe('<first@example.org>')
  expect(answer.references?.at(-1)).toBe('<first@example.org>')
})

test('what wakes people is marked, its end is not; robots are asked to keep quiet', () => {
  expect(compose(messageOf(), read(), around).headers).toMatchObject({
    Importance: 'high',
    'Auto-Submitted': 'auto-generated',
    'X-Plimsoll-Message': 'm-1f2e3d',
  })
  expect(compose(ended, read(), around).headers).not.toHaveProperty('Importance')
})

test('headers and templates of the operator outrank ours, on one line each', () => {
  const given = read({ headers: { Subject: 'plain', 'X-Team': 't', Reply: 'r' }, text: 'x', html: 'y' })
  expect(channel.texts?.(given)).toEqual({
    text: 'x',
    html: 'y',
    [headerText('Subject')]: 'plain',
    [headerText('X-Team')]: 't',
    [headerText('Reply')]: 'r',
  })
  const texts = {
    text: 'T',
    html: '<p>H</p>',
    [headerText('Subject')]: 'S\r\nBcc: evil@example.org',
    [headerText('X-Team')]: 'db',
  }
  const mail = compose(messageOf(), given, { ...around, texts })
  expect(mail).toMatchObject({ text: 'T', html: '<p>H</p>', subject: 'S Bcc: evil@example.org' })
  expect(mail.headers).toMatchObject({ 'x-team': 'db', reply: 'r' })
  expect(mail.headers).not.toHaveProperty('subject')
})

test('the picture is inside of the mail', () => {
  const picture = Uint8Array.of(0x89, 0x50)
  const mail = compose(messageOf({ picture }), read(), around)
  expect(mail.attachments).toMatchObject([
    { content: picture, contentDisposition: 'inline', contentType: 'image/png' },
  ])
  expect(mail.html).toContain(`<img src="cid:${mail.attachments[0]!.cid}"`)
})

test('nothing of an alert becomes markup, and nothing is fetched', () => {
  fc.assert(
    fc.property(hostileMessage, message => {
      const { html = '', subject } = compose(message, read(), around)
      const tags = [...html.matchAll(/<\/?(\w*)/g)].map(([, name]) => name)
      const ours = [
        '',
        'html',
        'head',
        'meta',
        'title',
        'body',
        'div',
        'h1',
        'table',
        'tr',
        'td',
        'p',
        'a',
        'br',
        'span',
        'img',
      ]
      expect(tags.filter(name => !ours.includes(name!))).toEqual([])
      expect([...html.matchAll(/<a href="([^"]*)"/g)].map(([, link]) => link)).toSatisfy((links: string[]) =>
        links.every(link => /^https?:\/\/[^\s<>"]+$/.test(link)),
      )
      expect(html).not.toMatch(/<[^>]*\s(?:on\w+=|src="(?!cid:))|<[^>]*url\(/i)
      expect(subject).not.toMatch(/[\r\n]/)
    }),
  )
  expect(escapeHtml(`<a href="x">'&'</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;')
})

test('both languages, all kinds', () => {
  for (const message of Object.values(messages)) {
    const mail = compose(message, read(), around)
    expect(mail.subject).not.toBe('')
    expect(mail.html).toContain(`<html lang="${message.language === 'zh' ? 'zh-CN' : 'en'}">`)
  }
  const rtl = compose(messageOf({ alerts: [alertOf({ annotations: { summary: 'השרת' } })] }), read(), around)
  expect(rtl.subject).toBe('db-7: השרת')
})

test("Alertmanager's settings are read as they are, and mistakes are named", () => {
  const t = (more: object, wanted: string) => expect(() => read(more)).toThrow(wanted)

  expect(read({ smarthost: '[::1]:25' }).smarthost).toEqual({ host: '::1', port: 25 })
  expect(
    read({ threading: { enabled: true, thread_by_date: 'none' }, hello: 'me', auth_identity: 'i' }),
  ).toBeDefined()
  t({ smarthost: 'mail.example.org' }, 'a host with its port')
  t({ to: 'a@example.org\r\nBcc: b@example.org' }, 'one line')
  t({ headers: { 'Bad Name': 'x' } }, 'the name of a header')
  t({ auth_password: 'a', auth_password_file: '/b' }, 'one of auth_password and auth_password_file')
  t({ colour: 'red' }, 'colour')
  expect(JSON.stringify(read({ auth_password: 'S3cret' }))).not.toContain('S3cret')
})

test('STARTTLS or nothing, unless the port or the settings say otherwise', async () => {
  const t = async (more: object, wanted: object) =>
    expect(await transportOptions(read(more))).toMatchObject(wanted)

  await t(
    {},
    {
      secure: false,
      requireTLS: true,
      ignoreTLS: false,
      tls: { rejectUnauthorized: true },
    },
  )
  await t({ require_tls: false }, { secure: false, requireTLS: false, ignoreTLS: true })
  await t({ smarthost: 'mail.example.org:465' }, { secure: true, requireTLS: false, ignoreTLS: false })
  await t(
    { smarthost: 'mail.example.org:465', force_implicit_tls: false },
    { secure: false, requireTLS: true },
  )
  await t(
    { tls_config: { server_name: 'x', insecure_skip_verify: true, min_version: 'TLS13' } },
    { tls: { rejectUnauthorized: false, servername: 'x', minVersion: 'TLSv1.3' } },
  )
  await t({ auth_username: 'u', auth_password: 'p' }, { auth: { user: 'u', pass: 'p' } })
  await t(
    { auth_username: 'u', auth_secret: 's' },
    { auth: { user: 'u', pass: 's' }, authMethod: 'CRAM-MD5' },
  )
  expect(await transportOptions(read())).not.toHaveProperty('auth')
  await expect(transportOptions(read({ auth_username: 'u', auth_password_file: '/none' }))).rejects.toThrow(
    'ENOENT',
  )
})

test('4xx is later, 5xx is never, and no password is told', () => {
  const t = (failure: Parameters<typeof verdictOf>[0], wanted: object) =>
    expect(verdictOf(failure, ['S3cret'])).toMatchObject(wanted)

  t({ responseCode: 421, response: '421 too busy' }, { kind: 'later', reason: '421 too busy' })
  t({ responseCode: 450, command: 'RCPT TO', response: '450 greylisted' }, { kind: 'later' })
  t({ code: 'EAUTH', responseCode: 454, response: '454 later' }, { kind: 'later' })
  t(
    { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN', response: '535 bad S3cret' },
    { kind: 'refused', because: 'settings', reason: '535 bad ***' },
  )
  t(
    { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO', response: '550 no such user' },
    { kind: 'refused', because: 'settings' },
  )
  t(
    { code: 'EMESSAGE', responseCode: 552, command: 'MAIL FROM', response: '552 too big' },
    { kind: 'refused', because: 'message' },
  )
  t(
    { code: 'EMESSAGE', responseCode: 554, command: 'DATA', response: '554 spam' },
    { kind: 'refused', because: 'message' },
  )
  // As nodemailer tells a server that does not know STARTTLS, one that cannot just now, and one that nobody vouches for.
  t(
    { code: 'ETLS', command: 'STARTTLS', responseCode: 502, response: '502 what?' },
    { kind: 'refused', reason: 'the server has no STARTTLS for us, and require_tls is set 502 what?' },
  )
  t({ code: 'ETLS', command: 'STARTTLS', responseCode: 454, response: '454 not now' }, { kind: 'later' })
  t(
    { code: 'ETLS', command: 'STARTTLS', message: 'Error initiating TLS - self-signed certificate' },
    { kind: 'refused', reason: 'the certificate of the server is not trusted' },
  )
  t(
    { code: 'ETLS', command: 'CONN', message: 'Error initiating TLS - bad base64 decode' },
    { kind: 'refused', because: 'settings', reason: 'TLS cannot be begun: bad base64 decode' },
  )
  t({ code: 'ESOCKET', message: 'self-signed certificate' }, { kind: 'refused', because: 'settings' })
  t(
    { code: 'ECONNECTION', message: 'connect ECONNREFUSED 127.0.0.1:1' },
    { kind: 'later', reason: 'ECONNECTION' },
  )
  t({}, { kind: 'later', reason: 'the connection failed' })
})

test("a receiver of Alertmanager's file becomes ours", () => {
  const found = settingsFrom('mail', {
    to: 'ops@example.org',
    from: 'am@example.org',
    smarthost: ':25',
    hello: 'localhost',
    auth_username: '',
    auth_password: new Secret('S3cret'),
    auth_password_file: '/run/password',
    headers: new Map([['Subject', '{{ .Status }}']]),
    require_tls: false,
    tls_config: { insecure_skip_verify: true, min_version: 'TLS12', ca_file: '/ca.pem' },
    threading: { enabled: true, thread_by_date: 'daily' },
  })
  expect(found).toMatchObject({
    ok: true,
    lacks: [],
    settings: { smarthost: { host: 'localhost', port: 25 }, headers: { Subject: '{{ .Status }}' } },
  })
  const sns = settingsFrom('sms-sns', {
    topic_arn: 'arn:aws:sns:eu-west-1:1:ops',
    sigv4: { region: 'eu-west-1', access_key: 'a', secret_key: new Secret('b'), profile: 'p' },
    attributes: new Map([['a', 'b']]),
  })
  expect(sns).toMatchObject({ ok: true, lacks: ['sigv4.profile'] })
})
