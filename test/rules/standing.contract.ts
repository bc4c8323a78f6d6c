// What the processes of a fleet say of their rules and what is answered for all, on every engine of the state:
// test/rules/standing.test.ts for SQLite, test/live/room-books.test.ts for PostgreSQL.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { State } from '#core/state.ts'
import { openBook } from '../../rules/book.ts'
import { nameOf, type RuleGroup } from '../../rules/rule.ts'
import type { Standings } from '../../rules/standing.ts'
import { openStandings } from '../../rules/standing.ts'
import type { GroupView } from '../../rules/view.ts'
import { entryOf, trackedOf } from './book/pages.ts'
import { groupsOf } from './rules-of.ts'
import { type Change, viewOf } from './views-of.ts'

type Engine = Readonly<{
  state: State
  // Another one of the same state, as in another process.
  other: State
  dispose(): Promise<void>
}>

const hosts = `groups:
- name: hosts
  interval: 30s
  query_offset: 1s
  limit: 5
  labels: {team: 'O''Brien'}
  rules:
  - alert: Down
    expr: up == 0
    for: 1m
    keep_firing_for: 2m
    labels: {severity: 'sev-{{ $value }}', __proto__: '张三'}
    annotations: {summary: '{{ $labels.host }} is down'}
  - {record: 'a:b', expr: 'sum(rate(x[5m])) by (job)', labels: {x: ''}}
`
const disks = `- name: disks
  rules: [{alert: Full, expr: disk > 90}]
`
const nets = `- name: nets
  rules: [{alert: Loss, expr: loss > 0}]
`
const startMs = 1_700_000_000_000

