// Ownership as stories on a simulated clock, with SQLite below: who owns, who stops, whose writes are refused.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { takeOver } from '#core/lease/lease-rows.ts'
import type { Lease } from '#core/lease.ts'
import { openLeaseWorld, type Process, type World } from './lease-world.ts'

let w: World
beforeEach(async () => {
  w = await openLeaseWorld()
})
afterEach(() => w.close())

const owners = async (): Promise<string[]> => {
  const runs: string[] = []
  for (const { owner, epoch } of await w.accepted()) {
    const run = `${owner} ${epoch}`
    if (runs.at(-1) !== run) runs.push(run)
  }
  return runs
}
const textOf = (process: Process) => process.own.text()

describe('two processes', () => {
  let a: Process
  let b: Process
  beforeEach(async () => {
    a = w.start('a')
    await w.runFor(1_000)
    b = w.start('b')
    await w.runFor(9_000)
  })

  test('one owns, the other waits', async () => {
    await w.runFor(50_000)
    expect(w.told).toEqual(['0s a owns 1'])
    expect(await owners()).toEqual(['a 1'])
    expect([a.isOwner(), b.isOwner()]).toEqual([true, false])
    expect(await w.accepted()).toHaveLength(121)
  })

  test('one that is killed is followed within eight seconds', async () => {
    a.kill()
    await w.runFor(8_100)
    expect(w.told[1]).toMatch(/^1[4-8](\.\d)?s b owns 2$/)
    expect(await owners()).toEqual(['a 1', 'b 2'])
    expect(b.logged).toMatchObject([{ msg: 'took over from an owner that fell silent', name: 'turn' }])
    expect(b.logged[0]?.['owner']).toMatch(/^a /)
  })

  test('who watched it before takes it over as soon as he campaigns for it', async () => {
    const c = w.start('c', { name: 'idle' })
    c.leases.watch(['turn'])
    await b.campaign.stop()
    a.kill()
    await w.runFor(9_000)
    expect(w.told).toEqual(['0s a owns 1', '10s c owns 1'])
    const taken: number[] = []
    c.leases.campaign('turn', async lease => void taken.push(lease.epoch))
    await w.runFor(200)
    expect(taken).toEqual([2])
  })

  test('one that sleeps for a minute and wakes writes nothing more, and says that it lost', async () => {
    const lease = a.lease()!
    // It sleeps with a write on its way, and with one that it had decided on.
    const late = lease.write([w.mark('a', 1)])
    a.pause()
    const before = (await w.accepted()).length
    await w.runFor(60_000)
    expect(w.told).toHaveLength(2)
    a.wake()
    await expect(late).resolves.toBeDefined()
    await w.runFor(10_000)
    expect(w.told.slice(2)).toEqual(['70s a ends 1: lease_lost'])
    expect(lease.isHeld()).toBe(false)
    await expect(lease.write([w.mark('a', 1)])).rejects.toMatchObject({ code: 'lease_lost' })
    await expect(lease.transaction(async () => {})).rejects.toMatchObject({ code: 'lease_lost' })
    expect(await owners()).toEqual(['a 1', 'b 2'])
    expect((await w.accepted()).filter(each => each.owner === 'a').length).toBeLessThanOrEqual(before + 1)
    expect(await textOf(a)).toContain('plimsoll_lease_losses_total{because="late",kind="turn"} 1')
    expect(await textOf(b)).toContain('plimsoll_lease_takeovers_total{because="silent",kind="turn"} 1')
  })

  test('one that sleeps shorter than others wait goes on', async () => {
    a.pause()
    await w.runFor(2_500)
    a.wake()
    await w.runFor(20_000)
    expect(w.told).toEqual(['0s a owns 1'])
  })

  test('a sleep that it notices before any timer does', async () => {
    const lease = a.lease()!
    a.pause()
    await w.runFor(30_000)
    // Nothing of it has run yet when it is asked.
    expect(lease.isHeld()).toBe(false)
    a.wake()
    expect(a.lease()).toBeUndefined()
  })

  test('closing hands over within one look', async () => {
    const closing = a.leases.close()
    await w.runFor(2_100)
    await closing
    expect(w.told.slice(1)).toEqual([
      '10s a ends 1: stopping',
      expect.stringMatching(/^1[0-2](\.\d)?s b owns 2$/),
    ])
    expect(() => a.leases.campaign('other', async () => {})).toThrow('stopping')
    expect(await textOf(a)).toContain('plimsoll_lease_held{kind="turn"} 0')
    expect(await textOf(b)).toContain('plimsoll_lease_held{kind="turn"} 1')
    expect(await textOf(b)).toContain('{because="released",kind="turn"} 1')
    expect(await textOf(a)).not.toContain('plimsoll_lease_losses_total{')
  })

  test('a state that is away for a moment costs nothing', async () => {
    for (const each of [a, b]) each.set('away')
    await w.runFor(2_500)
    for (const each of [a, b]) each.set('open')
    await w.runFor(20_000)
    expect(w.told).toEqual(['0s a owns 1'])
    expect(a.logged[0]).toMatchObject({ msg: 'cannot renew what this process owns' })
  })

  test('a state that is away for long stops the owner, and somebody goes on when it is back', async () => {
    for (const each of [a, b]) each.set('away')
    await w.runFor(20_000)
    expect(w.told.slice(1)).toEqual([expect.stringMatching(/^1[2-5](\.\d)?s a ends 1: lease_lost$/)])
    for (const each of [a, b]) each.set('open')
    await w.runFor(3_000)
    expect(w.told).toHaveLength(3)
    expect(w.told[2]).toMatch(/owns 2$/)
    expect([a.isOwner(), b.isOwner()].filter(Boolean)).toHaveLength(1)
  })

  test('an owner whose write hangs stops by its own clock, and its write is refused when it arrives', async () => {
    a.set('cut')
    const hanging = a.lease()!.write([w.mark('a', 1)])
    const refused = expect(hanging).rejects.toMatchObject({ code: 'lease_lost' })
    await w.runFor(8_100)
    const [stopped, followed] = w.told.slice(1)
    expect(stopped).toMatch(/^1[2-5](\.\d)?s a ends 1: lease_lost$/)
    expect(followed).toMatch(/^1[4-8](\.\d)?s b owns 2$/)
    a.set('open')
    await w.runFor(20_000)
    await refused
    expect(await owners()).toEqual(['a 1', 'b 2'])
  })

  test('time counts from before a renewal was sent, however late its answer', async () => {
    a.set('slow')
    await w.runFor(4_100)
    // One was sent at 12 s, and its answer comes at 14.2 s.
    a.set('cut')
    await w.runFor(3_000)
    expect(w.told[1]).toBe('17s a ends 1: lease_lost')
  })

  test('what others write through the same process holds up neither renewals nor takeovers', async () => {
    b.set('crowded')
    a.kill()
    await w.runFor(8_100)
    expect(w.told[1]).toMatch(/^1[4-8](\.\d)?s b owns 2$/)
    await w.runFor(60_000)
    expect(w.told).toHaveLength(2)
    expect(b.isOwner()).toBe(true)
  })

  test('nobody compares clocks, and clocks that are set change nothing', async () => {
    a.setClock(3_600_000)
    b.setClock(-3_600_000)
    // An hour that is gone may have been a sleep: until the next renewal nobody can know.
    expect([a.isOwner(), a.lease()!.isHeld()]).toEqual([false, false])
    await w.runFor(2_000)
    expect(a.isOwner()).toBe(true)
    a.setClock(-7_200_000)
    expect(a.isOwner()).toBe(true)
    await w.runFor(20_000)
    expect(w.told).toEqual(['0s a owns 1'])
    expect(await w.accepted()).toHaveLength(65)
  })

  test('an owner that finds another name in its row stops', async () => {
    await w.state.write([w.state.db.updateTable('leases').set({ owner: 'somebody', epoch: 7 })])
    await expect(a.lease()!.write([w.mark('a', 1)])).rejects.toMatchObject({ code: 'lease_lost' })
    await w.runFor(2_000)
    expect(w.told[1]).toBe('10s a ends 1: lease_lost')
    expect(await textOf(a)).toContain('plimsoll_lease_losses_total{because="taken",kind="turn"} 1')
    await w.runFor(8_000)
    expect(w.told[2]).toMatch(/owns 8$/)
  })
})

