// The samples of channels that are more than a request and its answer: what a mail server, a message centre and push
// services say, and what that means. They are said by servers on this machine.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { OwnChannel, Verdict, Verdicts } from '../../../alerter/channel.ts'
import { channel as mail } from '../../../alerter/channels/mail/index.ts'
import { channel as smpp } from '../../../alerter/channels/sms-smpp/index.ts'
import { commands } from '../../../alerter/channels/sms-smpp/pdu.ts'
import { webPush } from '../../../alerter/channels/web-push/index.ts'
import { messageOf, startMs } from '../messages.ts'
import { type ReplySample, samplesOf } from '../samples.ts'
import { openPeople, openStand } from '../web-push/stand.ts'
import { openMailServer } from './mail/smtp-server.ts'
import { openCentre } from './sms-smpp/smsc.ts'

// By the first word of a command, `GREETING`, `LOGIN`, or `END` for the dot after the data.
type MailSample = Readonly<{ why: string; command: string; said: string; verdict: Verdict }>
// By the command that is answered, and the command_status of the answer.
type SmppSample = Readonly<{
  why: string
  command: 'submit_sm' | 'bind_transceiver'
  status: string
  verdict: Verdict
}>

const send = async <S>(channel: OwnChannel<S>, settings: unknown): Promise<Verdicts> => {
  const line = channel.open(channel.settings.parse(settings))
  try {
    return await line.send(messageOf(), { nowMs: startMs, random: () => 0.5 }, new AbortController().signal)
  } finally {
    await line.close()
  }
}

describe('samples of mail', () => {
  const login = { user: 'plimsoll', password: 'S3cret-pass' }

  test.each(samplesOf<MailSample>('mail', 'replies'))('$why', async ({ command, said, verdict }) => {
    const server = await openMailServer({ login, says: word => (word === command ? said : undefined) })
    onTestFinished(() => server.close())
    const settings = {
      to: 'ops@example.org',
      from: 'Plimsoll <alerts@example.org>',
      smarthost: `127.0.0.1:${server.port}`,
      require_tls: false,
      auth_username: login.user,
      auth_password: login.password,
    }
    expect([await send(mail, settings)].flat()).toMatchObject([verdict])
  })
})

describe('samples of sms-smpp', () => {
  const password = 'S3cret-1'
  const answered = { submit_sm: commands.submitSm, bind_transceiver: commands.bindTransceiver }

  test.each(samplesOf<SmppSample>('sms-smpp', 'replies'))('$why', async ({ command, status, verdict }) => {
    const centre = await openCentre(password)
    onTestFinished(() => centre.close())
    centre.answerWith(Number(status), answered[command])
    const settings = {
      address: `127.0.0.1:${centre.port}`,
      system_id: 'plimsoll',
      password,
      from: '12345',
      to: ['+86 138-0013-8000'],
    }
    expect([await send(smpp, settings)].flat()).toEqual([verdict])
  })
})

// Of one device: `phone` of anna.
describe('samples of web-push', () => {
  let people: Awaited<ReturnType<typeof openPeople>>
  beforeAll(async () => {
    people = await openPeople()
  })
  afterAll(() => people.close())

  test.each(samplesOf<ReplySample>('web-push', 'replies'))('$why', async ({ answer, verdict }) => {
    const { push, device, says, ...stand } = await openStand(people.state)
    onTestFinished(() => stand[Symbol.asyncDispose]())
    await device('anna', 'phone')
    says('phone', answer)
    expect(await send(webPush(push), { users: ['anna'] })).toEqual(verdict)
  })
})

test('each has some of every kind, and calls none like another', () => {
  for (const name of ['mail', 'sms-smpp', 'web-push']) {
    const samples = samplesOf<Readonly<{ why: string; verdict: Verdict }>>(name, 'replies')
    const kinds = new Set(samples.map(({ verdict }) => verdict.kind))
    expect([...kinds].toSorted(), name).toEqual(['accepted', 'later', 'refused'])
    expect(new Set(samples.map(({ why }) => why)).size, name).toBe(samples.length)
  }
})
