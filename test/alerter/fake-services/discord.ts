import { type Fake, jsonOf, key, type Loose, limiter, markdownLinks, unescaped } from './fake.ts'
import { markupOf } from './mattermost.ts'
import type { Asked } from './serve.ts'

// A webhook that is asked to wait for the message.
export function discord(): Fake {
  const isTooMuch = [limiter(5, 2_000), limiter(30, 60_000)]
  return {
    settings: (origin, secret) => ({ webhook_url: `${origin}/api/webhooks/123/${secret}` }),
    at: { settings: { at: { users: ['123456', 'role:777777'] } }, calls: ['user 123456', 'role 777777'] },
    answer(asked, nowMs) {
      if (!asked.url.pathname.endsWith(`/${key}`)) {
        return { status: 401, body: { message: `Invalid Webhook Token ${asked.url}`, code: 50_027 } }
      }
      const times = isTooMuch.map(each => each(nowMs))
      if (times.includes(true)) {
        return {
          status: 429,
          body: { message: 'You are being rate limited.', retry_after: 1.337, global: false },
        }
      }
      const { content = '', embeds } = bodyOf(asked)
      const [{ title, description }] = embeds
      const isLong = content.length > 2_000 || title.length > 256 || description.length > 4_096
      if (isLong) return { status: 400, body: { code: 50_035, message: 'Invalid Form Body' } }
      const { attachments = [] } = bodyOf(asked)
      const isShown = embeds.every((each: Loose) => each.image === undefined || attachments.length === 1)
      if (!isShown) return { status: 400, body: { code: 50_035, message: 'Invalid Form Body' } }
      return asked.url.searchParams.get('wait') === 'true' ? { body: { id: '9001' } } : { status: 204 }
    },
    read(asked) {
      const { content = '', embeds, allowed_mentions: allowed } = bodyOf(asked)
      const [{ title, description, url }] = embeds
      const plain = unescaped(`${title}\n${description}`)
      return {
        calls: [
          ...allowed.parse.map((each: string) => `all ${each}`),
          ...allowed.users
            .filter((id: string) => content.includes(`<@${id}>`))
            .map((id: string) => `user ${id}`),
          ...allowed.roles
            .filter((id: string) => content.includes(`<@&${id}>`))
            .map((id: string) => `role ${id}`),
        ],
        links: [...markdownLinks(plain), ...(url === undefined ? [] : [url])],
        markup: markupOf(plain),
      }
    },
  }
}

const bodyOf = (asked: Asked): Loose => {
  const [, json] = /name="payload_json"[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--plimsoll-/.exec(asked.text) ?? []
  return json === undefined ? jsonOf(asked) : JSON.parse(json)
}
