// The engine between a bus, a store and a state, in which anything may fail or die: what is saved, told, and kept.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RuleEngine } from '../../rules/engine/options.ts'
import { type Point, World } from './engine/world.ts'

const minute = 60_000
const hour = 60 * minute

const group = (...rules: readonly string[]): string =>
  `groups:\n- name: g\n  rules:\n${rules.map(each => `  - ${each}\n`).join('')}`
const hot = group('{alert: Hot, expr: heat > 90}')
const slow = group('{alert: Hot, expr: heat > 90, for: 1m}')
const a = { host: 'a' }
const b = { host: 'b' }

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.close())

const shown = async (engine: RuleEngine): Promise<string[]> =>
  (await engine.view())
    .flatMap(({ rules }) => rules)
    .flatMap(({ alerts }) => [...alerts.values()])
    .map(({ phase, labels, value }) => `${phase} ${labels['alertname']} ${labels['host'] ?? ''} ${value}`)

// The series goes on each ten seconds.
async function goOn(forMs: number, value: number, labels = a): Promise<void> {
  for (let leftMs = forMs; leftMs > 0; leftMs -= 10_000) {
    await world.runFor(10_000)
    await world.send(['heat', labels, value])
  }
}

test('a batch is acknowledged when what it has changed is saved, and told when it is', async () => {
  await world.start(hot)
  let open = (): void => {}
  world.gate = new Promise(resolve => {
    open = resolve
  })
  let isTaken = false
  const sending = world.send(['heat', a, 95]).then(() => {
    isTaken = true
  })
  await world.runFor(500)
  expect([isTaken, world.said()]).toEqual([false, []])
  // One that changes nothing waits for nobody.
  await world.send(['heat', b, 20])
  open()
  await sending
  await world.quiet()
  expect([isTaken, world.said()]).toEqual([true, ['+0s firing Hot host=a']])
  await world.runFor(2_000)
  expect(await world.outbox()).toBe(0)
})

test('while the state refuses nothing is acknowledged, nothing is lost, and what is repeated is said once', async () => {
  const engine = await world.start(hot)
  world.stateFails = 2
  await expect(world.send(['heat', a, 95])).rejects.toMatchObject({ code: 'state_unavailable' })
  // Nothing is evaluated that could not be saved.
  await expect(world.send(['heat', b, 95])).rejects.toMatchObject({ code: 'state_unavailable' })
  expect(world.said()).toEqual([])
  expect(await world.sendUntilTaken(['heat', a, 96])).toBeGreaterThan(1)
  expect(world.said()).toEqual(['+0s firing Hot host=a'])
  await world.send(['heat', b, 95])
  await world.runFor(5_000)
  expect(world.seen.map(each => each.alert.labels['host'])).toEqual(['a', 'b'])
  expect(await shown(engine)).toEqual(['firing Hot a 96', 'firing Hot b 95'])
})

test('while nobody takes what is told, samples are acknowledged all the same', async () => {
  await world.start(hot)
  world.alertsFail = 3
  await world.send(['heat', a, 95])
  await world.runFor(1_000)
  await world.send(['heat', a, 5])
  await world.runFor(5_000)
  expect(world.said()).toEqual(['+0s firing Hot host=a', '+1s resolved Hot host=a'])
})

describe('a process that dies while it takes a batch', () => {
  const t = async (point: Point, times: number): Promise<void> => {
    await world.start(hot)
    await world.send(['heat', b, 95])
    await world.runFor(3_000)
    world.diesAt = point
    const sending = world.send(['heat', a, 95])
    await Promise.race([sending, world.runFor(3_000)])
    await world.runFor(3_000)
    expect(world.isDead, point).toBe(true)
    const engine = await world.start(hot)
    await world.runFor(1_000)
    // Who was not answered sends again.
    await world.send(['heat', a, 95], ['heat', b, 95])
    await world.runFor(3_000)
    const ids = world.seen.map(each => each.id)
    expect(
      world.seen.filter(each => each.alert.labels['host'] === 'a' && each.alert.state === 'firing'),
      point,
    ).toHaveLength(times)
    expect(new Set(ids).size, point).toBe(2)
    expect(world.seen.filter(each => each.alert.state === 'resolved')).toEqual([])
    expect(await shown(engine), point).toEqual(['firing Hot b 95', 'firing Hot a 95'])
    expect(await world.outbox(), point).toBe(0)
    await engine.close()
  }

  test('before the save, evaluates it anew', () => t('before save', 1))
  test('after the save, is told by the next one', () => t('after save', 1))
  test('before it is published, is told by the next one', () => t('before publish', 1))
  test('after it is published, is told twice under one id', () => t('after publish', 2))
  test('before it is forgotten, is told twice under one id', () => t('before told', 2))
})

