import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { HttpChannel, Outgoing } from '../../../alerter/channel.ts'
import { channels } from '../../../alerter/channels/index.ts'
import type { Message } from '../../../alerter/message.ts'
import type { Post } from '../../../alerter/post.ts'
import { openDock } from '../delivery/dock.ts'
import { fakes } from '../fake-services/index.ts'
import { huge, messageOf, startMs } from '../messages.ts'

const picture = Uint8Array.from({ length: 9_000 }, (_, at) => (at * 7_919) % 251)
const around = { nowMs: startMs, random: () => 0.5 }

const settingsOf = (name: string, more: object = {}) =>
  channels[name]!.settings.parse({ ...fakes[name]!().settings('http://127.0.0.1', 'key'), ...more })

const requests = (name: string, message: Message) =>
  (channels[name] as HttpChannel<unknown>).requests(message, settingsOf(name), around)

test('who says that pictures go along asks for them, and nobody else', () => {
  const said = Object.values(channels).filter(({ about }) => about?.pictures === true)
  const asks = Object.values(channels).filter(({ takesPicture }) => takesPicture !== undefined)
  expect(asks.map(({ name }) => name)).toEqual(said.map(({ name }) => name))
  expect(asks.map(({ name }) => name).toSorted()).toEqual([
    'discord',
    'mail',
    'slack',
    'teams',
    'telegram',
    'wecom',
  ])
})

test('pictures can be switched off, and are off where they cost messages', () => {
  const t = (name: string, more: object, wanted: boolean) =>
    expect(channels[name]!.takesPicture?.(settingsOf(name, more)), name).toBe(wanted)

  for (const name of ['discord', 'teams', 'telegram']) {
    t(name, {}, true)
    t(name, { pictures: false }, false)
  }
  t('wecom', {}, false)
  t('wecom', { pictures: true }, true)
  const times = (more: object) => channels['wecom']!.budgets(settingsOf('wecom', more))[0]!.times
  expect(2 * times({ pictures: true })).toBeLessThan(times({}))
})

test('Teams has it in the card, which stays small enough', () => {
  const cardOf = (message: Message) => {
    const body = String(requests('teams', message)[0]!.body)
    expect(Buffer.byteLength(body)).toBeLessThan(28_000)
    const [{ content }] = JSON.parse(body).attachments
    return content.body.filter((each: { type: string }) => each.type === 'Image')
  }
  const url = `data:image/png;base64,${Buffer.from(picture).toString('base64')}`
  expect(cardOf(messageOf({ picture }))).toEqual([
    { type: 'Image', url, altText: 'The last hour', size: 'Stretch' },
  ])
  expect(cardOf(messageOf({ picture, language: 'zh' }))).toMatchObject([{ altText: '最近一小时' }])
  expect(cardOf({ ...huge, picture })).toHaveLength(1)
  // A larger one is left out rather than the words.
  expect(cardOf(messageOf({ picture: new Uint8Array(20_000) }))).toEqual([])
  expect(cardOf(messageOf())).toEqual([])
})

test('WeCom gets it as a message after the words', () => {
  const told = messageOf({ picture })
  expect(requests('wecom', told).map(({ body }) => JSON.parse(String(body)).msgtype)).toEqual(['markdown'])
  const { trail } = channels['wecom'] as HttpChannel<unknown>
  const trailOf = (message: Message) =>
    trail!(message, settingsOf('wecom'), { ...around, receipt: undefined }).next()
  const { value } = trailOf(told)
  expect(JSON.parse(String((value as Outgoing).body))).toEqual({
    msgtype: 'image',
    image: {
      base64: Buffer.from(picture).toString('base64'),
      md5: createHash('md5').update(picture).digest('hex'),
    },
  })
  expect(trailOf(messageOf())).toEqual({ done: true, value: undefined })
})

test('what WeCom says of a picture is a line in the log; the message was told, once', async () => {
  const dock = openDock()
  onTestFinished(() => dock.close())
  let count = 0
  let imageBody = ''
  const asked: string[] = []
  const post: Post = {
    async send({ body }) {
      const { msgtype } = JSON.parse(String(body))
      asked.push(msgtype)
      const said = msgtype === 'image' ? imageBody : '{"errcode":0,"errmsg":"ok"}'
      return { ok: true, answer: { status: 200, headers: {}, body: said } }
    },
    close: () => {},
  }
  const way = { id: 'wecom/0', channel: 'wecom', tellsEnds: true }
  dock.configure({ ...way, settings: settingsOf('wecom', { pictures: true }) })
  dock.open({ post, channels, lastHour: { pictureOf: async () => picture } })
  const tell = async (): Promise<readonly string[]> => {
    asked.length = 0
    dock.tell(`g${++count}`, way.id)
    await dock.clock.runFor(3_600_000)
    expect(dock.kinds()).toEqual(Array(count).fill('told wecom/0'))
    return asked
  }

  imageBody = '{"errcode":-1,"errmsg":"system busy"}'
  expect(await tell()).toEqual(['markdown', 'image'])
  expect(dock.lines.at(-1)).toContain('its picture was not')
  imageBody = 'no JSON'
  expect(await tell()).toEqual(['markdown', 'image'])
  imageBody = '{"errcode":0,"errmsg":"ok"}'
  expect(await tell()).toEqual(['markdown', 'image'])
  // What cannot ever take one is not asked again.
  imageBody = '{"errcode":40001,"errmsg":"no right"}'
  expect(await tell()).toEqual(['markdown', 'image'])
  expect(dock.lines.at(-1)).toContain('`pictures: false`')
  expect(await tell()).toEqual(['markdown'])
})

test('Discord tells those who cannot see it what it is', () => {
  const [{ body }] = requests('discord', messageOf({ picture })) as unknown as [{ body: Uint8Array }]
  expect(Buffer.from(body).toString()).toContain('"description":"The last hour"')
})