test('a lease that was renewed since the look is not taken', async () => {
  w.start('a')
  await w.runFor(1_000)
  const [seen] = await w.rows()
  await w.runFor(2_000)
  const [written] = await w.state.write([takeOver(w.state.db, seen!, 'b')])
  expect(written?.changed).toBe(0)
  expect((await w.rows())[0]).toMatchObject({ owner: seen?.owner, epoch: 1 })
})

test('what was taken for a campaign that is over by then is given back', async () => {
  const a = w.start('a')
  a.set('slow')
  // The look has been answered, the taking has not.
  await w.runFor(3_000)
  expect((await w.rows())[0]).toMatchObject({ owner: expect.stringMatching(/^a /), epoch: 1 })
  await a.campaign.stop()
  await w.runFor(5_000)
  expect((await w.rows())[0]).toMatchObject({ owner: '', epoch: 1 })
  expect(w.told).toEqual([])
})

test('when the answer to taking it is lost, it is taken again', async () => {
  const a = w.start('a')
  a.set('deaf')
  await w.runFor(3_000)
  a.set('cut')
  await w.runFor(10_000)
  expect(w.told).toEqual([])
  a.set('open')
  await w.runFor(30_000)
  expect(w.told).toHaveLength(1)
  expect(a.isOwner()).toBe(true)
  const [row] = await w.rows()
  expect(row?.epoch).toBe(a.lease()?.epoch)
})

