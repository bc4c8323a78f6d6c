// DingTalk: a custom robot of a group. Its verdict is `errcode` in a 200; the 21st message of a minute silences it for
// ten minutes; it is guarded by a signature, by a keyword that every message must hold, or by addresses.
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import { byCode, type Codes } from '../../by-code.ts'
import type { Answer, HttpChannel, Verdict } from '../../channel.ts'
import { fullWidth } from '../../full-width.ts'
import { digestOf, fieldsOf, httpChannel, limited } from '../../http-channel.ts'
import { at, hook, http, jsonHeaders } from '../../http-settings.ts'
import { calledBy, callsWithin, markdownLink, type Said, sayWithin, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'

const settings = z.strictObject({
  url: hook.describe('The address of the robot, with its access_token.'),
  secret: secret.optional().describe('Of a robot that wants signatures (SEC…).'),
  keyword: text.max(64).optional().describe('Of a robot that wants a keyword: it is in every message.'),
  title: text.optional().describe('A template that outranks our own title.'),
  text: text.optional().describe('A template that outranks our own words, in the markup of the service.'),
  at,
  http_config: http,
})

type Settings = z.output<typeof settings>

const templated = ['title', 'text'] as const

// Of 15 000 bytes; the others are for the words.
const callsMax = 10_000

const marks = { page: '🔴', normal: '🟠', low: '🟡', good: '🟢', neutral: '🔵' } as const

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'dingtalk',
  about: {
    is: 'The custom robot of a group in DingTalk (自定义机器人).',
    success: '`errcode: 0` in the body',
    size: '15 000 bytes',
    proof: '`secret`: HMAC-SHA256 in the address; or a keyword, or a list of addresses',
    pictures: false,
    example: { url: 'https://oapi.dingtalk.com/robot/send?access_token=TOKEN', secret: 'SEC000' },
  },
  settings,
  // A bucket of 5 that gains 15 a minute never lets through more than 20 in any minute.
  budgets: ({ url }) => [{ key: `dingtalk:${digestOf(url)}`, times: 5, perMs: 20_000, reserve: 1 }],
  texts: found => templatesOf(found, templated),
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const texts = filled(found, templated, around)
    const { mobiles, users, all } = calledBy(message, found.at)
    // Names that are called must stand in the text too.
    const names = callsWithin([...mobiles, ...users], callsMax, name => 2 * name.length + 5)
    const called = {
      atMobiles: names.slice(0, mobiles.length),
      atUserIds: names.slice(mobiles.length),
      isAtAll: all,
    }
    const calls = names.map(name => `@${name}`).join(' ')
    const body = sayWithin(message, {
      texts,
      escape: fullWidth,
      max: 15_000,
      make: said => {
        const title = withKeyword(`${marks[toneOf(message)]} ${said.title}`, found.keyword)
        const markdown = {
          title,
          text: [textOf(title, said), calls].filter(each => each !== '').join('\n\n'),
        }
        return JSON.stringify({ msgtype: 'markdown', markdown, at: called })
      },
      size: made => Buffer.byteLength(made),
    })
    const url = signed(found.url.reveal(), found.secret?.reveal(), around.nowMs)
    const headers = jsonHeaders(found.http_config, { 'content-type': 'application/json; charset=utf-8' })
    return [{ method: 'POST', url, headers, body }]
  },
  verdict: (answer, _, { nowMs }) => judge(answer, nowMs),
})

const withKeyword = (title: string, keyword: string | undefined): string =>
  keyword === undefined || title.includes(keyword) ? title : `${title} (${keyword})`

const textOf = (title: string, { lines, link, linkLabel, colon }: Said): string =>
  [
    `#### ${title}`,
    ...lines.map(({ label, text: said }) =>
      label === '' ? said.replaceAll('\n', '  \n') : `**${label}**${colon}${said.replaceAll('\n', '  \n')}`,
    ),
    ...(link === undefined ? [] : [markdownLink(linkLabel, link)]),
  ].join('\n\n')

// The secret is the key, and part of what is signed; milliseconds.
export function signed(url: string, key: string | undefined, nowMs: number): string {
  if (key === undefined) return url
  const sign = createHmac('sha256', key).update(`${nowMs}\n${key}`).digest('base64')
  return `${url}${url.includes('?') ? '&' : '?'}timestamp=${nowMs}&sign=${encodeURIComponent(sign)}`
}

const silenceMs = 600_000

const codes: Codes = {
  code: ['errcode'],
  text: 'errmsg',
  tooMany: [90_020, 90_030, 130_101, 302_033, 410_100],
  waitMs: silenceMs,
  // No such robot or group, it was stopped, or it does not trust us.
  settings: [40_014, 40_035, 300_001, 300_005, 310_000, 400_013, 400_101, 400_102, 400_106],
  // Too long, of no known kind, or found unfit.
  message: [43_004, 400_105, 430_101, 430_102, 430_103, 430_104, 460_101],
}

// A gateway before the robots slows down whom it thinks too fast, in words of its own.
const judge = (answer: Answer, nowMs: number): Verdict =>
  fieldsOf(answer.body)?.['punish'] === undefined
    ? byCode(answer, codes, nowMs)
    : limited('answered punish', silenceMs)
