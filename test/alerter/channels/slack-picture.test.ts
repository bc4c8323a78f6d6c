// The picture of the last hour behind a message at Slack, through delivery and HTTP to a service that behaves so: it
// follows in the thread, and whatever becomes of it, the message was told, and told once.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { openPost, type Post } from '../../../alerter/post.ts'
import type { Integration } from '../../../alerter/route.ts'
import { openDock } from '../delivery/dock.ts'
import { key } from '../fake-services/fake.ts'
import { type Asked, type Reply, type Served, serve } from '../fake-services/serve.ts'
import { slack } from '../fake-services/slack.ts'
import { type SlackFiles, slackFiles } from '../fake-services/slack-files.ts'

const picture = Uint8Array.from({ length: 3_000 }, (_, at) => (at * 7_919) % 251)

let dock: ReturnType<typeof openDock>
let post: Post
let service: Served
let files: SlackFiles
let integration: Integration
let drawn: number
// Outranks what the service would say.
let reply: (asked: Asked) => Reply | undefined
beforeEach(async () => {
  dock = openDock()
  post = openPost({ clock: realClock })
  files = slackFiles(key)
  reply = () => undefined
  const words = slack()
  service = await serve(
    asked => reply(asked) ?? files.answer(asked) ?? words.answer(asked, dock.clock.nowMs()),
  )
})
afterEach(async () => {
  await dock.close()
  post.close()
  await service.close()
})

async function open(more: object = {}): Promise<void> {
  const settings = channels['slack']!.settings.parse({
    app_token: key,
    app_url: `${service.origin}/api/chat.postMessage`,
    channel: '#ops',
    ...more,
  })
  integration = { id: 'slack/0', channel: 'slack', settings, tellsEnds: true }
  dock.configure(integration)
  drawn = 0
  const pictureOf = async () => {
    drawn += 1
    return picture
  }
  dock.open({ post, channels, lastHour: { pictureOf } })
  await dock.clock.runFor(60_000)
}
const paths = (): string[] => service.asked.map(({ url }) => url.pathname)
const posts = (): number => paths().filter(path => path === '/api/chat.postMessage').length
const told = (): number => dock.shelf.facts().filter(({ kind }) => kind === 'told').length
const until = (isSo: () => boolean) =>
  expect
    .poll(
      async () => {
        if (!isSo()) await dock.clock.runFor(100)
        return isSo()
      },
      { interval: 2 },
    )
    .toBe(true)
const failed = (): string[] => dock.lines.filter(line => line.includes('its picture was not'))

test('the words come first, and the picture follows in their thread', async () => {
  await open()
  dock.tell('g', 'slack/0')
  await until(() => files.shared.length === 1)
  expect(paths()).toEqual([
    '/api/chat.postMessage',
    '/api/files.getUploadURLExternal',
    '/upload/v1/F1',
    '/api/files.completeUploadExternal',
  ])
  expect(files.shared).toEqual([
    { bytes: Buffer.from(picture), room: 'C1', thread: '1763.2', title: 'The last hour' },
  ])
  expect([told(), failed()]).toEqual([1, []])
})

test('what follows about an incident has its picture in the thread of the first message', async () => {
  await open()
  let nth = 0
  reply = ({ url }) =>
    url.pathname === '/api/chat.postMessage'
      ? { body: { ok: true, channel: 'C1', ts: `9.${++nth}` } }
      : undefined
  dock.tell('g', 'slack/0')
  await until(() => files.shared.length === 1)
  dock.tell('g', 'slack/0', { reason: 'repeat' })
  await until(() => files.shared.length === 2)
  expect(files.shared.map(({ thread }) => thread)).toEqual(['9.1', '9.1'])
})