describe('a write of an owner', () => {
  const ids = async () => (await w.accepted()).map(each => `${each.owner} ${each.epoch}`)
  beforeEach(async () => {
    w.start('a', { work: (lease, signal) => held(lease, signal) })
  })
  let lease: Lease
  const held = (given: Lease, signal: AbortSignal): Promise<void> => {
    lease = given
    return new Promise(resolve => signal.addEventListener('abort', () => resolve()))
  }
  const usurp = (set: object) => w.state.write([w.state.db.updateTable('leases').set(set)])

  test('answers as the state does, without the row of the fence', async () => {
    await w.runFor(100)
    const remove = w.state.db.deleteFrom('audit').where('who', '=', 'a').returning('who')
    const written = await lease.write([w.mark('a', 1), w.mark('a', 1), remove])
    expect(written).toEqual([
      { rows: [], changed: 1 },
      { rows: [], changed: 1 },
      { rows: [{ who: 'a' }, { who: 'a' }], changed: 2 },
    ])
  })

  test('is all or nothing with its fence', async () => {
    await w.runFor(100)
    const before = await w.rows()
    const twice = w.mark('a', 1)
    // A statement that fails is told as what it is.
    await expect(lease.write([w.mark('a', 1), twice, twice])).rejects.toMatchObject({ code: 'conflict' })
    expect(await ids()).toEqual([])
    // Nothing is changed by the fence itself.
    await lease.write([w.mark('a', 1)])
    expect(await w.rows()).toEqual(before)
    expect(lease.isHeld()).toBe(true)
  })

  test('is refused whatever became of the row', async () => {
    const t = async (what: string, spoil: () => Promise<unknown>) => {
      await w.runFor(8_000)
      expect(lease.isHeld(), what).toBe(true)
      await spoil()
      await expect(lease.write([w.mark('a', 1)]), what).rejects.toMatchObject({ code: 'lease_lost' })
      expect(await ids(), what).toEqual([])
    }
    await t('a newer epoch', () => usurp({ epoch: 20 }))
    await t('another owner', () => usurp({ owner: 'somebody' }))
    await t('given back', () => usurp({ owner: '' }))
    await t('an older epoch, out of a backup', () => usurp({ owner: 'before', epoch: 2 }))
    await t('gone', () => w.state.write([w.state.db.deleteFrom('leases')]))
  })

  test('shares its commit with others, of which none is hurt', async () => {
    await w.runFor(100)
    await usurp({ epoch: 20 })
    const outcomes = await Promise.allSettled([
      w.state.write([w.mark('other', 0)]),
      lease.write([w.mark('a', 1)]),
      w.state.write([w.mark('other', 0)]),
    ])
    expect(outcomes.map(each => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await ids()).toEqual(['other 0', 'other 0'])
  })

  test('in a transaction is checked before anything else', async () => {
    await w.runFor(100)
    expect(await lease.transaction(async tx => tx.selectFrom('leases').select('epoch').execute())).toEqual([
      { epoch: 1 },
    ])
    await usurp({ epoch: 20 })
    let ran = false
    const refused = lease.transaction(async () => {
      ran = true
    })
    await expect(refused).rejects.toMatchObject({ code: 'lease_lost' })
    expect(ran).toBe(false)
  })

  test('in a transaction that slept is told as lost, and not as a bug', async () => {
    await w.runFor(100)
    const slept = lease.transaction(() => w.passTime(8_000))
    await expect(slept).rejects.toMatchObject({ code: 'lease_lost' })
  })

  test('in a transaction fails as its work does, and the lease stays', async () => {
    await w.runFor(100)
    const work = lease.transaction(async () => {
      throw new Failure('lease_lost', 'that of another name')
    })
    await expect(work).rejects.toThrow('that of another name')
    expect(lease.isHeld()).toBe(true)
  })
})

describe('work', () => {
  test('that writes nothing hears by the next renewal that somebody else owns its name', async () => {
    const waiting = (_: Lease, signal: AbortSignal): Promise<void> =>
      new Promise(resolve => signal.addEventListener('abort', () => resolve()))
    const a = w.start('a', { work: waiting })
    await w.runFor(1_000)
    await w.state.write([w.state.db.updateTable('leases').set({ owner: 'somebody', epoch: 7 })])
    await w.runFor(1_100)
    expect(a.logged).toMatchObject([{ msg: 'lost what this process owned', epoch: 1, because: 'taken' }])
  })

  test('that ends by itself gives others a turn', async () => {
    const turns: string[] = []
    const once = (name: string) => async () => void turns.push(name)
    w.start('a', { work: once('a') })
    await w.runFor(500)
    w.start('b', { work: once('b') })
    await w.runFor(20_000)
    expect(turns.filter(each => each === 'a').length).toBeGreaterThan(4)
    expect(turns.filter(each => each === 'b').length).toBeGreaterThan(4)
    expect(turns.length).toBeLessThan(24)
  })

  test('that fails is told and begun again', async () => {
    let begun = 0
    const failing = async () => {
      begun++
      throw new Failure('store_unavailable', 'try later')
    }
    const a = w.start('a', { work: failing })
    await w.runFor(5_000)
    expect(begun).toBe(3)
    expect(a.logged[0]).toMatchObject({ msg: 'the work of an owner failed and is begun again', name: 'turn' })
  })

  test('that has a bug ends its campaign, and others go on at once', async () => {
    const broken = async () => {
      throw new Error('cannot read undefined')
    }
    const a = w.start('a', { work: broken })
    await w.runFor(100)
    await expect(a.campaign.ended).rejects.toThrow('cannot read undefined')
    w.start('b')
    await w.runFor(100)
    expect(w.told).toEqual(['0.1s b owns 2'])
  })

  test('that has a bug which nobody handles is heard of by the process', async () => {
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    const heard: unknown[] = []
    process.on('unhandledRejection', error => void heard.push(error))
    try {
      w.start('a').leases.campaign('other', async () => {
        throw new Error('cannot read undefined')
      })
      await w.runFor(100)
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const each of listeners) process.on('unhandledRejection', each)
    }
    expect(heard).toEqual([new Error('cannot read undefined')])
  })

  test('that does not end is not begun a second time', async () => {
    let begun = 0
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const deaf = () => {
      begun++
      return end
    }
    const a = w.start('a', { work: deaf })
    await w.runFor(1_000)
    a.set('away')
    await w.runFor(6_000)
    a.set('open')
    await w.runFor(60_000)
    expect(begun).toBe(1)
    expect(a.logged.map(each => each['msg'])).toContain(
      'the work of a lost lease does not end, so it cannot begin again',
    )
    resolve()
    await w.runFor(1_500)
    expect(begun).toBe(2)
  })

  test('that does not end holds up a stop for four seconds at most, and others wait until it is silent', async () => {
    const a = w.start('a', { work: () => new Promise(() => {}) })
    await w.runFor(1_000)
    w.start('b')
    let closed = false
    a.leases.close().then(() => {
      closed = true
    })
    await w.runFor(3_500)
    expect(closed).toBe(false)
    await w.runFor(1_000)
    expect(closed).toBe(true)
    expect(w.told).toEqual([])
    await w.runFor(8_000)
    expect(w.told).toEqual([expect.stringContaining('b owns 2')])
  })

  test('may write down where it was when it is asked to stop', async () => {
    const a = w.start('a', {
      work: async (lease, signal) => {
        await new Promise(resolve => signal.addEventListener('abort', resolve))
        await lease.write([w.mark('a', lease.epoch)])
      },
    })
    await w.runFor(1_000)
    await a.leases.close()
    expect(await w.accepted()).toEqual([{ owner: 'a', epoch: 1 }])
    expect((await w.rows())[0]).toMatchObject({ owner: '', epoch: 1 })
  })

  test('a name is campaigned for once in a process, and again after its stop', async () => {
    const a = w.start('a')
    expect(() => a.leases.campaign('turn', async () => {})).toThrow('campaigns for turn already')
    await w.runFor(1_000)
    await a.campaign.stop()
    a.leases.campaign('turn', async lease => w.told.push(`again ${lease.epoch}`) as never)
    await w.runFor(100)
    expect(w.told.at(-1)).toBe('again 2')
  })
})

