// How a picture reaches Slack: a place is asked for, the bytes go there, and then it is shown as an answer to the message;
// each step needs what the one before it said. Called by index.ts, once the message itself is there.
import type { Answer, Outgoing, Stumble, Trail } from '../../channel.ts'
import { fieldsOf } from '../../http-channel.ts'
import { type Http, jsonHeaders } from '../../http-settings.ts'

type Shown = Readonly<{
  picture: Uint8Array
  // What it is, for those who cannot see it.
  words: string
  // Where the message is: an answer of an answer is none.
  room: string
  thread: string
}>

type Api = Readonly<{
  // chat.postMessage, beside which the others are.
  url: string
  authorization: string
  http: Http
}>

export function* pictureTrail({ picture, words, room, thread }: Shown, api: Api): Trail {
  const place = yield asking(api, 'files.getUploadURLExternal', {
    filename: 'last-hour.png',
    length: String(picture.length),
    alt_txt: words,
  })
  const { upload_url: url, file_id: id } = fieldsOf(place.body) ?? {}
  if (typeof url !== 'string' || typeof id !== 'string') return stumbleOver(place)

  // The address is proof enough, and whoever gave it need not learn our token.
  const taken = yield { method: 'POST', url, headers: { 'content-type': 'image/png' }, body: picture }
  // It is another place each time.
  if (taken.status !== 200) return { reason: reasonIn(taken), isLasting: false }

  const files = JSON.stringify([{ id, title: words }])
  const where = { channel_id: room, thread_ts: thread }
  const shown = yield asking(api, 'files.completeUploadExternal', { files, ...where })
  return fieldsOf(shown.body)?.['ok'] === true ? undefined : stumbleOver(shown)
}

function asking({ url, authorization, http }: Api, method: string, form: Record<string, string>): Outgoing {
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
  return {
    method: 'POST',
    url: new URL(method, url).href,
    headers: jsonHeaders(http, headers),
    body: new URLSearchParams(form).toString(),
  }
}

// The same token has just brought the message.
const mayNot = new Set([
  'access_denied',
  'invalid_auth',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
])
// Of what only imitates Slack.
const cannot = new Set(['method_deprecated', 'method_not_supported', 'unknown_method'])

function stumbleOver(answer: Answer): Stumble {
  const { status } = answer
  const word = wordIn(answer)
  // A page of its own, as some send with 404, would leave no room for what to do.
  const remedy = (text: string): Stumble => ({
    reason: `answered ${word || status}; ${text}`,
    isLasting: true,
  })
  if (mayNot.has(word) || [401, 403].includes(status))
    return remedy('pictures need an app with the scope files:write, or `pictures: false`')
  if (cannot.has(word) || [404, 405, 410, 501].includes(status))
    return remedy('what takes no files needs `pictures: false`')
  return { reason: reasonIn(answer), isLasting: false }
}

const wordIn = ({ body }: Answer): string => String(fieldsOf(body)?.['error'] ?? '')

const reasonIn = (answer: Answer): string =>
  `answered ${wordIn(answer) || `${answer.status}: ${answer.body}`}`