test('an end that nobody saved is found by the next process', async () => {
  await world.start(hot)
  await world.send(['heat', a, 95])
  await world.runFor(3_000)
  world.diesAt = 'before save'
  void world.send(['heat', a, 5])
  await world.runFor(3_000)
  await world.start(hot)
  await world.runFor(1_000)
  expect(world.said()).toEqual(['+0s firing Hot host=a', '+6s resolved Hot host=a'])
})

test('what is pending goes on over a restart where it was', async () => {
  await world.start(slow)
  await world.send(['heat', a, 95])
  await world.runFor(20_000)
  await world.start(slow)
  await world.runFor(39_000)
  expect(world.said()).toEqual([])
  await world.runFor(2_000)
  expect(world.said()).toEqual(['+60s firing Hot host=a'])
})

describe('a reload', () => {
  test('in the middle of `for` loses none of it', async () => {
    const engine = await world.start(slow)
    await world.send(['heat', a, 95])
    await world.runFor(30_000)
    await engine.reload(world.settings(group('{alert: Hot, expr: heat > 80, for: 1m}')))
    expect(await shown(engine)).toEqual(['pending Hot a 95'])
    await world.runFor(31_000)
    expect(world.said()).toEqual(['+60s firing Hot host=a'])
  })

  test('that takes a rule away ends what fires of it, and says why', async () => {
    const engine = await world.start(hot)
    await world.send(['heat', a, 95])
    await world.runFor(10_000)
    await engine.reload(world.settings(group('{alert: Other, expr: heat > 99}')))
    await world.runFor(3_000)
    expect(world.said()).toEqual(['+0s firing Hot host=a', '+10s resolved Hot host=a (the rule was removed)'])
    expect(await world.store.written('ALERTS', { alertstate: 'firing' }, world.startMs)).toMatch(
      /\+10s stale$/,
    )
    // As over a restart.
    await world.start(hot)
    await world.runFor(1_000)
    await world.start(group('{alert: Other, expr: heat > 99}'))
    await world.runFor(1_000)
    expect(world.said().at(-1)).toBe('+14s resolved Hot host=a (the rule was removed)')
  })

  test('finds in the store what new rules look at', async () => {
    const engine = await world.start(hot)
    await world.send(['cold', a, 1])
    await world.runFor(10_000)
    await engine.reload(world.settings(group('{alert: Cold, expr: cold < 2}')))
    await world.quiet()
    expect(world.said()).toEqual(['+10s firing Cold host=a'])
  })

  test('that cannot read the store is refused, and the rules stay', async () => {
    const engine = await world.start(slow)
    await world.send(['heat', a, 95])
    world.store.readsFail = 1
    const other = world.settings(group('{alert: Cold, expr: cold < 2}'))
    await expect(engine.reload(other)).rejects.toMatchObject({ code: 'store_unavailable' })
    expect((await engine.view()).flatMap(each => each.rules.map(({ rule }) => rule.text))).toEqual([
      'heat > 90',
    ])
    await world.runFor(61_000)
    expect(world.said()).toEqual(['+60s firing Hot host=a'])
    expect(world.count('plimsoll_rules_loaded')).toBe(1)
    await engine.reload(other)
    await world.quiet()
    expect(world.said().at(-1)).toBe('+61s resolved Hot host=a (the rule was removed)')
  })

  test('while samples come in misses none', async () => {
    const engine = await world.start(hot)
    const other = world.settings(group('{alert: Hot, expr: heat > 80}', '{alert: Cold, expr: cold < 2}'))
    const reloading = engine.reload(other)
    const sending = [world.send(['heat', a, 95]), world.send(['cold', a, 1])]
    await Promise.all([reloading, ...sending])
    await world.send(['heat', b, 85])
    await world.quiet()
    expect(world.said().toSorted()).toEqual([
      '+0s firing Cold host=a',
      '+0s firing Hot host=a',
      '+0s firing Hot host=b',
    ])
  })
})

