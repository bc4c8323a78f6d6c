import { type Fake, found, jsonOf, key, type Loose, limiter } from './fake.ts'

// An incoming webhook and chat.postMessage, as Slack behaves.
export function slack(): Fake {
  const isTooMuch = limiter(10, 5_000)
  return {
    settings: (origin, secret) => ({ api_url: `${origin}/services/T0/B0/${secret}` }),
    at: { settings: { at: { users: ['U024BE7LH'], all: true } }, calls: ['!channel', '@U024BE7LH'] },
    answer(asked, nowMs) {
      if (isTooMuch(nowMs)) return { status: 429, headers: { 'retry-after': '7' }, body: 'rate_limited' }
      const isApi = asked.url.pathname === '/api/chat.postMessage'
      if (isApi && asked.headers.authorization !== `Bearer ${key}`) {
        return { body: { ok: false, error: 'invalid_auth' } }
      }
      if (!isApi && !asked.url.pathname.endsWith(`/${key}`)) return { status: 404, body: 'no_service' }
      const wrong = mistake(jsonOf(asked))
      if (isApi) {
        return {
          body: wrong === '' ? { ok: true, channel: 'C1', ts: '1763.2' } : { ok: false, error: wrong },
        }
      }
      return wrong === '' ? { body: 'ok' } : { status: 400, body: wrong }
    },
    read(asked) {
      const { text = '', attachments } = jsonOf(asked)
      const parts = attachments.flatMap((each: Loose) => [
        each.fallback,
        each.title,
        each.text,
        ...each.fields.flatMap((field: Loose) => [field.title, field.value]),
      ])
      const all = [text, ...parts].join('\n')
      // An end is not waited for.
      const inTags = found(all, /<([^>\n]*)>?/g)
      return {
        calls: inTags.filter(each => /^[@!]/.test(each)),
        links: [
          ...inTags.filter(each => !/^[@!]/.test(each)),
          ...attachments.flatMap((each: Loose) => [
            ...(each.title_link === undefined ? [] : [each.title_link]),
            ...each.actions.map((action: Loose) => action.url),
          ]),
        ],
        // Without mrkdwn_in it is shown as it is.
        markup: attachments.flatMap((each: Loose) => each.mrkdwn_in),
      }
    },
  }
}

function mistake({ text, attachments = [] }: Loose): string {
  if (text === undefined && attachments.length === 0) return 'no_text'
  if (text === '') return 'no_text'
  const isLong = attachments.some((each: Loose) => JSON.stringify(each).length > 4_000)
  return isLong ? 'invalid_attachments' : ''
}
