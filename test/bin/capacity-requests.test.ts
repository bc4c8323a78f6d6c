// `plimsoll capacity …` about requests, against the real routes over a real state.
import { expect, onTestFinished, test } from 'vitest'
import { requestRoutes } from '../../capacity/api/request-routes.ts'
import { planOf, pooled, today } from '../capacity/requests/made.ts'
import { openRequestWorld } from '../capacity/requests/world.ts'
import { openStand } from '../core/http/ask.ts'
import { world } from './world.ts'

async function service() {
  const w = await openRequestWorld()
  const history = { demand: () => ({ firstDay: today, values: Float64Array.of(98) }) }
  const run = (who: string) => w.run(planOf([pooled('web', 12), pooled('db', -2)]), { who })
  const routes = requestRoutes({ requests: w.requests, history, clock: w.clock, run, language: 'zh' })
  const stand = await openStand(routes, { clock: w.clock })
  onTestFinished(() => stand[Symbol.asyncDispose]())
  const plimsoll = (...argv: string[]) =>
    world({}, { clock: w.clock }).run(
      'capacity',
      ...argv,
      '--url',
      stand.http.origin,
      '--token',
      'read,operate',
    )
  // The rows of the table, without the title.
  const rows = async (...argv: string[]): Promise<string[]> => {
    const { exit, out, err } = await plimsoll(...argv)
    expect([exit, err], argv.join(' ')).toEqual([0, ''])
    return out
      .trimEnd()
      .split('\n')
      .slice(1)
      .map(line => line.trim().replaceAll(/ {2,}/g, '|'))
  }
  return { ...w, plimsoll, rows }
}

test('a month is drafted, changed, signed and delivered', async () => {
  const s = await service()
  expect((await s.plimsoll('requests')).err).toContain('There are no such requests')
  expect((await s.plimsoll('run')).out).toBe(
    'Drafts for 2026-12: 2 new, 0 made anew, 0 taken back; 0 of people have a note of another number.\n',
  )
  expect(await s.rows('requests')).toEqual([
    '2|2026-12|draft|db|−2|server|2027-01-30|−2,000 CNY|forecast',
    '1|2026-12|draft|web|+12|server|2026-12-15|12,000 CNY|forecast',
  ])
  expect(await s.rows('edit', '1', '--units', '10', '--why', 'budget')).toEqual([
    '1|2026-12|draft|web|+10|server|2026-12-15|10,000 CNY|forecast',
  ])
  expect(await s.rows('split', '1', '4:zone=a', '6')).toEqual([
    '1|2026-12|draft|web zone=a|+4|server|2026-12-15|4,000 CNY|forecast',
    '3|2026-12|draft|web|+6|server|2026-12-15|6,000 CNY|forecast',
  ])
  await s.rows('submit', '1', '3')
  await s.rows('reject', '3', '--why', 'wait')
  await s.rows('reopen', '3')
  await s.rows('withdraw', '3', '--why', 'moved over')
  await s.rows('approve', '1')
  await s.rows('order', '1', '--due', '2026-12-20')
  expect(await s.rows('deliver', '1', '--units', '1')).toEqual([
    '1|2026-12|ordered, 1 of 4 came|web zone=a|+4|server|2026-12-15|2026-12-20|4,000 CNY|forecast',
  ])
  await s.rows('edit', '1', '--due', 'none', '--why', 'late')
  await s.rows('deliver', '1')
  expect(await s.rows('correct', '1', '--units', '0', '--why', 'another one')).toEqual([
    '1|2026-12|ordered|web zone=a|+4|server|2026-12-15|4,000 CNY|forecast',
  ])
  await s.rows('deliver', '1')
  await s.rows('close', '1')
  expect((await s.rows('requests')).map(row => row.split('|')[0])).toEqual(['2'])
  expect((await s.rows('requests', 'web', '--all')).map(row => row.split('|')[2])).toEqual([
    'withdrawn',
    'closed',
  ])
  expect(await s.rows('requests', '--state', 'closed', '--month', '2026-12')).toHaveLength(1)
})

test('one request shows what it stands on and all that happened', async () => {
  const s = await service()
  await s.plimsoll('run')
  await s.plimsoll('edit', '1', '--units', '10', '--needed', '2026-12-24', '--why', 'budget')
  const { exit, out } = await s.plimsoll('request', '1')
  expect(exit).toBe(0)
  const lines = out.split('\n').map(line => line.replaceAll(/ {2,}/g, '|'))
  expect(lines.slice(0, 2)).toEqual([
    'request 1 for 2026-12: +10 servers for web, draft',
    'needed by 2026-12-24, 10,000 CNY, from forecast',
  ])
  expect(lines).toContain(
    'forecast of 2026-11-24 by linear (off by 5 % before): cpu 84 cores (80 to 90 cores) on 2027-01-30',
  )
  // The plan of this test is made up.
  expect(lines).toContain('units: (84 ÷ 0.7 − 100) ÷ 10 = 2 → +12 servers')
  expect(lines).toContain('|The plan says +12 servers: its numbers have more digits than are shown.')
  expect(lines).toContain('version 2; next: submit, withdraw, edit')
  expect(lines.slice(-4)).toEqual(
    [
      'at (Asia/Shanghai)|who|what|why',
      '2026-11-25 17:00:00|bob|made|units 12',
      '2026-11-25 17:00:00|test|edited|budget; units 12 → 10, needed 2026-12-15 → 2026-12-24',
      '',
    ].map(line => (line.includes('|bob|') ? line.replace('bob', 'test') : line)),
  )
  const json = JSON.parse((await s.plimsoll('request', '1', '--json')).out)
  expect([json.request.version, json.facts.length]).toEqual([2, 2])
})