describe('a clock that is set', () => {
  // What fires stays, what is pending stays pending; ten minutes later all is as if nothing had happened.
  const t = async (aheadMs: number, first: 'a batch' | 'a timer'): Promise<void> => {
    const rules = group('{alert: Hot, expr: heat > 90}', '{alert: Slow, expr: heat > 90, for: 30m}')
    const engine = await world.start(rules)
    await world.send(['heat', a, 95])
    await goOn(5 * minute, 95)
    expect(await shown(engine)).toEqual(['firing Hot a 95', 'pending Slow a 95'])
    world.aheadMs = aheadMs
    if (first === 'a timer') await world.runFor(5_000)
    else await world.sendUntilTaken(['heat', b, 5])
    await goOn(10 * minute, 95)
    expect(world.seen.map(each => `${each.alert.state} ${each.alert.labels['alertname']}`)).not.toContain(
      'resolved Hot',
    )
    expect((await shown(engine)).filter(each => each.startsWith('firing Hot'))).toEqual(['firing Hot a 95'])
    // It is over when it is over.
    await world.send(['heat', a, 5])
    await world.quiet()
    expect(world.said().at(-1)).toMatch(/resolved (Hot|Slow) host=a$/)
    expect((await shown(engine)).filter(each => each.startsWith('firing'))).toEqual([])
    expect(world.logged.join()).toContain('the clock of this machine was set')
    // Who sends is up, by the time of now.
    const up = await world.store.written('agent_up', a, world.clock.nowMs())
    const times = [...up.matchAll(/\+(\S+)s 1/g)].map(([, at]) => Number(at))
    expect(times.filter(at => at <= 0 && at > -62)).not.toEqual([])
    await engine.close()
  }

  test('ahead, seen first by a batch', () => t(2 * hour, 'a batch'))
  test('ahead, seen first by a timer', () => t(2 * hour, 'a timer'))
  test('back, seen first by a batch', () => t(-2 * hour, 'a batch'))
  test('back, seen first by a timer', () => t(-2 * hour, 'a timer'))

  test('while the store is away: nothing is taken until all is looked at anew', async () => {
    await world.start(hot)
    await world.send(['heat', a, 95])
    await world.runFor(10_000)
    world.aheadMs = 2 * hour
    world.store.readsFail = 3
    expect(await world.sendUntilTaken(['heat', b, 95])).toBeGreaterThan(1)
    await world.send(['heat', a, 95])
    await world.runFor(10 * minute)
    expect(
      world.seen.filter(each => each.alert.state === 'firing').map(each => each.alert.labels['host']),
    ).toEqual(['a', 'b'])
  })

  test('back: a batch that was stamped before does not take the time of the rules with it', async () => {
    await world.start(slow)
    await world.send(['heat', a, 5])
    await world.runFor(10_000)
    const before = world.batches([['heat', a, 5]])
    world.aheadMs = -2 * hour
    await world.publish(before)
    await world.runFor(2 * minute)
    await world.send(['heat', a, 95])
    await world.runFor(2 * minute)
    expect(world.seen.map(each => each.alert.state)).toEqual(['firing'])
  })

  test('back, an agent that falls silent is missed as soon as ever', async () => {
    await world.start(group('{alert: Silent, expr: agent_up == 0}'))
    await world.send(['heat', a, 1])
    await world.runFor(10_000)
    world.aheadMs = -2 * hour
    await world.runFor(5_000)
    await world.send(['heat', a, 1])
    await world.runFor(10_000)
    await world.send(['heat', a, 1])
    await world.runFor(29_000)
    expect(world.said()).toEqual([])
    await world.runFor(3_000)
    expect(world.seen.map(each => each.alert.labels['host'])).toEqual(['a'])
  })
})

// As an agent does it: often enough to be missed, the last time after 20 seconds.
const speaks = async (...hosts: readonly Readonly<Record<string, string>>[]) => {
  for (let at = 0; at <= 20; at += 10) {
    if (at > 0) await world.runFor(10_000)
    for (const host of hosts) await world.send(['heat', host, 1])
  }
}

