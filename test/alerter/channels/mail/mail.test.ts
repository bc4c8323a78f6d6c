import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Verdict } from '../../../../alerter/channel.ts'
import { type channel, openMail } from '../../../../alerter/channels/mail/index.ts'
import { settings } from '../../../../alerter/channels/mail/settings.ts'
import { messageOf, startMs } from '../../messages.ts'
import { metadataHosts, openNames } from '../names.ts'
import { type MailServer, openMailServer, type Says } from './smtp-server.ts'

const isInstalled = (() => {
  try {
    createRequire(import.meta.url).resolve('nodemailer')
    return true
  } catch {
    return false
  }
})()

const around = { nowMs: startMs, random: () => 0.5 }
const never = new AbortController().signal

let folder: string
let tls: { key: string; cert: string }
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-mail-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=mail.test', '-addext', 'subjectAltName=DNS:mail.test']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  })
  tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const login = { user: 'plimsoll', password: 'S3cret-pass' }

let server: MailServer
let names: ReturnType<typeof openNames>
let line: ReturnType<typeof channel.open> | undefined
beforeEach(() => {
  names = openNames()
})
afterEach(async () => {
  await line?.close()
  line = undefined
  await server.close()
})

function open(more: object = {}) {
  line = openMail(
    settings.parse({
      to: 'ops@example.org, Ann <ann@example.org>',
      from: 'Plimsoll <alerts@example.org>',
      smarthost: `127.0.0.1:${server.port}`,
      tls_config: { ca: tls.cert, server_name: 'mail.test' },
      timeout: '20s',
      ...more,
    }),
    names.lookup,
  )
  return line
}
const withLogin = { auth_username: login.user, auth_password: login.password }
const send = (more: object = {}, signal = never) => open(more).send(messageOf(), around, signal)