test('a hundred leases cost one write and at most one read in two seconds', async () => {
  const a = w.start('a')
  const b = w.start('b')
  const wait = (_: unknown, signal: AbortSignal): Promise<void> =>
    new Promise(resolve => signal.addEventListener('abort', () => resolve()))
  for (const each of [a, b]) {
    await each.campaign.stop()
    for (let at = 0; at < 100; at++) each.leases.campaign(`share/${at}`, wait)
  }
  await w.runFor(4_000)
  expect(await textOf(a)).toContain('plimsoll_lease_held{kind="share"} 100')
  const before = [a.asked.writes, a.asked.reads, b.asked.writes, b.asked.reads]
  await w.runFor(20_000)
  const after = [a.asked.writes, a.asked.reads, b.asked.writes, b.asked.reads]
  expect(after.map((count, at) => count - before[at]!)).toEqual([10, 0, 0, 10])
  a.kill()
  await w.runFor(8_100)
  expect(await textOf(b)).toContain('plimsoll_lease_held{kind="share"} 100')
})

describe('the only process of a state', () => {
  test('owns at once whatever the last one left, and writes nothing to keep it', async () => {
    const before = w.start('before')
    await w.runFor(10_000)
    before.kill()
    const a = w.start('a', { sole: true })
    await w.runFor(100)
    expect(w.told.slice(1)).toEqual(['10s a owns 2'])
    const asked = a.asked.writes
    await w.runFor(10_000)
    // What is written is its work.
    expect(a.asked.writes - asked).toBe(20)
    expect(a.logged).toEqual([])
  })

  test('keeps it through a sleep and a disk that fails', async () => {
    const a = w.start('a', { sole: true })
    await w.runFor(1_000)
    a.pause()
    await w.runFor(60_000)
    a.wake()
    await w.runFor(1_000)
    a.set('away')
    await w.runFor(60_000)
    a.set('open')
    await w.runFor(1_000)
    expect(w.told).toEqual(['0s a owns 1'])
    expect(a.isOwner()).toBe(true)
  })
})
