// WeCom: the robot of a group. Its verdict is `errcode` in a 200; sizes are bytes. Markdown, unless mobile numbers or very
// many are called, which only a text can; a picture is a message of its own, after that.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import { byCode, type Codes } from '../../by-code.ts'
import type { HttpChannel, Outgoing } from '../../channel.ts'
import { fullWidth } from '../../full-width.ts'
import { digestOf, httpChannel } from '../../http-channel.ts'
import { type At, at, hook, http, jsonHeaders } from '../../http-settings.ts'
import { calledBy, markdownLink, type Said, sayWithin, type Tone, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'

const settings = z.strictObject({
  url: hook.describe('The address of the robot, with its key.'),
  title: text.optional().describe('A template that outranks our own title.'),
  text: text.optional().describe('A template that outranks our own words, in the markup of the service.'),
  at,
  pictures: z
    .boolean()
    .prefault(false)
    .describe(
      'Whether the picture of the last hour goes along. It is a message of its own, so half as many others may leave.',
    ),
  http_config: http,
})

type Settings = z.output<typeof settings>

const templated = ['title', 'text'] as const

// Those in the words of a Markdown message leave room for the others.
const callsMax = 2_048

const colours: Readonly<Record<Tone, string>> = {
  page: 'warning',
  normal: 'warning',
  low: 'comment',
  good: 'info',
  neutral: 'comment',
}

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'wecom',
  about: {
    is: 'The robot of a group in WeCom (企业微信群机器人).',
    success: '`errcode: 0` in the body',
    size: '4 096 bytes; 2 048 where numbers, everybody or very many are called',
    proof: 'the key in the address',
    pictures: true,
    example: { url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY' },
  },
  settings,
  // Never more than 20 in any minute.
  budgets: ({ url, pictures }) => [
    { key: `wecom:${digestOf(url)}`, times: pictures ? 2 : 5, perMs: 20_000, reserve: 1 },
  ],
  texts: found => templatesOf(found, templated),
  takesPicture: found => found.pictures,
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const texts = filled(found, templated, around)
    const called = calledBy(message, found.at)
    const size = (made: string): number => Buffer.byteLength(made)
    // In a text they stand beside its words.
    const isText = called.mobiles.length > 0 || called.all || size(callsOf(called.users)) > callsMax
    const body = isText
      ? textBody(sayWithin(message, { texts, escape: each => each, max: 2_048, size, make: plainOf }), called)
      : markdownBody(
          sayWithin(message, {
            texts,
            escape: fullWidth,
            max: 4_096,
            size,
            make: said =>
              markdownOf(said, {
                colour: colours[toneOf(message)],
                users: called.users,
                isOwn: texts.text !== undefined,
              }),
          }),
        )
    return [post(found, body)]
  },
  verdict: (answer, _, { nowMs }) => byCode(answer, codes, nowMs),
  *trail({ picture }, found, { nowMs }) {
    if (picture === null) return undefined
    const verdict = byCode(yield post(found, imageBody(picture)), codes, nowMs)
    if (verdict.kind === 'refused' && verdict.because === 'settings')
      return {
        reason: `${verdict.reason}; what takes no pictures needs \`pictures: false\``,
        isLasting: true,
      }
    return 'reason' in verdict ? { reason: verdict.reason, isLasting: false } : undefined
  },
})

const post = ({ url, http_config }: Settings, body: object): Outgoing => ({
  method: 'POST',
  url: url.reveal(),
  headers: jsonHeaders(http_config),
  body: JSON.stringify(body),
})

const textBody = (content: string, { mobiles, users, all }: At) => ({
  msgtype: 'text',
  text: {
    content,
    mentioned_list: all ? [...users, '@all'] : users,
    mentioned_mobile_list: mobiles,
  },
})

const imageBody = (picture: Uint8Array) => ({
  msgtype: 'image',
  image: {
    base64: Buffer.from(picture).toString('base64'),
    md5: createHash('md5').update(picture).digest('hex'),
  },
})

const markdownBody = (content: string) => ({ msgtype: 'markdown', markdown: { content } })

const plainOf = ({ title, lines, link, colon }: Said): string =>
  [
    title,
    ...lines.map(({ label, text: said }) => (label === '' ? said : label + colon + said)),
    ...(link === undefined ? [] : [link]),
  ].join('\n')

type Look = Readonly<{ colour: string; users: readonly string[]; isOwn: boolean }>

// The operator's own text is left as it is; a quote ends with its line.
const markdownOf = ({ title, lines, link, linkLabel, colon }: Said, { colour, users, isOwn }: Look): string =>
  [
    `**<font color="${colour}">${title}</font>**`,
    ...lines.map(({ label, text: said }) => {
      const line = label === '' ? said : label + colon + said
      return isOwn ? line : `> ${line.replaceAll('\n', '\n> ')}`
    }),
    ...(link === undefined ? [] : [markdownLink(linkLabel, link)]),
    ...(users.length === 0 ? [] : [callsOf(users)]),
  ].join('\n')

const callsOf = (users: readonly string[]): string => users.map(id => `<@${id}>`).join('')

const codes: Codes = {
  code: ['errcode'],
  text: 'errmsg',
  tooMany: [45_009, 45_033],
  waitMs: 60_000,
  // No such robot, or it does not let us.
  settings: [40_001, 40_014, 93_000, 93_008, 93_009, 93_017],
  // Too long, empty, or of no known kind.
  message: [40_008, 40_035, 40_058, 44_004, 45_002, 47_001],
}
