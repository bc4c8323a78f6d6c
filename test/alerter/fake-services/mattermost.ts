import { type Fake, found, jsonOf, key, limiter, markdownLinks, unescaped } from './fake.ts'

// An incoming webhook of a server as it comes.
export function mattermost(): Fake {
  const isTooMuch = limiter(10, 1_000)
  return {
    settings: (origin, secret) => ({ webhook_url: `${origin}/hooks/${secret}` }),
    at: { settings: { at: { users: ['ann'], all: true } }, calls: ['@channel', '@ann'] },
    answer(asked, nowMs) {
      if (isTooMuch(nowMs))
        return { status: 429, headers: { 'x-ratelimit-reset': '1' }, body: 'limit exceeded' }
      const no = (status: number, id: string, message: string) => ({
        status,
        body: { id: `web.incoming_webhook.${id}.app_error`, message, detailed_error: asked.url.pathname },
      })
      if (!asked.url.pathname.endsWith(`/${key}`)) return no(400, 'invalid', 'Invalid webhook.')
      const { text = '', attachments = [] } = jsonOf(asked)
      if (text === '' && attachments.length === 0) return no(400, 'text', 'No text specified.')
      const isLong = [...text].length > 16_383 || Buffer.byteLength(JSON.stringify(attachments)) > 8_000
      return isLong ? no(400, 'split_props_length', 'Unable to split.') : { body: 'ok' }
    },
    read(asked) {
      const { text = '', attachments } = jsonOf(asked)
      const [{ title, text: body }] = attachments
      const all = slackText([text, title, body].join('\n'))
      const plain = unescaped(all)
      return {
        // Escaped or not.
        calls: found(all, /(?<![\w.-])@[\w.-]+/g),
        links: markdownLinks(plain),
        markup: markupOf(plain),
      }
    },
  }
}

// Before it reads Markdown it makes Slack's links and calls into its own.
const slackText = (text: string): string =>
  text
    .replace(/<!(\w+)>/g, '@$1')
    .replace(/<@(\w+)>/g, '@$1')
    .replace(/<([^<|]+)\|([^>]+)>/g, '[$2]($1)')

// Beside bold labels at the beginnings of lines.
export const markupOf = (text: string): string[] => {
  const own = text.replace(/^\*\*[^*\n]+\*\*/gm, '').replace(/https?:\/\/\S+/g, 'U')
  return [
    ...found(own, /[*`~|<]/g),
    ...found(own, /(?<!\w)_|_(?!\w)/g),
    ...found(own, /^[ \t]*(?:#|>|[+-](?=\s|$)|=+$|--|\d+[.)](?=\s|$)).*/gm),
    ...found(own, /!\[/g),
  ]
}