test('who falls silent is down half a minute later, and an alert on it fires; who comes back is up', async () => {
  await world.start(group('{alert: Silent, expr: agent_up == 0}'))
  await speaks(a, b)
  await world.runFor(29_000)
  await world.send(['heat', b, 1])
  expect(world.said()).toEqual([])
  await world.runFor(2_000)
  expect(world.said()).toEqual(['+50s firing Silent host=a'])
  await world.runFor(9_000)
  await world.send(['heat', a, 1])
  await world.runFor(2_000)
  expect(world.said()).toEqual(['+50s firing Silent host=a', '+60s resolved Silent host=a'])
  expect(await world.store.written('agent_up', a, world.startMs)).toBe('+0s 1 +50s 0 +60s 1')
})

test('who was down before a restart stays down, and nobody is told again', async () => {
  const rules = group('{alert: Silent, expr: agent_up == 0}')
  await world.start(rules)
  await speaks(a)
  await world.runFor(40_000)
  await world.start(rules)
  await world.runFor(10 * minute)
  expect(world.said()).toEqual(['+50s firing Silent host=a'])
})

test('who was heard once is missed by nobody, also right after a restart; an agent is', async () => {
  const rules = group('{alert: Silent, expr: agent_up == 0}')
  await world.start(rules)
  await world.send(['heat', b, 1])
  await world.runFor(2_000)
  await world.start(rules)
  await speaks(a)
  await world.runFor(2_000)
  await world.start(rules)
  await world.runFor(10 * minute)
  expect(world.said()).toEqual(['+54s firing Silent host=a'])
})

test('who sends each minute is missed after two and a half of them, also after a restart', async () => {
  const rules = group('{alert: Silent, expr: agent_up == 0}')
  await world.start(rules)
  for (let at = 0; at < 4; at++) {
    await world.send(['heat', a, 1])
    await world.runFor(minute)
  }
  await world.start(rules)
  await world.runFor(2 * minute)
  expect(world.said()).toEqual([])
  await world.send(['heat', a, 1])
  await world.runFor(149_000)
  expect(world.said()).toEqual([])
  await world.runFor(3_000)
  expect(world.said().map(each => each.replace(/^\S+ /, ''))).toEqual(['firing Silent host=a'])
})

test('people hear of a storm before its ALERTS are written', async () => {
  await world.start(hot)
  const storm = Array.from({ length: 1_000 }, (_, nth) => ['heat', { host: `h${nth}` }, 95] as const)
  const written = () => world.store.written('ALERTS', { host: 'h7' }, world.startMs)
  world.alertsFail = Number.POSITIVE_INFINITY
  await world.send(...storm)
  await world.runFor(4_000)
  expect(await written()).toBe('')
  world.alertsFail = 0
  await world.runFor(3_000)
  expect(world.seen).toHaveLength(1_000)
  expect(await written()).toBe('+0s 1')
})

test('in a storm neither recorded series nor ends are held up, and nobody waits twice', async () => {
  await world.start(group('{record: hottest, expr: max(heat)}', '{alert: Hot, expr: heat > 90}'))
  const t = (name: string, labels = {}) => world.store.written(name, labels, world.startMs)
  await world.send(['heat', a, 95])
  await world.runFor(2_000)
  world.alertsFail = Number.POSITIVE_INFINITY
  await world.send(...Array.from({ length: 1_000 }, (_, nth) => ['heat', { host: `h${nth}` }, 99] as const))
  await world.send(['heat', a, 5])
  await world.runFor(1_000)
  expect(await t('hottest')).toMatch(/ \+2s 99$/)
  expect(await t('ALERTS', a)).toMatch(/ \+2s stale$/)
  expect(await t('ALERTS', { host: 'h7' })).toBe('')
  // Who began in the storm and ends in it.
  await world.send(['heat', { host: 'h7' }, 5])
  await world.runFor(2_000)
  expect(await t('ALERTS', { host: 'h7' })).toBe('')
  await world.runFor(2_000)
  expect(await t('ALERTS', { host: 'h7' })).toBe('+2s 1 +3s stale')
  await world.send(['heat', b, 95])
  await world.runFor(1_000)
  expect(await t('ALERTS', b)).toBe('+7s 1')
})

test('who dies in a storm writes its ALERTS in the next life', async () => {
  await world.start(hot)
  const storm = Array.from({ length: 1_000 }, (_, nth) => ['heat', { host: `h${nth}` }, 95] as const)
  world.alertsFail = Number.POSITIVE_INFINITY
  await world.send(...storm)
  await world.runFor(2_000)
  const t = (name: string) => world.store.written(name, { host: 'h7' }, world.startMs)
  expect(await t('ALERTS')).toBe('')
  world.alertsFail = 0
  await world.start(hot)
  await world.runFor(2_000)
  expect(await t('ALERTS')).toMatch(/^\+[23]s 1$/)
  expect(await t('ALERTS_FOR_STATE')).toMatch(new RegExp(`^\\+[23]s ${world.startMs / 1_000}$`))
})