test('a picture that fails, at whichever step, is a line in the log; the message is told once', async () => {
  await open()
  let count = 0
  const t = async (path: string, said: Reply, why: string) => {
    const before = [posts(), failed().length] as const
    reply = ({ url }) => (url.pathname.startsWith(path) ? said : undefined)
    dock.tell(`g${++count}`, 'slack/0')
    await until(() => failed().length > before[1])
    expect(failed().at(-1), path).toContain(why)
    await dock.clock.runFor(3_600_000)
    expect([posts() - before[0], told()], path).toEqual([1, count])
  }

  await t('/api/files.get', { body: { ok: false, error: 'fatal_error' } }, 'fatal_error')
  await t('/api/files.get', { status: 429, headers: { 'retry-after': '1' }, body: 'slow down' }, '429')
  await t('/api/files.get', { body: { ok: true, upload_url: 7 } }, 'answered 200')
  await t('/upload', { status: 500, body: `no, ${key}` }, 'answered 500: no, ***')
  await t('/upload', 'reset', '')
  await t('/api/files.complete', { body: { ok: false, error: 'not_in_channel' } }, 'not_in_channel')
  expect(files.shared).toEqual([])
})

test('where no picture can ever arrive, none is tried again and one line says what to do', async () => {
  await open()
  const left = (): string[] => dock.lines.filter(line => line.includes('go without pictures'))
  const asksFiles = (): number => paths().filter(path => path.startsWith('/api/files.')).length
  const tell = async (group: string): Promise<void> => {
    const before = told()
    dock.tell(group, 'slack/0')
    await until(() => told() > before)
  }
  let count = 0
  const t = async (path: string, said: Reply, why: string) => {
    dock.configure({ ...integration })
    reply = ({ url }) => (url.pathname.startsWith(path) ? said : undefined)
    const before = [asksFiles(), left().length, drawn] as const
    await tell(`g${++count}`)
    await until(() => left().length > before[1])
    const asks = asksFiles() - before[0]
    await tell(`g${++count}`)
    await tell(`g${++count}`)
    await dock.clock.runFor(60_000)
    expect([asksFiles() - before[0], left().length - before[1], drawn - before[2]], why).toEqual([asks, 1, 1])
    expect(left().at(-1)).toContain(why)
  }

  const error = (word: string): Reply => ({ body: { ok: false, error: word } })
  await t(
    '/api/files.get',
    error('missing_scope'),
    'answered missing_scope; pictures need an app with the scope',
  )
  await t('/api/files.get', error('not_allowed_token_type'), 'files:write')
  await t('/api/files.get', error('invalid_auth'), 'files:write')
  await t('/api/files.get', error('unknown_method'), '`pictures: false`')
  await t(
    '/api/files.get',
    { status: 404, body: '<p>Not here.</p>'.repeat(99) },
    '404; what takes no files needs `pi',
  )
  await t('/api/files.complete', error('missing_scope'), 'files:write')
  expect(failed()).toEqual([])

  // The configuration is read again, with the same settings: a token stays when its app may do more.
  dock.configure({ ...integration })
  reply = () => undefined
  await tell('mended')
  await until(() => files.shared.length === 1)
})

test('nobody sends us to a place of this network with a picture', async () => {
  await open()
  reply = ({ url }) =>
    url.pathname.startsWith('/api/files.get')
      ? { body: { ok: true, file_id: 'F1', upload_url: 'http://127.0.0.2:9/latest/meta-data' } }
      : undefined
  dock.tell('g', 'slack/0')
  await until(() => failed().length === 1)
  expect(told()).toBe(1)
  expect(paths()).not.toContain('/api/files.completeUploadExternal')
})

test('a place that never answers holds up neither the message nor whoever stops', async () => {
  await open()
  reply = ({ url }) => (url.pathname.startsWith('/upload') ? 'hang' : undefined)
  dock.tell('g', 'slack/0')
  await until(() => told() === 1 && paths().includes('/upload/v1/F1'))
  dock.tell('other', 'slack/0')
  await until(() => told() === 2)
  await dock.close()
  expect(failed()).toEqual([])
})

test('a webhook has no picture, nor has who wants none', async () => {
  const takes = (more: object) => {
    const { settings, takesPicture } = channels['slack']!
    return takesPicture!(settings.parse({ channel: '#ops', ...more }))
  }
  expect(takes({ app_token: key })).toBe(true)
  expect(takes({ app_token: key, pictures: false })).toBe(false)
  expect(takes({ api_url: 'https://hooks.slack.com/x' })).toBe(false)
  await open({ pictures: false })
  dock.tell('g', 'slack/0')
  await until(() => told() === 1)
  expect(paths()).toEqual(['/api/chat.postMessage'])
})