export function standingContract(name: string, start: () => Promise<Engine>): void {
  describe(`the standings in ${name}`, () => {
    let engine: Engine
    let clock: SimulatedClock
    let [a, b, reader]: Standings[] = []
    beforeEach(async () => {
      engine = await start()
      clock = new SimulatedClock(startMs)
      a = openStandings({ state: engine.state, clock })
      b = openStandings({ state: engine.other, clock })
      reader = openStandings({ state: engine.other, clock })
    })
    afterEach(() => engine.dispose())

    type Changes = Readonly<Record<string, Change>>
    const viewsOf = (text: string, changes: Changes = {}): GroupView[] =>
      groupsOf(text).map(each => viewOf(each, changes))
    const nextRead = async (): Promise<readonly GroupView[]> => {
      await clock.runFor(1_000)
      return reader!.read()
    }
    const stateOf = async (rule: string) => {
      const rules = (await nextRead()).flatMap(each => each.rules)
      const { rule: _, alerts: _alerts, ...rest } = rules.find(each => nameOf(each.rule) === rule)!
      return rest
    }
    const names = async (): Promise<string[]> => (await nextRead()).map(({ group }) => group.name)
    const saved = (part: string, entries: ReturnType<typeof entryOf>[]): Promise<void> =>
      openBook(engine).save([{ part, entries, transitions: [] }])
    const hostsShown = (groups: readonly GroupView[], at: string): (string | undefined)[] =>
      groups
        .flatMap(({ rules }) => rules)
        .filter(({ rule }) => nameOf(rule) === at)
        .flatMap(({ alerts }) => [...alerts.values()])
        .map(({ labels, phase }) => `${labels['host']} ${phase}`)

    test('nobody has said anything', async () => {
      expect(await reader!.read()).toEqual([])
    })

    test('a group comes back as it was read from its file, for whoever has no files', async () => {
      const views = viewsOf(hosts + disks, {
        Down: { health: 'ok', evaluatedAtMs: startMs - 5, tookMs: 0.125 },
        'a:b': { health: 'err', error: 'two results would be one', evaluatedAtMs: startMs, tookMs: 3 },
      })
      await a!.put('one', views)
      const found = await reader!.read()
      expect(found).toEqual(views)
      expect(found.map(each => each.group.rules.map(({ expr }) => expr))).toEqual(
        views.map(each => each.group.rules.map(({ expr }) => expr)),
      )
      const down = found[0]!.group.rules[0]!
      expect([...down.labels.keys()]).toEqual(['team', 'severity', '__proto__'])
    })

    test('the worst health counts, the error of who failed last, the newest time, the longest evaluation', async () => {
      const put = (at: Standings, process: string, change: Change) =>
        at.put(process, viewsOf(hosts, { Down: change }))
      await put(a!, 'one', { health: 'unknown', tookMs: 0 })
      expect(await stateOf('Down')).toEqual({ health: 'unknown', tookMs: 0 })
      await put(a!, 'one', { health: 'ok', evaluatedAtMs: 70, tookMs: 2 })
      await put(b!, 'two', { health: 'unknown', tookMs: 0 })
      expect(await stateOf('Down')).toEqual({ health: 'ok', evaluatedAtMs: 70, tookMs: 2 })
      await put(b!, 'two', { health: 'err', error: 'early', evaluatedAtMs: 50, tookMs: 1 })
      await put(b!, 'three', { health: 'err', error: 'late', evaluatedAtMs: 60, tookMs: 1 })
      const failing = { health: 'err', error: 'late', evaluatedAtMs: 70, tookMs: 2 }
      expect(await stateOf('Down')).toEqual(failing)
      await put(b!, 'two', { health: 'ok', evaluatedAtMs: 80, tookMs: 1 })
      await put(b!, 'three', { health: 'ok', evaluatedAtMs: 90, tookMs: 4 })
      expect(await stateOf('Down')).toEqual({ health: 'ok', evaluatedAtMs: 90, tookMs: 4 })
    })

    test('a process says all its groups, and how those do that it evaluates, once for each part', async () => {
      const all = viewsOf(disks.replace(/^/, 'groups:\n') + hosts.replace('groups:\n', ''))
      const [, whole] = all as [GroupView, GroupView]
      const part = (at: number, change: Partial<GroupView['rules'][number]>): GroupView => ({
        ...whole,
        rules: [{ ...whole.rules[at]!, ...change }],
      })
      await a!.put('one', [
        ...all.map(({ group }) => ({ group, rules: [] })),
        part(0, { health: 'ok', evaluatedAtMs: 5, tookMs: 1 }),
        part(1, { health: 'ok', evaluatedAtMs: 7 }),
        part(1, { health: 'err', error: 'lags behind', evaluatedAtMs: 6 }),
      ])
      expect(await names()).toEqual(['disks', 'hosts'])
      expect(await stateOf('Full')).toEqual({ health: 'unknown', tookMs: 0 })
      expect(await stateOf('Down')).toEqual({ health: 'ok', evaluatedAtMs: 5, tookMs: 1 })
      const lagging = { health: 'err', error: 'lags behind', evaluatedAtMs: 7, tookMs: 0 }
      expect(await stateOf('a:b')).toEqual(lagging)
    })

    test('while processes reload one by one, the newest definition counts, and what only some have is shown', async () => {
      const other = hosts.replace('up == 0', 'up < 1')
      const text = async (): Promise<string[]> =>
        (await nextRead()).flatMap(({ group }) => group.rules.map(rule => rule.text)).slice(0, 1)
      await a!.put('one', viewsOf(hosts + disks))
      await b!.put('two', viewsOf(hosts + disks))
      await clock.runFor(10_000)
      await a!.put('one', viewsOf(other + nets))
      await b!.put('two', viewsOf(hosts + disks))
      expect([await text(), await names()]).toEqual([['up < 1'], ['hosts', 'disks', 'nets']])
      await b!.put('two', viewsOf(other + nets))
      expect([await text(), await names()]).toEqual([['up < 1'], ['hosts', 'nets']])
      // And back.
      await clock.runFor(10_000)
      await b!.put('two', viewsOf(hosts + disks))
      await a!.put('one', viewsOf(other + nets))
      expect(await text()).toEqual(['up == 0'])
      await a!.put('one', [])
      expect(await names()).toEqual(['hosts', 'disks'])
    })

    test('who died does not count any more; when nobody lives the groups stay, their health unknown', async () => {
      const ok = { health: 'ok', evaluatedAtMs: 5, tookMs: 1 } as const
      await a!.put('one', viewsOf(hosts, { Down: { ...ok, health: 'err', error: 'bad' } }))
      await clock.runFor(40_000)
      await b!.put('two', viewsOf(hosts, { Down: ok }))
      expect((await stateOf('Down')).error).toBe('bad')
      await clock.runFor(20_000)
      expect(await stateOf('Down')).toEqual(ok)
      await clock.runFor(40_000)
      expect(await stateOf('Down')).toEqual({ health: 'unknown', tookMs: 0 })
      // A day later, and of who died last only.
      await b!.put('two', viewsOf(`groups:\n${nets}`))
      await clock.runFor(86_400_000)
      expect(await names()).toEqual(['nets'])
      // Who slept says all anew, whatever was cleaned meanwhile.
      await a!.put('three', viewsOf(`groups:\n${disks}`))
      expect(await names()).toEqual(['disks'])
      await b!.put('two', viewsOf(`groups:\n${nets}`, { Loss: ok }))
      expect(await names()).toEqual(['disks', 'nets'])
      expect(await stateOf('Loss')).toEqual(ok)
    })

    test('whose clock is ahead counts beside the others', async () => {
      const ahead = openStandings({ state: engine.other, clock: new SimulatedClock(startMs + 300_000) })
      await a!.put('one', viewsOf(hosts, { Down: { health: 'ok', evaluatedAtMs: 5, tookMs: 1 } }))
      await ahead.put('two', viewsOf(disks.replace(/^/, 'groups:\n')))
      expect(await names()).toEqual(['disks', 'hosts'])
      expect((await stateOf('Down')).health).toBe('ok')
    })

    test('one whose clock is hours ahead hides the groups of no other', async () => {
      const ahead = openStandings({ state: engine.other, clock: new SimulatedClock(startMs + 7_200_000) })
      await a!.put('one', viewsOf(hosts))
      for (const groups of [disks, nets]) {
        await ahead.put('two', viewsOf(`groups:\n${groups}`))
        await a!.put('one', viewsOf(hosts))
      }
      expect(await names()).toEqual(['hosts', 'nets'])
    })

    test('a hundred groups of several processes are gone through in pages', async () => {
      const rules = [...Array(120).keys()].map(
        at => `- name: g${at}\n  rules: [{record: r${at}, expr: up}]\n`,
      )
      const views = groupsOf(`groups:\n${rules.join('')}`).map(group => viewOf(group))
      const doing = views.map(({ group, rules }, at) => ({
        group,
        rules: rules.map(each => ({ ...each, health: 'ok' as const, evaluatedAtMs: at })),
      }))
      await a!.put('one', views)
      await b!.put('two', doing)
      expect(await nextRead()).toEqual(doing)
    })

    test('who leaves does not count at once, but the last ones leave the groups behind', async () => {
      const ok = { health: 'ok', evaluatedAtMs: 5, tookMs: 1 } as const
      await b!.put('two', viewsOf(hosts + disks, { Down: ok }))
      await a!.put('one', viewsOf(hosts + nets, { Down: { ...ok, health: 'err' } }))
      expect((await stateOf('Down')).health).toBe('err')
      await a!.leave('one')
      expect(await stateOf('Down')).toEqual(ok)
      expect(await names()).toEqual(['hosts', 'disks'])
      await b!.leave('two')
      await b!.leave('two')
      await b!.leave('never')
      expect(await names()).toEqual(['hosts', 'disks', 'nets'])
      expect(await stateOf('Down')).toEqual({ health: 'unknown', tookMs: 0 })
      await a!.put('one', viewsOf(hosts))
      expect(await names()).toEqual(['hosts'])
    })

    test('what did not change is not written again, and what could not be written is written later', async () => {
      const units: string[][] = []
      const counted: State['write'] = async unit => {
        units.push(unit.map(each => each.compile().sql.split(' ').slice(0, 3).join(' ')))
        return engine.state.write(unit)
      }
      const views = viewsOf(hosts + disks)
      const lost = new Failure('lease_lost', 'not the owner')
      const refused = a!.put('one', views, async () => {
        throw lost
      })
      await expect(refused).rejects.toBe(lost)
      expect(await names()).toEqual([])
      await a!.put('one', views, counted)
      await clock.runFor(10_000)
      await a!.put('one', viewsOf(hosts + disks, { Full: { health: 'ok' } }), counted)
      expect(units.map(each => new Set(each).size)).toEqual([4, 1])
      expect(units[1]).toEqual(Array(2).fill('insert into "rule_standings"'))
      expect((await stateOf('Full')).health).toBe('ok')
    })

    test('pending and firing alerts of all parts are shown with the rules that are there, in any number', async () => {
      const views = viewsOf(hosts + disks)
      await a!.put('one', views)
      const [down, full] = views.map(each => each.group.rules[0]!.id)
      const of = (rule: string, host: string, more = {}) => entryOf(trackedOf(host, more), { rule })
      const many = [...Array(2_500).keys()].map(at => of(full!, `m${at}`))
      await saved('partition/1', [of(down!, 'a'), of(down!, 'b', { phase: 'pending' }), of('gone', 'a')])
      await saved('partition/2', [of(down!, 'c'), of(down!, 'd', { phase: 'resolved', resolvedAtMs: 5 })])
      await saved('groups/0', many)
      // Rules may take away the labels that tell hosts apart.
      await saved('partition/3', [of(down!, 'a', { phase: 'pending' }), of(down!, 'b')])
      const found = await nextRead()
      expect(hostsShown(found, 'Down').sort()).toEqual(['a firing', 'b firing', 'c firing'])
      expect(found[0]!.rules[0]!.alerts.get(of('', 'c').fingerprint)).toEqual(trackedOf('c'))
      expect(new Set(hostsShown(found, 'Full')).size).toBe(2_500)
    })

    test('many who ask at once are answered by one reading, and what is told is a second old at most', async () => {
      await a!.put('one', viewsOf(hosts))
      const [one, other] = await Promise.all([reader!.read(), reader!.read()])
      expect(one).toBe(other)
      await a!.put('one', viewsOf(hosts + disks))
      expect(await reader!.read()).toBe(one)
      await clock.runFor(1_000)
      const later = await reader!.read()
      expect(later.map(({ group }) => group.name)).toEqual(['hosts', 'disks'])
      // Expressions are read once.
      const first = (groups: readonly GroupView[]): RuleGroup => groups[0]!.group
      expect(first(later)).toBe(first(one))
    })

    test('what cannot be read is told by its key, and nothing is remembered of it', async () => {
      await a!.put('one', viewsOf(hosts))
      const { db } = engine.state
      const [row] = await db.selectFrom('rule_groups').selectAll().execute()
      const define = (definition: string) =>
        engine.state.write([
          db.updateTable('rule_groups').set({ definition }).where('digest', '=', row!.digest),
        ])
      await define(row!.definition.replace('up == 0', 'up === 0'))
      await expect(reader!.read()).rejects.toMatchObject({ code: 'state_newer' })
      await define('{"rules":')
      await expect(reader!.read()).rejects.toThrow(`rule_groups (${row!.digest}): wanted a group`)
      await define(row!.definition)
      expect(await names()).toEqual(['hosts'])
      await engine.state.write([db.updateTable('rule_standings').set({ numbers: 'null' })])
      await expect(nextRead()).rejects.toMatchObject({ code: 'state_corrupt' })
      await a!.put('one', viewsOf(hosts))
      expect(await names()).toEqual(['hosts'])
    })
  })
}