test('what is given back says by when, and what it saves', async () => {
  const s = await service()
  await s.plimsoll('run')
  const { out } = await s.plimsoll('request', '2')
  expect(out.split('\n')[1]).toBe('can be given back from 2027-01-30, saves 2,000 CNY, from forecast')
})

test("a person's own is filed, and merged into the month's", async () => {
  const s = await service()
  await s.plimsoll('run')
  const filed = await s.plimsoll(
    ...['new', 'web', '3', '--needed', '2026-12-20', '--application', 'pay', '--why', 'launch'],
  )
  expect([filed.exit, filed.out, filed.err]).toEqual([
    0,
    '3\n',
    'A draft for 2026-12; `plimsoll capacity submit 3` hands it in.\n',
  ])
  expect(await s.rows('merge', '3', '--into', '1')).toEqual([
    '1|2026-12|draft|web|+15|server|2026-12-15|15,000 CNY|forecast',
    '3|2026-12|merged into 1|web|+3|server|2026-12-20|3,000 CNY|test, for pay',
  ])
  const back = await s.plimsoll(
    'new',
    'db',
    '1',
    '--needed',
    '2026-12-31',
    '--give-back',
    '--part',
    'zone=a',
    '--json',
  )
  expect(JSON.parse(back.out).request).toMatchObject({ kind: 'reclaim', part: { zone: 'a' }, number: 4 })
})

test('says what was wrong, and what was done before it', async () => {
  const s = await service()
  await s.plimsoll('run')
  const t = async (exit: number, wanted: string, ...argv: string[]) => {
    const ran = await s.plimsoll(...argv)
    expect([ran.exit, ran.err], argv.join(' ')).toEqual([exit, expect.stringContaining(wanted)])
    return ran.out
  }

  await t(2, 'wanted the number of a request', 'submit', 'web')
  await t(2, 'wanted --why, the reason', 'edit', '1', '--units', '9')
  await t(2, 'wanted what to change', 'edit', '1', '--why', 'x')
  await t(2, '--due: wanted a day like 2026-12-31, found soon', 'order', '1', '--due', 'soon')
  await t(2, '--needed, the day', 'new', 'web', '3')
  await t(2, 'UNITS: wanted a whole number', 'new', 'web', 'many', '--needed', '2026-12-20')
  await t(2, 'a label and its value like zone=a, found zone', 'split', '1', '5:zone', '7')
  await t(2, 'two pieces or more', 'split', '1', '12')
  await t(2, 'wanted --into', 'merge', '1')
  await t(2, '--units and --seen are for one NUMBER', 'deliver', '1', '2', '--units', '3')
  await t(
    1,
    'request 1 is draft and cannot be ordered: it can be submitted, withdrawn, edited (409)',
    'order',
    '1',
  )
  await t(1, 'there is no request 99', 'request', '99')
  // Who says what he saw is told that it is not so any more.
  await s.plimsoll('edit', '1', '--units', '9', '--why', 'x')
  await t(1, 'wanted version 1, found 2 (draft, 9 server)', 'submit', '1', '--seen', '1')
  expect(await t(1, 'there is no request 99', 'submit', '1', '99')).toContain('submitted')
})

test('those of a pool are found behind a thousand of others, and all of them on page after page', async () => {
  const s = await service()
  const names = Array.from({ length: 1_100 }, (_, at) => `p${String(at).padStart(4, '0')}`)
  await s.run(planOf(names.map(name => pooled(name, 1))))
  expect((await s.rows('requests', 'p0000')).map(row => row.split('|')[3])).toEqual(['p0000'])
  expect(await s.rows('requests')).toHaveLength(1_100)
  await s.rows('withdraw', '1', '--why', 'x')
  expect(await s.rows('requests', '--month', '2026-12')).toHaveLength(1_099)
  expect(await s.rows('requests', '--state', 'withdrawn')).toHaveLength(1)
  expect((await s.rows('requests', 'p0001', 'p0000', '--all')).map(row => row.split('|')[3])).toEqual([
    'p0001',
    'p0000',
  ])
})

test("what somebody else has typed cannot paint or write on the reader's terminal", async () => {
  const s = await service()
  const evil = 'pay\n19  approved\u001b[2K\u001b]0;owned\u0007\u202e'
  await s.plimsoll('new', 'web', '3', '--needed', '2026-12-20', '--application', evil, '--why', `x${evil}`)
  const shown = (await s.plimsoll('request', '1')).out
  expect(shown).toContain('for pay\\n19  approved\\u001b[2K')
  const refused = await s.plimsoll('new', `we${evil}`, '3', '--needed', '2026-12-20')
  expect(refused.err).toContain('no pool is called we')
  for (const text of [shown, (await s.plimsoll('requests')).out, refused.err])
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
})
