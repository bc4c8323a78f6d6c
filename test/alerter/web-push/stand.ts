// Web push with a real state, people, and a push service on this machine that answers as it is told. Called by the tests of
// web push.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SimulatedClock } from '#core/clock.ts'
import type { Trust } from '#core/guard.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { openPost } from '../../../alerter/post.ts'
import { openPush } from '../../../alerter/web-push/push.ts'
import { type Asked, type Reply, serve } from '../fake-services/serve.ts'
import { type Browser, openBrowser } from './browser.ts'

export const startMs = Date.UTC(2026, 10, 21, 9)

type Options = Readonly<{ trust?: Trust; externalUrl?: string }>

// With two people.
export async function openPeople() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-push-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  await state.write(['anna', 'bo'].map(name => userRow(state, name)))
  const close = async (): Promise<void> => {
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { state, close }
}

// What was there before is forgotten.
export async function openStand(
  state: State,
  { trust = 'operator', externalUrl = 'https://plimsoll.example.org' }: Options = {},
) {
  await state.write([state.db.deleteFrom('web_push_devices'), state.db.deleteFrom('audit')])
  const clock = new SimulatedClock(startMs)
  const own = openOwnMetrics()
  const replies = new Map<string, Reply>()
  const service = await serve(asked => replies.get(asked.url.pathname) ?? { status: 201 })
  const post = openPost({ clock })
  const lines: string[] = []
  const log = openLog({ clock, write: line => void lines.push(line) })
  const push = openPush({ state, clock, own, log, post, externalUrl, trust })
  const browsers = new Map<string, Browser>()
  return {
    ...{ state, clock, own, push, service, lines, browsers },
    // A device of somebody; its address holds a secret.
    async device(user: string, name: string) {
      const browser = openBrowser(`${service.origin}/send/S3cret-Place-${user}-${name}`)
      browsers.set(name, browser)
      return push.devices.add(user, browser.subscription(name))
    },
    // What the service says of a device from now on.
    says(name: string, reply: Reply) {
      replies.set(new URL(browsers.get(name)!.endpoint).pathname, reply)
    },
    // What arrived at a device, as its browser reads it.
    arrived: (name: string): readonly Readonly<{ asked: Asked; shown: Record<string, unknown> }>[] =>
      service.asked
        .filter(({ url }) => url.pathname === new URL(browsers.get(name)!.endpoint).pathname)
        .map(asked => ({ asked, shown: JSON.parse(browsers.get(name)!.read(asked.bytes)) })),
    audit: async () =>
      (await state.db.selectFrom('audit').selectAll().orderBy('id').execute()).map(
        ({ who, what, details }) => ({ who, what, ...JSON.parse(details) }),
      ),
    async [Symbol.asyncDispose]() {
      post.close()
      await service.close()
    },
  }
}

export const userRow = ({ db }: State, name: string) =>
  db.insertInto('users').values({
    ...{ id: `u-${name}`, name, password_hash: 'none', scopes: '["read"]' },
    ...{ created_at_ms: startMs, disabled_at_ms: null },
  })
