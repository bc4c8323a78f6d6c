// Feishu and Lark: a custom robot of a group. Its verdict is `code` in a 200; the signature is in the body. A card of
// plain texts, so that nothing of an alert is markup.
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import { byCode, type Codes } from '../../by-code.ts'
import type { Answer, Around, HttpChannel, Verdict } from '../../channel.ts'
import { digestOf, httpChannel } from '../../http-channel.ts'
import { type At, at, hook, http, jsonHeaders } from '../../http-settings.ts'
import { calledBy, isCalling, type Said, sayWithin, type Tone, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'

const settings = z.strictObject({
  url: hook.describe('The address of the robot, at Feishu or Lark.'),
  secret: secret.optional().describe('Of a robot that wants signatures.'),
  keyword: text.max(64).optional().describe('Of a robot that wants a keyword: it is in every message.'),
  title: text.optional().describe('A template that outranks our own title.'),
  text: text.optional().describe('A template that outranks our own words, in the markup of the service.'),
  at: at.describe('Users by open_id (ou_…) or user_id; a robot cannot call mobile numbers.'),
  http_config: http,
})

type Settings = z.output<typeof settings>

const templated = ['title', 'text'] as const

const colours: Readonly<Record<Tone, string>> = {
  page: 'red',
  normal: 'orange',
  low: 'yellow',
  good: 'green',
  neutral: 'blue',
}

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'feishu',
  about: {
    is: 'The custom robot of a group in Feishu or Lark (自定义机器人).',
    success: '`code: 0` in the body',
    size: '18 000 bytes',
    proof: '`secret`: HMAC-SHA256 in the body; or a keyword',
    pictures: false,
    example: { url: 'https://open.feishu.cn/open-apis/bot/v2/hook/KEY', secret: 'SECRET' },
  },
  settings,
  // 5 a second and 100 a minute, whenever one begins to count.
  budgets: ({ url }) => [
    { key: `feishu:${digestOf(url)}:second`, times: 2, perMs: 1_000, reserve: 0 },
    { key: `feishu:${digestOf(url)}:minute`, times: 50, perMs: 60_000, reserve: 10 },
  ],
  spreadMs: 90_000,
  texts: found => templatesOf(found, templated),
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const texts = filled(found, templated, around)
    const called = calledBy(message, found.at)
    const body = sayWithin(message, {
      texts,
      escape: each => each,
      titleMax: 200,
      max: 18_000,
      make: said =>
        JSON.stringify({
          ...signatureOf(found.secret?.reveal(), around.nowMs),
          msg_type: 'interactive',
          card: cardOf(said, {
            called,
            keyword: found.keyword,
            colour: colours[toneOf(message)],
            isMarkup: texts.text !== undefined,
          }),
        }),
      size: made => Buffer.byteLength(made),
    })
    return [{ method: 'POST', url: found.url.reveal(), headers: jsonHeaders(found.http_config), body }]
  },
  verdict: judge,
})

const plain = (content: string) => ({ tag: 'plain_text', content })

type Look = Readonly<{ called: At; keyword: string | undefined; colour: string; isMarkup: boolean }>

function cardOf({ title, lines, link, linkLabel, colon }: Said, look: Look) {
  const { called, keyword, colour } = look
  const head = keyword === undefined || title.includes(keyword) ? title : `${title} (${keyword})`
  const shown = (content: string) => (look.isMarkup ? { tag: 'lark_md', content } : plain(content))
  const ids = [...(called.all ? ['all'] : []), ...called.users]
  const calls = ids.map(id => `<at id=${id}></at>`).join('')
  const button = { tag: 'button', text: plain(linkLabel), type: 'primary', url: link }
  return {
    config: { wide_screen_mode: true },
    header: { template: colour, title: plain(head) },
    elements: [
      ...lines.map(({ label, text: said }) => ({
        tag: 'div',
        text: shown(label === '' ? said : label + colon + said),
      })),
      ...(isCalling(called) && calls !== ''
        ? [{ tag: 'div', text: { tag: 'lark_md', content: calls } }]
        : []),
      ...(link === undefined ? [] : [{ tag: 'action', actions: [button] }]),
    ],
  }
}

// The time and the secret are the key, and nothing is signed; seconds.
export function signatureOf(key: string | undefined, nowMs: number) {
  if (key === undefined) return {}
  const timestamp = String(Math.floor(nowMs / 1_000))
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${key}`).update('').digest('base64') }
}

const codes: Codes = {
  code: ['code', 'StatusCode'],
  text: 'msg',
  tooMany: [11_232, 11_233, 99_991_400],
  waitMs: 5_000,
  // No such robot, it was stopped, or it does not trust us.
  settings: [19_001, 19_003, 19_005, 19_006, 19_007, 19_021, 19_022, 19_024],
  message: [9_499, 11_246, 19_002, 200_621, 230_001, 230_025, 230_099],
}

// Everybody is refused at :00 and :30, and comes again; apart is better.
function judge(answer: Answer, _: Settings, { nowMs, random }: Around): Verdict {
  const verdict = byCode(answer, codes, nowMs)
  if (verdict.kind !== 'later' || verdict.afterMs !== codes.waitMs) return verdict
  return { ...verdict, afterMs: codes.waitMs + Math.floor(random() * 25_000) }
}
