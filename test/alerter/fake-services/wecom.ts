import { createHash } from 'node:crypto'
import { type Fake, found, jsonOf, key, limiter, markdownLinks } from './fake.ts'

// Everything is a 200; sizes are bytes.
export function wecom(): Fake {
  const isTooMuch = limiter(20, 60_000)
  return {
    settings: (origin, token) => ({ url: `${origin}/cgi-bin/webhook/send?key=${token}` }),
    at: { settings: { at: { mobiles: ['13800000000'], all: true } }, calls: ['13800000000', '@all'] },
    answer(asked, nowMs) {
      const no = (errcode: number, errmsg: string) => ({ body: { errcode, errmsg } })
      if (asked.url.searchParams.get('key') !== key) {
        return no(93_000, `invalid webhook url, hint: [1763], from ip: 10.0.0.1, more info at ${asked.url}`)
      }
      if (isTooMuch(nowMs)) return no(45_009, 'api freq out of limit')
      const { msgtype, text, markdown, image } = jsonOf(asked)
      if (msgtype === 'image') {
        const bytes = Buffer.from(image.base64, 'base64')
        const isWhole = createHash('md5').update(bytes).digest('hex') === image.md5
        return isWhole ? no(0, 'ok') : no(301_019, 'media md5 not match')
      }
      const content: string = msgtype === 'text' ? text.content : markdown.content
      if (content === '') return no(44_004, 'empty content')
      const max = msgtype === 'text' ? 2_048 : 4_096
      return Buffer.byteLength(content) > max ? no(40_058, 'content exceed max length') : no(0, 'ok')
    },
    read(asked) {
      const { msgtype, text, markdown } = jsonOf(asked)
      if (msgtype === 'text') {
        return { calls: [...text.mentioned_mobile_list, ...text.mentioned_list], links: [], markup: [] }
      }
      const own = markdown.content
        .replace(/^\*\*<font color="\w+">([^\n]*)<\/font>\*\*/, '$1')
        .replace(/^> /gm, '')
      return {
        calls: found(own, /<@([^>]*)>/g),
        links: markdownLinks(own),
        markup: [...found(own, /<(?!@)[^>\n]*>?/g), ...found(own, /[`*]/g), ...found(own, /^[ \t]*[#>].*/gm)],
      }
    },
  }
}
