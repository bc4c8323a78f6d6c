// How Slack takes a file of an app: a place for it, its bytes at that place, and the word that it is whole, once. Called by
// slack-picture.test.ts.
import type { Asked, Reply } from './serve.ts'

export type Shared = Readonly<{ bytes: Buffer; room: string; thread: string; title: string }>

export type SlackFiles = Readonly<{
  // Nothing where it was asked for something else.
  answer(asked: Asked): Reply | undefined
  shared: readonly Shared[]
}>

type Place = { length: number; bytes?: Buffer; isDone?: true }

const wrong = (error: string): Reply => ({ body: { ok: false, error } })

export function slackFiles(token: string): SlackFiles {
  const places = new Map<string, Place>()
  const shared: Shared[] = []

  const place = (form: URLSearchParams, asked: Asked): Reply => {
    const length = Number(form.get('length'))
    if (!(length > 0) || (form.get('filename') ?? '') === '') return wrong('invalid_arguments')
    const id = `F${places.size + 1}`
    places.set(id, { length })
    const uploadUrl = `http://${asked.headers.host}/upload/v1/${id}?t=x`
    return { body: { ok: true, upload_url: uploadUrl, file_id: id } }
  }
  const upload = (id: string, asked: Asked): Reply => {
    const found = places.get(id)
    // Whoever holds the address may; a token would be told to somebody who need not know it.
    if (found === undefined || asked.headers.authorization !== undefined) return { status: 403 }
    if (asked.bytes.length !== found.length) return { status: 400, body: 'wrong length' }
    found.bytes = asked.bytes
    return { body: `OK - ${asked.bytes.length}` }
  }
  const complete = (form: URLSearchParams): Reply => {
    const [{ id, title }] = JSON.parse(form.get('files') ?? '[{}]')
    const found = places.get(id)
    if (found?.bytes === undefined || found.isDone) return wrong('file_not_found')
    const [room, thread] = [form.get('channel_id') ?? '', form.get('thread_ts') ?? '']
    // A name is none: it must be an id.
    if (!/^C/.test(room)) return wrong('channel_not_found')
    found.isDone = true
    shared.push({ bytes: found.bytes, room, thread, title })
    return { body: { ok: true, files: [{ id, title }] } }
  }
  return {
    shared,
    answer(asked) {
      const { pathname } = asked.url
      if (pathname.startsWith('/upload/v1/')) return upload(pathname.split('/').at(-1)!, asked)
      if (!pathname.startsWith('/api/files.')) return undefined
      if (asked.headers.authorization !== `Bearer ${token}`) return wrong('invalid_auth')
      const form = new URLSearchParams(asked.text)
      if (pathname === '/api/files.getUploadURLExternal') return place(form, asked)
      return pathname === '/api/files.completeUploadExternal' ? complete(form) : wrong('unknown_method')
    },
  }
}