test('what rules record and ALERTS reach the store, on change, each minute, and with a marker at the end', async () => {
  await world.start(group('{record: hottest, expr: max(heat)}', '{alert: Hot, expr: hottest > 90}'))
  const t = (name: string, labels = {}) => world.store.written(name, labels, world.startMs)
  await world.runFor(1_000)
  await world.send(['heat', a, 95])
  await world.runFor(2_000)
  expect(await t('hottest')).toBe('+1s 95')
  expect(await t('ALERTS', { alertname: 'Hot', alertstate: 'firing' })).toBe('+1s 1')
  expect(await t('ALERTS_FOR_STATE', { alertname: 'Hot' })).toBe(`+1s ${world.startMs / 1_000 + 1}`)
  await world.runFor(60_000)
  expect(await t('hottest')).toMatch(/^\+1s 95 \+6[123]s 95$/)
  await world.send(['heat', a, 5])
  await world.runFor(2_000)
  expect(await t('ALERTS', { alertstate: 'firing' })).toMatch(/ \+63s stale$/)
  expect(await t('ALERTS_FOR_STATE')).toMatch(/ \+63s stale$/)
  await world.send(['heat', a, 'stale'])
  await world.runFor(2_000)
  expect(await t('hottest')).toMatch(/ \+63s 5 \+65s stale$/)
  // Nothing comes back round.
  await world.runFor(10 * minute)
  expect(await t('hottest')).toMatch(/ \+65s stale$/)
})

test('what looks back further than memory is evaluated over the store, once a minute', async () => {
  const engine = await world.start(group('{alert: Warm, expr: "avg_over_time(heat[3h]) > 50"}'))
  await world.send(['heat', a, 10, world.startMs - 2 * hour], ['heat', a, 95])
  await world.runFor(61_000)
  expect(world.said().map(each => each.replace(/^\S+ /, ''))).toEqual(['firing Warm host=a'])
  const before = world.count('plimsoll_rules_evaluations_total', { how: 'store' })
  await world.runFor(3 * minute)
  expect(world.count('plimsoll_rules_evaluations_total', { how: 'store' })).toBe(before + 3)
  expect(await shown(engine)).toEqual(['firing Warm a 52.5'])
  world.store.readsFail = 1
  await world.runFor(minute)
  expect((await engine.view())[0]?.rules[0]).toMatchObject({ health: 'err' })
  await world.runFor(minute)
  expect((await engine.view())[0]?.rules[0]).toMatchObject({ health: 'ok' })
  expect(world.seen).toHaveLength(1)
})

test('an end in the middle of everything saves what was acknowledged, and comes to an end', async () => {
  const rules = group('{alert: Hot, expr: heat > 90}', '{alert: Far, expr: "max_over_time(heat[3h]) > 90"}')
  const engine = await world.start(rules)
  await world.send(['heat', a, 95])
  const sending = world.send(['heat', b, 95])
  const reloading = engine.reload(world.settings(hot)).catch(error => error)
  world.alertsFail = 1
  const closing = engine.close()
  await world.runFor(1_000)
  await closing
  await reloading
  const isTaken = await sending.then(
    () => true,
    () => false,
  )
  await engine.close()
  const seen = world.seen.length
  await world.runFor(5 * minute)
  // Nothing is at work any more.
  expect(world.seen).toHaveLength(seen)
  await world.start(hot)
  await world.runFor(1_000)
  const hosts = new Set(world.seen.map(each => each.alert.labels['host']))
  expect(hosts).toEqual(new Set(isTaken ? ['a', 'b'] : ['a']))
  expect(world.seen.filter(each => each.alert.state === 'resolved')).toEqual([])
})

test('a damaged file of the store is told, and the rules begin without what it held', async () => {
  world.store.isDamaged = true
  const engine = await world.start(hot)
  await world.send(['heat', a, 95])
  await world.quiet()
  expect(world.said()).toEqual(['+0s firing Hot host=a'])
  expect(world.logged.join()).toContain('begins without what it would know of the past')
  expect(world.logged.join()).toContain('seg-7: its index is damaged')
  await engine.close()
})
