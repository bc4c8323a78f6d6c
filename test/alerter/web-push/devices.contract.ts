// What devices and keys promise on every engine of the state. Called by devices.test.ts for SQLite and by
// live/room-books.test.ts for PostgreSQL.
import { describe, expect, onTestFinished, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { State } from '#core/state.ts'
import { devicesMax, openDevices } from '../../../alerter/web-push/devices.ts'
import { openVapidKeys } from '../../../alerter/web-push/vapid.ts'
import { openBrowser } from './browser.ts'
import { startMs, userRow } from './stand.ts'

type Engine = Readonly<{ state: State; dispose(): Promise<void> }>

const phone = (nth: number | string, name = 'phone') =>
  openBrowser(`https://push.example.net/${nth}`).subscription(name)

export function webPushContract(engine: string, start: () => Promise<Engine>): void {
  describe(`web push in ${engine}`, () => {
    async function opened() {
      const { state, dispose } = await start()
      onTestFinished(dispose)
      const clock = new SimulatedClock(startMs)
      await state.write(['anna', 'bo'].map(name => userRow(state, name)))
      return { state, clock, devices: openDevices({ state, clock }) }
    }

    test('two processes that need a key at the same time have the same, and it stays', async () => {
      const { state, clock } = await opened()
      const [one, other] = [1, 2].map(() => openVapidKeys({ state, clock }))
      const [first, second] = await Promise.all([one!.read(), other!.read()])
      expect(second.publicKey).toBe(first.publicKey)
      expect(Buffer.from(first.publicKey, 'base64url')).toHaveLength(65)
      expect((await openVapidKeys({ state, clock }).read()).publicKey).toBe(first.publicKey)
      expect(await state.db.selectFrom('web_push_keys').selectAll().execute()).toHaveLength(1)
    })

    test('gives back what was added, of those who are asked for', async () => {
      const { devices } = await opened()
      expect(await devices.list('everyone')).toEqual([])
      const given = phone(1, '安娜的手机')
      const added = await devices.add('anna', given)
      expect(added).toEqual({
        ...{ id: added.id, user: 'anna', name: '安娜的手机', endpoint: given.endpoint, ...given.keys },
        ...{ createdAtMs: startMs, deliveredAtMs: null, trouble: null },
      })
      const other = await devices.add('bo', phone(2))
      expect(await devices.list({ users: ['anna', 'nobody'] })).toEqual([added])
      expect(await devices.list('everyone')).toEqual([added, other])
      expect(await devices.find(added.id, undefined)).toEqual(added)
      expect(await devices.find(added.id, 'anna')).toEqual(added)
      expect(await devices.find(added.id, 'bo')).toBeUndefined()
    })

    test('the same browser is one device, of whom logged in there last', async () => {
      const { devices } = await opened()
      const { id } = await devices.add('anna', phone(1))
      await devices.troubled((await devices.find(id, 'anna'))!, 'answered 500\u0000')
      expect((await devices.add('bo', phone(1, 'shared'))).id).toBe(id)
      expect(await devices.list({ users: ['anna'] })).toEqual([])
      expect(await devices.list('everyone')).toMatchObject([
        { id, user: 'bo', name: 'shared', trouble: null },
      ])
    })

    test('remembers how it went last', async () => {
      const { devices, clock } = await opened()
      const one = await devices.add('anna', phone(1))
      await clock.runFor(1)
      const other = await devices.add('anna', phone(2))
      const now = async () =>
        (await devices.list('everyone')).map(({ deliveredAtMs, trouble }) => ({ deliveredAtMs, trouble }))
      await devices.troubled(one, 'answered 500 \u0000')
      const trouble = { atMs: startMs + 1, text: 'answered 500 \u0000' }
      expect(await now()).toEqual([
        { deliveredAtMs: null, trouble },
        { deliveredAtMs: null, trouble: null },
      ])
      await clock.runFor(1_000)
      await devices.delivered([one, other])
      expect(await now()).toEqual([1, 2].map(() => ({ deliveredAtMs: startMs + 1_001, trouble: null })))
    })

    test('one person has so many and no more, and may add one again', async () => {
      const { devices } = await opened()
      for (let nth = 0; nth < devicesMax; nth++) await devices.add('anna', phone(nth))
      const refused = await devices.add('anna', phone('more')).catch(error => error)
      expect(refused).toBeInstanceOf(Failure)
      expect(refused.code).toBe('too_many_devices')
      await devices.add('anna', phone(3, 'again'))
      await devices.add('bo', phone('more'))
      expect(await devices.list('everyone')).toHaveLength(devicesMax + 1)
      await expect(devices.add('nobody', phone(99))).rejects.toThrow('nobody is called nobody')
    })

    test('whoever may not log in any more has no devices, and who is gone takes them along', async () => {
      const { devices, state } = await opened()
      const { id } = await devices.add('anna', phone(1))
      const disable = (at: number | null) =>
        state.write([state.db.updateTable('users').set({ disabled_at_ms: at }).where('name', '=', 'anna')])
      await disable(startMs)
      expect(await devices.list('everyone')).toEqual([])
      expect(await devices.find(id, undefined)).toBeUndefined()
      await disable(null)
      expect(await devices.list('everyone')).toHaveLength(1)
      await state.write([state.db.deleteFrom('users').where('name', '=', 'anna')])
      expect(await state.db.selectFrom('web_push_devices').selectAll().execute()).toEqual([])
    })

    test('what is removed is gone, and stands in the audit', async () => {
      const { devices, state } = await opened()
      const device = await devices.add('anna', phone(1))
      await devices.remove(device, 'web-push', 'answered 410')
      expect(await devices.list('everyone')).toEqual([])
      const audit = await state.db
        .selectFrom('audit')
        .select(['who', 'what', 'details'])
        .orderBy('id')
        .execute()
      expect(audit.map(each => ({ ...each, details: JSON.parse(each.details) }))).toEqual([
        {
          who: 'anna',
          what: 'push device added',
          details: { user: 'anna', device: 'phone', service: 'push.example.net' },
        },
        {
          who: 'web-push',
          what: 'push device removed',
          details: { user: 'anna', device: 'phone', why: 'answered 410' },
        },
      ])
    })
  })
}