describe.skipIf(!isInstalled)('mail to a real server (needs nodemailer)', () => {
  test('both parts and the picture arrive, over TLS, after the login', async () => {
    server = await openMailServer({ tls, login })
    const picture = Uint8Array.from([0x89, 0x50, 0x4e, 0x47])
    const verdict = await open(withLogin).send(messageOf({ picture }), around, never)
    expect(verdict).toMatchObject({
      kind: 'accepted',
      receipt: expect.stringMatching(/^<message-.*@example\.org>$/),
    })
    const [mail] = server.received
    expect(mail).toMatchObject({
      from: 'alerts@example.org',
      to: ['ops@example.org', 'ann@example.org'],
      user: 'plimsoll',
      isSecure: true,
    })
    const has = (pattern: RegExp) => expect(mail!.data).toMatch(pattern)
    has(/^Subject: db-7: disk \/var is 94 % full\r$/m)
    has(/^Message-ID: <message-[0-9a-f]{24}@example\.org>\r$/m)
    has(/^References: <thread-[0-9a-f]{24}@example\.org>\r$/m)
    has(/^Auto-Submitted: auto-generated\r$/m)
    has(/Content-Type: text\/plain/)
    has(/Content-Type: text\/html/)
    has(/Content-Id: <last-hour@plimsoll>/i)
    has(/iVBORw==/)
    has(/Since: 16:55, for 5 min/)
  })

  test('Chinese survives the way', async () => {
    server = await openMailServer({ tls })
    await open().send(messageOf({ kind: 'notice', title: '扩容申请', text: '十二月：四台' }), around, never)
    const encoded = [...server.received[0]!.data.matchAll(/=\?UTF-8\?[BQ]\?([^?]*)\?=/g)].map(
      ([, text]) => text!,
    )
    expect(encoded.map(text => Buffer.from(text, 'base64').toString()).join('')).toContain('扩容申请')
  })

  test('whom headers name: shown as Alertmanager does, or told too', async () => {
    server = await openMailServer({ tls })
    const headers = {
      To: 'team@example.org',
      From: 'Hdr <hdr@example.org>',
      Cc: 'cc@example.org',
      Bcc: 'bcc@example.org',
      'Message-Id': '<fix@x>',
    }
    expect(await send({ to: 'a@example.org, hidden@example.org', headers, recipients: 'to' })).toEqual({
      kind: 'accepted',
      receipt: '<fix@x>',
    })
    await line?.close()
    await send({ headers })
    const [shown, told] = server.received
    expect(shown).toMatchObject({
      from: 'alerts@example.org',
      to: ['a@example.org', 'hidden@example.org'],
      data: expect.stringMatching(/^To: team@example\.org\r$/m),
    })
    expect(shown!.data).toMatch(/^From: Hdr <hdr@example\.org>\r$/m)
    expect(shown!.data).toMatch(/^Cc: cc@example\.org\r$/m)
    expect(shown!.data.match(/^Message-ID: .*$/gim)).toEqual(['Message-ID: <fix@x>'])
    expect(shown!.data).not.toMatch(/hidden|bcc/i)
    expect(told).toMatchObject({
      from: 'hdr@example.org',
      to: expect.arrayContaining(['team@example.org', 'cc@example.org', 'bcc@example.org']),
    })
    expect(told!.to).toHaveLength(3)
    expect(told!.data).not.toMatch(/bcc/i)
  })

  test('one connection serves many mails', async () => {
    server = await openMailServer({ tls })
    const { send: tell } = open()
    for (let nth = 0; nth < 5; nth++) {
      expect(await tell(messageOf({ id: `m-${nth}` }), around, never)).toMatchObject({ kind: 'accepted' })
    }
    expect(server.connections()).toBe(1)
    expect(server.received).toHaveLength(5)
  })

  test('no TLS, no mail', async () => {
    server = await openMailServer({})
    expect(await send()).toMatchObject({ kind: 'refused', because: 'settings' })
    expect(server.received).toEqual([])
    expect(await send({ require_tls: false })).toMatchObject({ kind: 'accepted' })
  })

  test('a certificate that nobody vouches for is refused', async () => {
    server = await openMailServer({ tls })
    expect(await send({ tls_config: {} })).toMatchObject({ kind: 'refused', because: 'settings' })
    expect(await send({ tls_config: { insecure_skip_verify: true } })).toMatchObject({ kind: 'accepted' })
  })

  test('a certificate of somebody else is refused, by STARTTLS and from the first byte', async () => {
    const refused = { kind: 'refused', reason: 'the certificate of the server is not trusted' }
    const tls_config = { ca: tls.cert, server_name: 'other.test' }
    server = await openMailServer({ tls })
    expect(await send({ tls_config })).toMatchObject(refused)
    await line?.close()
    await server.close()
    server = await openMailServer({ tls, isImplicit: true })
    expect(await send({ tls_config, force_implicit_tls: true })).toMatchObject(refused)
  })

  test('TLS from the first byte', async () => {
    server = await openMailServer({ tls, isImplicit: true })
    expect(await send({ force_implicit_tls: true })).toMatchObject({ kind: 'accepted' })
    expect(server.received[0]!.isSecure).toBe(true)
  })

  test('4xx is later, 5xx is never', async () => {
    const t = async (says: Says, wanted: object) => {
      server = await openMailServer({ tls, login, says })
      expect(await send(withLogin)).toMatchObject(wanted)
      await line?.close()
      await server.close()
    }
    const at =
      (command: string, said: string): Says =>
      word =>
        word === command ? said : undefined

    await t(at('GREETING', '421 too busy'), { kind: 'later' })
    await t(at('MAIL', '451 try later'), { kind: 'later', reason: '451 try later' })
    await t(at('MAIL', '552 too big'), { kind: 'refused', because: 'message' })
    const both = (wanted: object) => [wanted, wanted]
    await t(at('RCPT', '550 no such user'), both({ kind: 'refused', because: 'settings' }))
    await t(at('RCPT', '450 greylisted'), both({ kind: 'later' }))
    await t(at('DATA', '554 no'), { kind: 'refused', because: 'message' })
    await t(at('END', '554 spam'), { kind: 'refused', because: 'message' })
    await t(at('END', '451 disk full'), { kind: 'later' })
    await t(at('LOGIN', '454 later'), { kind: 'later' })
    server = await openMailServer({})
  })

  test('what the server says of one recipient is of that one, and who has the mail gets no other', async () => {
    const t = async (headers: object, said: string, wanted: object) => {
      let isOver = false
      server = await openMailServer({
        tls,
        says: (word, argument) =>
          word === 'RCPT' && argument.includes('<ann@') && !isOver ? said : undefined,
      })
      const { send: tell } = open({ headers })
      const told = { kind: 'accepted', receipt: expect.any(String) }
      const first = (await tell(messageOf(), around, never)) as readonly Verdict[]
      // As headers have them, whoever gets a copy may be first.
      expect(first).toHaveLength(2)
      expect(first).toEqual(expect.arrayContaining([told, wanted]))
      isOver = true
      const settled = new Map([...first.entries()].filter(([, { kind }]) => kind === 'accepted'))
      expect(await tell(messageOf(), around, never, settled)).toEqual(told)
      expect(server.received.map(({ to }) => to)).toEqual([['ops@example.org'], ['ann@example.org']])
      // Who gets it later sees to whom it went.
      expect(server.received[1]!.data).toMatch(/^To: .*ops@example\.org/m)
      await line?.close()
      await server.close()
    }
    const reason = (said: string) => `ann@example.org: ${said}`
    for (const headers of [{}, { To: 'ops@example.org', Cc: '"Ann, B." <ann@example.org>' }]) {
      const [greylisted, unknown] = ['450 4.2.0 Greylisted', '550 5.1.1 no such user']
      await t(headers, greylisted, { kind: 'later', reason: reason(greylisted) })
      await t(headers, unknown, { kind: 'refused', because: 'settings', reason: reason(unknown) })
    }
    server = await openMailServer({})
  })

  test('a wrong password is no use, and is not told', async () => {
    server = await openMailServer({ tls, login })
    const verdict = await send({ ...withLogin, auth_password: 'Wr0ng-pass' })
    expect(verdict).toMatchObject({ kind: 'refused', because: 'settings' })
    expect(JSON.stringify(verdict)).not.toContain('Wr0ng-pass')
  })

  test('a password from a file is read anew after it was wrong', async () => {
    server = await openMailServer({ tls, login })
    const path = join(folder, 'password')
    writeFileSync(path, 'Wr0ng\n')
    const { send: tell } = open({ auth_username: login.user, auth_password_file: path })
    expect(await tell(messageOf(), around, never)).toMatchObject({ kind: 'refused' })
    writeFileSync(path, `${login.password}\n`)
    expect(await tell(messageOf(), around, never)).toMatchObject({ kind: 'accepted' })
  })

  test('a metadata service is no mail server, by address or by name', async () => {
    server = await openMailServer({ tls })
    for (const host of metadataHosts) {
      const verdict = await send({ smarthost: `${host}:${server.port}`, timeout: '200ms' })
      expect(verdict, host).toMatchObject({
        kind: 'refused',
        because: 'settings',
        reason: expect.stringMatching(/ is a metadata service$/),
      })
      await line?.close()
    }
    expect(server.connections()).toBe(0)
  })

  test('a name is looked up once, and what was looked at is what is connected to', async () => {
    server = await openMailServer({ tls, isImplicit: true })
    const more = { smarthost: `mail.test:${server.port}`, tls_config: { ca: tls.cert } }
    expect(await send({ ...more, force_implicit_tls: true })).toMatchObject({ kind: 'accepted' })
    expect(names.asked).toEqual(['mail.test'])
  })

  test('who hangs or is not there is left', async () => {
    server = await openMailServer({ says: word => (word === 'GREETING' ? 'hang' : undefined) })
    expect(await send({ timeout: '200ms' })).toMatchObject({ kind: 'later' })
    const stop = new AbortController()
    const sent = send({}, stop.signal)
    stop.abort()
    expect(await sent).toEqual({ kind: 'later', reason: 'stopped' })
    expect(await send({ smarthost: '127.0.0.1:1' })).toEqual({ kind: 'later', reason: 'ECONNREFUSED' })
    names.lookup = () => {}
    expect(await send({ smarthost: 'mail.test:25', timeout: '200ms' })).toEqual({
      kind: 'later',
      reason: 'ETIMEDOUT',
    })
  })
})
