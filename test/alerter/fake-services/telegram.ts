import { type Fake, found, jsonOf, key, type Loose, limiter } from './fake.ts'
import type { Asked, Reply } from './serve.ts'

// A bot that may write to a group.
export function telegram(): Fake {
  const isTooMuch = limiter(20, 60_000)
  const no = (code: number, description: string, parameters: object = {}): Reply => ({
    status: code,
    body: { ok: false, error_code: code, description, ...parameters },
  })
  return {
    settings: (origin, token) => ({ bot_token: token, chat_id: -100_123, api_url: origin }),
    at: { settings: { at: { users: ['ann_ops'] } }, calls: ['@ann_ops'] },
    answer(asked, nowMs) {
      if (!asked.url.pathname.startsWith(`/bot${key}/`)) return no(401, 'Unauthorized')
      if (isTooMuch(nowMs)) {
        return no(429, 'Too Many Requests: retry after 9', { parameters: { retry_after: 9 } })
      }
      const { chat, html, max } = contentOf(asked)
      if (chat !== '-100123') return no(400, 'Bad Request: chat not found')
      const text = textOf(html)
      if (text === undefined) return no(400, "Bad Request: can't parse entities: unexpected tag")
      if (text.trim() === '') return no(400, 'Bad Request: message text is empty')
      if (text.length > max) return no(400, 'Bad Request: message is too long')
      return { body: { ok: true, result: { message_id: 77 } } }
    },
    read(asked) {
      const { html, buttons } = contentOf(asked)
      // Between tags, as it is shown.
      const text = html.replace(/<[^>]*>/g, '')
      return {
        calls: found(text, /(?<!\w)@[A-Za-z]\w{2,}/g),
        links: [...found(html, /href="([^"]*)"/g), ...buttons.flat().map((each: Loose) => each.url)],
        markup: found(html, /<(?!\/?b>|a href|\/a)[^>]*>/g),
      }
    },
  }
}

function contentOf(asked: Asked): Loose {
  if (asked.url.pathname.endsWith('/sendPhoto')) {
    const field = (name: string): string =>
      new RegExp(`name="${name}"\\r\\n\\r\\n([\\s\\S]*?)\\r\\n--plimsoll-`).exec(asked.text)?.[1] ?? ''
    const { inline_keyboard: buttons } = JSON.parse(field('reply_markup') || '{"inline_keyboard":[]}')
    return { chat: field('chat_id'), html: field('caption'), buttons, max: 1_024 }
  }
  const { chat_id: chat, text: html, reply_markup: markup } = jsonOf(asked)
  return { chat, html, buttons: markup?.inline_keyboard ?? [], max: 4_096 }
}

// As Telegram reads HTML: known tags that are closed in order, and four entities. Nothing when it cannot.
function textOf(html: string): string | undefined {
  const open: string[] = []
  let rest = ''
  let at = 0
  for (const tag of html.matchAll(/<(\/?)(\w*)[^>]*>?/g)) {
    rest += html.slice(at, tag.index)
    at = tag.index + tag[0].length
    if (!/^<\/?(?:b|a)(?: href="[^"<>]*")?>$/.test(tag[0])) return undefined
    if (tag[1] === '') open.push(tag[2]!)
    else if (open.pop() !== tag[2]) return undefined
  }
  if (open.length > 0) return undefined
  rest += html.slice(at)
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return rest.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => names[name]!)
}
