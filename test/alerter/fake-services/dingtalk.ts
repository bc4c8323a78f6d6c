import { createHmac } from 'node:crypto'
import { type Fake, found, jsonOf, key, limiter, markdownLinks } from './fake.ts'

const secret = 'SECfake0123456789'
const keyword = '告警'

// Everything is a 200; the 21st of a minute silences the robot for ten.
export function dingtalk(): Fake {
  const isTooMuch = limiter(20, 60_000)
  let silentUntilMs = 0
  return {
    settings: (origin, token) => ({ url: `${origin}/robot/send?access_token=${token}`, secret, keyword }),
    at: { settings: { at: { mobiles: ['13800000000'] } }, calls: ['13800000000'] },
    answer(asked, nowMs) {
      const { searchParams } = asked.url
      const no = (errcode: number, errmsg: string) => ({ body: { errcode, errmsg } })
      if (searchParams.get('access_token') !== key) return no(300_005, 'token is not exist')
      if (isTooMuch(nowMs)) silentUntilMs = nowMs + 600_000
      if (nowMs < silentUntilMs) return no(130_101, 'send too fast, exceed 20 times per minute')
      const timestamp = searchParams.get('timestamp') ?? ''
      const wanted = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64')
      if (Math.abs(Number(timestamp) - nowMs) > 3_600_000) return no(310_000, 'invalid timestamp')
      if (searchParams.get('sign') !== wanted) return no(310_000, 'sign not match')
      if (asked.bytes.length > 20_000) return no(460_101, 'message too long, exceed 20000 bytes')
      const { msgtype, markdown } = jsonOf(asked)
      if (msgtype !== 'markdown') return no(400_105, 'unsupported msgtype')
      if (!`${markdown.title}${markdown.text}`.includes(keyword))
        return no(310_000, 'keywords not in content')
      return no(0, 'ok')
    },
    read(asked) {
      const { markdown, at } = jsonOf(asked)
      return {
        calls: [...at.atMobiles, ...at.atUserIds, ...(at.isAtAll ? ['all'] : [])],
        links: markdownLinks(markdown.text),
        markup: markupOf(markdown.text),
      }
    },
  }
}

// Tags, code, rules, headings and quotes that we do not write ourselves.
export const markupOf = (text: string): string[] => [
  ...found(text, /<[^>\n]*>?/g),
  ...found(text, /[`~|]/g),
  ...found(text, /!\[/g),
  ...found(text.replace(/^#### .*/, ''), /^[ \t]*(?:[#>]|[+-](?=\s|$)|==|--|\d+[.)](?=\s|$)).*/gm),
  // Bold is what stands before a colon at the beginning of a line; nothing else.
  ...found(text.replace(/^\*\*[^*\n]+\*\*/gm, ''), /\*+/g),
]
