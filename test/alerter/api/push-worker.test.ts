// The worker of web push as a browser runs it, with a screen that remembers what it was to show.
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { notificationOf } from '../../../alerter/web-push/notification.ts'
import { ended, messageOf, startMs } from '../messages.ts'

const source = readFileSync('alerter/api/push/push-worker.js', 'utf8')

type Event = { waitUntil(work: Promise<unknown>): void } & Record<string, unknown>

function openWorker({ scope = 'https://plimsoll.example.org/', windows = [] as { url: string }[] } = {}) {
  const hears = new Map<string, (event: Event) => void>()
  const screen = new Map<string, Record<string, unknown>>()
  const opened: string[] = []
  const asked: unknown[] = []
  const self = {
    navigator: {},
    addEventListener: (name: string, hear: (event: Event) => void) => void hears.set(name, hear),
    registration: {
      scope,
      async showNotification(title: string, options: { tag: string }) {
        screen.set(options.tag, { title, ...options })
      },
      pushManager: { subscribe: async () => ({ toJSON: () => ({ endpoint: 'new' }) }) },
    },
    clients: {
      matchAll: async () =>
        windows.map(each => ({ ...each, focus: async () => opened.push(`focus ${each.url}`) })),
      openWindow: async (url: string) => opened.push(url),
    },
  }
  const fetch = async (url: string, init: { body: string }) => asked.push([url, JSON.parse(init.body)])
  runInNewContext(source, { self, URL, fetch })
  const fire = async (name: string, event: object): Promise<void> => {
    let done: Promise<unknown> = Promise.resolve()
    hears.get(name)!({ ...event, waitUntil: work => (done = work) })
    await done
  }
  return {
    ...{ screen, opened, asked, fire },
    push: (text: string) => fire('push', { data: { json: () => JSON.parse(text) } }),
    click: (path: string) => fire('notificationclick', { notification: { close: () => {}, data: { path } } }),
  }
}

test('shows what a message says; its end takes its place', async () => {
  const { push, screen } = openWorker()
  await push(notificationOf(messageOf(), {}).body)
  expect([...screen.values()]).toEqual([
    {
      title: expect.stringContaining('disk /var is 94 % full'),
      body: expect.stringContaining('16:55'),
      ...{ tag: 'incident/4711', lang: 'en', timestamp: startMs, data: { path: '/i/4711?k=a_b' } },
      ...{ icon: 'https://plimsoll.example.org/push-icon.png' },
      ...{ requireInteraction: true, silent: false, renotify: true },
    },
  ])
  await push(notificationOf(ended, {}).body)
  expect([...screen.values()]).toMatchObject([
    { title: expect.stringContaining('Works again'), requireInteraction: false },
  ])
  await push(notificationOf(messageOf({ urgency: 'low', incident: 1 }), {}).body)
  expect(screen.get('incident/1')).toMatchObject({ silent: true, renotify: false })
})

test('what cannot be read is shown too, or the browser would take the permission away', async () => {
  const { push, fire, screen } = openWorker()
  await push('no JSON')
  await fire('push', { data: null })
  expect([...screen.values()]).toMatchObject([{ title: 'Plimsoll', tag: 'plimsoll', data: { path: '/' } }])
})

test('a touch opens the incident, in the window that has it already, and never another host', async () => {
  const t = async (scope: string, path: string, wanted: string) => {
    const { click, opened } = openWorker({ scope, windows: [{ url: 'https://x.example/ops/i/1' }] })
    await click(path)
    expect(opened, path).toEqual([wanted])
  }
  await t('https://x.example/', '/i/4711?k=a', 'https://x.example/i/4711?k=a')
  await t('https://x.example/ops/', '/i/4711', 'https://x.example/ops/i/4711')
  await t('https://x.example/ops/', '/i/1', 'focus https://x.example/ops/i/1')
  await t('https://x.example/', '//evil.example/x', 'https://x.example/')
  await t('https://x.example/', 'https://evil.example/x', 'https://x.example/')
})

test('an address that the browser has changed is told to the service', async () => {
  const { fire, asked } = openWorker()
  await fire('pushsubscriptionchange', { oldSubscription: { options: { userVisibleOnly: true } } })
  await fire('pushsubscriptionchange', {})
  expect(asked).toEqual([
    ['https://plimsoll.example.org/api/plimsoll/v1/push/devices', { name: 'browser', endpoint: 'new' }],
  ])
})
