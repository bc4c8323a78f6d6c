// How many units share a commit, at the pace that the server has, and whose mistake undoes what. The server is one whose
// statements take as long as they say.
import { CompiledQuery } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import type { Exclusive } from '#core/state/dialect.ts'
import { exclusiveOn, openCommits } from '#core/state/postgres-exclusive.ts'
import type { CommitUnits, Unit } from '#core/state/writer.ts'

// The server's, and how much later its answers are read here.
let serverMs: number
let lateMs: number
let readMs: number
let sent: string[]
let commit: CommitUnits
beforeEach(() => {
  serverMs = 0
  lateMs = 0
  readMs = 0
  sent = []
  commit = openCommits(server, () => serverMs + readMs)
})

const note = async (what: string): Promise<void> => void sent.push(what)
const server: Exclusive = {
  begin: () => note('begin'),
  async within({ sql }) {
    sent.push(sql)
    const [kind, number] = sql.split(' ')
    if (kind === 'takes') serverMs += Number(number)
    if (kind === 'release') readMs += lateMs
    if (kind === 'wrong') throw new Failure('conflict', 'there is one already')
    if (kind === 'away') throw new Failure('state_unavailable', 'it is away')
    return { rows: kind === 'select' ? [{ ms: serverMs }] : [], changed: 1 }
  },
  commit: () => note('commit'),
  rollback: () => note('rollback'),
}
const unit = (...statements: string[]): Unit => statements.map(each => CompiledQuery.raw(each))
const units = (count: number, ...statements: string[]): Unit[] =>
  Array.from({ length: count }, () => unit(...statements))
// How many statements went out together.
const together = (): number[] => {
  const counts: number[] = []
  for (const each of sent) {
    if (each.startsWith('savepoint')) counts.push(0)
    else if (/^(?:takes|wrong|away)/.test(each)) counts[counts.length - 1]!++
  }
  return counts
}

test('what a fast server is given shares one commit, twice as many each time', async () => {
  expect(await commit(units(1_000, 'takes 0.1'))).toHaveLength(1_000)
  expect(together()).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 489])
  expect(sent.filter(each => /^(?:begin|commit|rollback)/.test(each))).toEqual(['begin', 'commit'])
  // It is remembered, and forgotten by halves.
  sent = []
  await commit(units(1_000, 'takes 0.1'))
  for (let light = 0; light < 3; light++) await commit(units(1, 'takes 0.01'))
  await commit(units(1_000, 'takes 0.1'))
  expect(together()).toEqual([978, 22, 1, 1, 1, 62, 124, 248, 496, 70])
})

test('the slower the server, the fewer share one, so that nobody else waits for long', async () => {
  const t = async (all: readonly Unit[], answered: number, tookMs: number) => {
    serverMs = 0
    commit = openCommits(server, () => serverMs)
    expect(await commit(all)).toHaveLength(answered)
    expect(serverMs).toBeCloseTo(tookMs)
  }
  await t(units(1_000, 'takes 1'), 227, 227)
  await t(units(1_000, 'takes 9'), 26, 234)
  await t(units(1_000, 'takes 800'), 1, 800)
  // A large unit is no reason to send many: it is told by its statements.
  await t([...units(7, 'takes 1'), ...units(8, ...Array(25).fill('takes 30'))], 8, 757)
  // A unit is all or nothing, however long it takes.
  await t(units(1, ...Array(100).fill('takes 1000')), 1, 100_000)
})

test('one that was fast and is slow now gets few at once with the next commit', async () => {
  await commit(units(1_000, 'takes 0.1'))
  await commit(units(1, 'takes 50'))
  expect(await commit(units(1_000, 'takes 50'))).toHaveLength(4)
  expect(together().slice(-2)).toEqual([2, 2])
})

test('answers that are read late are not the slowness of the server', async () => {
  lateMs = 200
  const answered: number[] = []
  for (let round = 0; round < 10; round++) answered.push((await commit(units(1_000, 'takes 0.1'))).length)
  expect(answered).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
})

test('a unit that fails is undone alone, and its error is its answer', async () => {
  const all = [...units(5, 'takes 1'), unit('takes 1', 'wrong 6'), ...units(3, 'takes 1')]
  const answers = await commit(all)
  expect(answers.map(each => each instanceof Error)).toEqual([...Array(9).keys()].map(at => at === 5))
  expect(answers[5]).toMatchObject({ code: 'conflict' })
  expect(answers[0]).toEqual([{ rows: [], changed: 1 }])
  expect(sent.at(-1)).toBe('commit')
})

test('of units that all fail each has its answer', async () => {
  const answers = await commit(units(50, 'wrong 1'))
  expect(answers).toHaveLength(50)
  for (const each of answers) expect(each).toMatchObject({ code: 'conflict' })
})

test('a server that is away undoes all', async () => {
  const refused = commit([...units(5, 'takes 1'), unit('away'), ...units(5, 'takes 1')])
  await expect(refused).rejects.toMatchObject({ code: 'state_unavailable' })
  expect(sent.at(-1)).toBe('rollback')
})

test('who holds a table from outside is waited for while leases last, and the lock of ours for longer', async () => {
  const link = {
    script: (text: string) => note(text),
    query: () => Promise.reject(new Error('nobody asks')),
    drop: () => {},
    end: async () => {},
  }
  await exclusiveOn(link, () => 5_000).begin()
  const [lock, ...after] = sent[0]!.split('; ').slice(1)
  expect(lock).toBe('set local statement_timeout = 10000')
  expect(after.slice(1)).toEqual(['set local statement_timeout = 5000', 'set local lock_timeout = 500'])
})
