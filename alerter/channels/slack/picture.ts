// How a picture reaches Slack: a place is asked for, the bytes go there, and then it is shown as an answer to the message;
// each step needs what the one before it said. Called by index.ts, once the message itself is there.
import type { Answer, Outgoing, Trail } from '../../channel.ts'
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
  if (typeof url !== 'string' || typeof id !== 'string') return refusalIn(place)

  // The address is proof enough, and whoever gave it need not learn our token.
  const taken = yield { method: 'POST', url, headers: { 'content-type': 'image/png' }, body: picture }
  if (taken.status !== 200) return refusalIn(taken)

  const files = JSON.stringify([{ id, title: words }])
  const where = { channel_id: room, thread_ts: thread }
  const shown = yield asking(api, 'files.completeUploadExternal', { files, ...where })
  return fieldsOf(shown.body)?.['ok'] === true ? undefined : refusalIn(shown)
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

// Most often `missing_scope`: the app may write messages, but no files.
const refusalIn = ({ status, body }: Answer): string =>
  `answered ${String(fieldsOf(body)?.['error'] ?? `${status}: ${body}`)}`
