import { createHmac } from 'node:crypto'
import { type Fake, found, jsonOf, key, type Loose, limiter, markdownLinks } from './fake.ts'

const secret = 'feishu-0123456789'
const keyword = '告警'

// Everything is a 200, or a 400 of the gateway; the signature is in the body.
export function feishu(): Fake {
  const isTooMuch = [limiter(5, 1_000), limiter(100, 60_000)]
  return {
    settings: (origin, token) => ({ url: `${origin}/open-apis/bot/v2/hook/${token}`, secret, keyword }),
    at: { settings: { at: { users: ['ou_1a2b3c'], all: true } }, calls: ['id=all', 'id=ou_1a2b3c'] },
    answer(asked, nowMs) {
      const no = (code: number, msg: string) => ({ body: { code, data: {}, msg } })
      if (!asked.url.pathname.endsWith(`/${key}`)) {
        return {
          status: 400,
          body: { code: 19_001, msg: 'param invalid: incoming webhook access token invalid' },
        }
      }
      const times = isTooMuch.map(each => each(nowMs))
      if (times.includes(true)) return { status: 400, body: { code: 11_232, msg: 'frequency limited psm' } }
      const body = jsonOf(asked)
      const wanted = createHmac('sha256', `${body.timestamp}\n${secret}`).update('').digest('base64')
      if (body.sign !== wanted || Math.abs(body.timestamp * 1_000 - nowMs) > 3_600_000) {
        return no(19_021, 'sign match fail or timestamp is not within one hour from current time')
      }
      if (asked.bytes.length > 20_480) return no(19_002, 'params error, request body too large')
      if (!asked.text.includes(keyword)) return no(19_024, 'Key Words Not Found')
      return { body: { StatusCode: 0, StatusMessage: 'success', code: 0, data: {}, msg: 'success' } }
    },
    read(asked) {
      const { card } = jsonOf(asked)
      const texts = card.elements.flatMap((each: Loose) => (each.tag === 'div' ? [each.text] : []))
      const marked = texts.flatMap((each: Loose) => (each.tag === 'lark_md' ? [each.content] : [])).join('\n')
      const actions = card.elements.flatMap((each: Loose) => each.actions ?? [])
      return {
        calls: found(marked, /<at ([^>]*)>/g),
        links: [...markdownLinks(marked), ...actions.map((each: Loose) => each.url)],
        markup: found(marked.replace(/<at [^>]*><\/at>/g, ''), /[^\s]+/g),
      }
    },
  }
}
