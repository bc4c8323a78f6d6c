// The devices that want to be told, as rows of the state: whose they are, where their push service is, and how it went
// last. Whoever may not log in any more is told nothing. Called by push.ts and push-routes.ts.
import { createHash } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { audited } from '#core/state/audit.ts'
import type { WebPushDevicesTable } from '#core/state/tables.ts'
import type { State } from '#core/state.ts'
import type { Subscription } from './subscription.ts'

export type Device = Readonly<{
  id: string
  user: string
  name: string
  endpoint: string
  p256dh: string
  auth: string
  createdAtMs: number
  deliveredAtMs: number | null
  // Later than the last delivery.
  trouble: Readonly<{ atMs: number; text: string }> | null
}>

export type Whom = Readonly<{ users: readonly string[] }> | 'everyone'

export interface Devices {
  list(whom: Whom): Promise<readonly Device[]>
  // The same browser again is the same device; if somebody else logged in there, it is theirs now.
  add(user: string, subscription: Subscription): Promise<Device>
  // Nothing where there is none of that id (and user).
  find(id: string, user: string | undefined): Promise<Device | undefined>
  remove(device: Device, by: string, why: string): Promise<void>
  delivered(devices: readonly Device[]): Promise<void>
  troubled(device: Device, text: string): Promise<void>
}

// People have a few; whoever makes more is a program that has gone wrong.
export const devicesMax = 20

type Parts = Readonly<{ state: State; clock: Clock }>

export function openDevices({ state, clock }: Parts): Devices {
  const { db } = state
  const rows = () =>
    db
      .selectFrom('web_push_devices as device')
      .innerJoin('users', 'users.id', 'device.user_id')
      .selectAll('device')
      .select('users.name as user')
      .where('users.disabled_at_ms', 'is', null)
      .orderBy('users.name')
      .orderBy('device.created_at_ms')
      .orderBy('device.id')
  return {
    async list(whom) {
      const wanted = whom === 'everyone' ? rows() : rows().where('users.name', 'in', [...whom.users])
      return (await wanted.execute()).map(deviceOf)
    },
    async find(id, user) {
      const found = rows().where('device.id', '=', id)
      const row = await (user === undefined ? found : found.where('users.name', '=', user)).executeTakeFirst()
      return row === undefined ? undefined : deviceOf(row)
    },
    add: (user, subscription) => add({ state, clock }, user, subscription),
    async remove({ id, user, name }, by, why) {
      const details = { user, device: name, why }
      await state.write([
        db.deleteFrom('web_push_devices').where('id', '=', id),
        audited(db, { atMs: clock.nowMs(), who: by, what: 'push device removed', details }),
      ])
    },
    async delivered(devices) {
      const ids = devices.map(({ id }) => id)
      const set = { delivered_at_ms: clock.nowMs(), trouble_at_ms: null, trouble: nothing }
      await state.write([db.updateTable('web_push_devices').set(set).where('id', 'in', ids)])
    },
    async troubled({ id }, text) {
      const set = { trouble_at_ms: clock.nowMs(), trouble: JSON.stringify(text) }
      await state.write([db.updateTable('web_push_devices').set(set).where('id', '=', id)])
    },
  }
}

// A JSON string, because PostgreSQL's texts have no NUL.
const nothing = '""'

async function add(
  { state, clock }: Parts,
  user: string,
  { name, endpoint, keys }: Subscription,
): Promise<Device> {
  const nowMs = clock.nowMs()
  const id = createHash('sha256').update(endpoint).digest('hex').slice(0, 32)
  return state.transaction(async tx => {
    const owner = await tx.selectFrom('users').select('id').where('name', '=', user).executeTakeFirst()
    if (owner === undefined) throw new Failure('forbidden', `nobody is called ${user}`)
    const others = await tx
      .selectFrom('web_push_devices')
      .select('id')
      .where('user_id', '=', owner.id)
      .where('id', '!=', id)
      .execute()
    if (others.length >= devicesMax)
      throw new Failure('too_many_devices', `${user} has ${others.length} devices already`)
    const row: WebPushDevicesTable = {
      ...{ id, user_id: owner.id, name, endpoint, p256dh: keys.p256dh, auth: keys.auth },
      ...{ created_at_ms: nowMs, delivered_at_ms: null, trouble_at_ms: null, trouble: nothing },
    }
    const { id: _, ...rest } = row
    await tx
      .insertInto('web_push_devices')
      .values(row)
      .onConflict(on => on.column('id').doUpdateSet(rest))
      .execute()
    const details = { user, device: name, service: new URL(endpoint).host }
    await audited(tx, { atMs: nowMs, who: user, what: 'push device added', details }).execute()
    return deviceOf({ ...row, user })
  })
}

const deviceOf = (row: WebPushDevicesTable & Readonly<{ user: string }>): Device => ({
  ...{ id: row.id, user: row.user, name: row.name, endpoint: row.endpoint },
  ...{ p256dh: row.p256dh, auth: row.auth },
  ...{ createdAtMs: row.created_at_ms, deliveredAtMs: row.delivered_at_ms },
  trouble:
    row.trouble_at_ms === null ? null : { atMs: row.trouble_at_ms, text: JSON.parse(row.trouble) as string },
})
