import { type Fake, found, jsonOf, key, type Loose, limiter, markdownLinks } from './fake.ts'

// A workflow: it accepts, and says nothing more.
export function teams(): Fake {
  const isTooMuch = limiter(4, 1_000)
  return {
    settings: (origin, secret) => ({
      webhook_url: `${origin}/workflows/1/triggers/manual?api=1&sig=${secret}`,
    }),
    at: { settings: { at: { users: ['ann@example.org'] } }, calls: ['ann@example.org'] },
    silent: true,
    answer(asked, nowMs) {
      if (asked.url.searchParams.get('sig') !== key) {
        const message = `The provided authentication credentials are not valid for ${asked.url.search}`
        return { status: 401, body: { error: { code: 'DirectApiAuthorizationRequired', message } } }
      }
      if (isTooMuch(nowMs)) return { status: 429, headers: { 'retry-after': '11' } }
      if (asked.bytes.length > 28_000) return { status: 413, body: 'Request Entity Too Large' }
      const { type, attachments } = jsonOf(asked)
      const isCard = type === 'message' && attachments[0].content.type === 'AdaptiveCard'
      return isCard
        ? { status: 202 }
        : { status: 400, body: { error: { code: 'TriggerInputSchemaMismatch' } } }
    },
    read(asked) {
      const { content } = jsonOf(asked).attachments[0]
      // Only these know Markdown.
      const marked = content.body
        .flatMap((each: Loose) => (each.type === 'TextBlock' ? [each.text] : []))
        .join('\n')
      return {
        calls: content.msteams.entities.map((each: Loose) => each.mentioned.id),
        links: [...markdownLinks(marked), ...content.actions.map((each: Loose) => each.url)],
        markup: found(marked.replace(/<at>[^<]*<\/at>/g, ''), /\S+/g),
      }
    },
  }
}
