import { expect, test } from 'vitest'
import type { AlertTransition } from '#core/model.ts'
import { factOf, Intake, knownAlert, portionsOf } from '../../alerter/intake.ts'
import { transitionOf } from './alerter/world.ts'

const fired = transitionOf('a', 'firing', { startsAtMs: 1_000 })
const ended = transitionOf('a', 'resolved', { startsAtMs: 1_000, atMs: 5_000 })
const postedOf = (atMs: number): AlertTransition => ({
  ...fired,
  id: 'posted/1',
  atMs,
  alert: {
    ...fired.alert,
    rule: { id: '', group: '', name: '', expr: '' },
    ...{ expiresAtMs: atMs + 300_000, isEndAssumed: true, generatorUrl: 'http://there/g' },
  },
})

test('a transition becomes an alert and a fact', () => {
  expect(knownAlert(ended)).toMatchObject({ endsAtMs: 5_000, updatedAtMs: 5_000, isEndAssumed: false })
  expect(knownAlert(fired)).toMatchObject({ endsAtMs: null, startsAtMs: 1_000, generatorUrl: '' })
  expect(knownAlert(fired, 'http://here').generatorUrl).toMatch(/^http:\/\/here\/graph\?g0\.expr=\w/)
  expect(knownAlert(postedOf(7_000))).toMatchObject({
    ...{ endsAtMs: 307_000, updatedAtMs: 7_000, isEndAssumed: true, generatorUrl: 'http://there/g' },
  })
  expect(factOf(fired)).toMatchObject({ id: fired.id, kind: 'fired', atMs: 1_000, who: 'heat Hot' })
  expect(factOf(ended)).toMatchObject({ id: ended.id, kind: 'resolved', details: { endsAtMs: 5_000 } })
  expect(factOf(postedOf(7_000))).toMatchObject({ who: 'api', details: { generatorUrl: 'http://there/g' } })
})

test('the state is asked only for what could be there', async () => {
  const asked: string[][] = []
  const known = async (ids: readonly string[]) => {
    asked.push([...ids])
    return new Set([fired.id])
  }
  const intake = new Intake({ known }, 4_000)
  expect(await intake.hear([fired, ended, ended])).toMatchObject([{ fact: { id: ended.id } }])
  expect(asked).toEqual([[fired.id]])
  // Remembered by now.
  expect(await intake.hear([ended])).toEqual([])
  expect(asked).toHaveLength(1)
})

test('what was posted again is heard, and is no second fact; what only waits is nothing', async () => {
  const intake = new Intake({ known: async () => new Set() }, 0)
  const heard = await intake.hear([postedOf(1_000), postedOf(2_000)])
  expect(heard.map(({ alert, fact }) => [alert.endsAtMs, fact?.id])).toEqual([
    [301_000, 'posted/1'],
    [302_000, undefined],
  ])
  expect(await intake.hear([{ ...fired, alert: { ...fired.alert, state: 'pending' } }])).toEqual([])
})

test('one that is posted without a beginning goes on, until it has ended', async () => {
  const intake = new Intake({ known: async () => new Set() }, 0)
  const again = (atMs: number) => {
    const { alert, ...rest } = postedOf(atMs)
    return { ...rest, id: `posted/${atMs}`, alert: { ...alert, startsAtMs: atMs } }
  }
  const facts = async (atMs: number, endsAtMs: number | null) => {
    const known = { ...knownAlert(postedOf(1_000)), endsAtMs }
    const heard = await intake.hear([again(atMs)], print => (print === known.fingerprint ? known : undefined))
    return heard.map(({ fact }) => fact?.id)
  }
  expect(await facts(2_000, 301_000)).toEqual([undefined])
  expect(await facts(3_000, null)).toEqual([undefined])
  expect(await facts(4_000, 4_000)).toEqual(['posted/4000'])
  // Our own rules know what begins.
  const own = { ...fired, id: 'own', atMs: 5_000 }
  expect((await intake.hear([own], () => knownAlert(fired))).map(({ fact }) => fact?.id)).toEqual(['own'])
})

test('what is not remembered any more is asked for', async () => {
  const asked: string[] = []
  const known = async (ids: readonly string[]) => {
    asked.push(...ids)
    return new Set<string>()
  }
  const intake = new Intake({ known }, 0)
  const many = Array.from({ length: 100_000 }, (_, at) => ({ ...fired, id: `t${at}`, atMs: 10 + at }))
  const late = { ...fired, id: 'late', atMs: 200_000 }
  await intake.hear(many.slice(0, 50_000))
  await intake.hear(many.slice(50_000))
  // With what comes next the older half is forgotten, and nothing of it is younger than what is.
  expect(await intake.hear([late, many[50_000]!])).toHaveLength(1)
  expect(asked).toEqual([])
  await intake.hear([many[0]!, many[49_999]!, many[50_000]!, { ...fired, id: 'new', atMs: 50_010 }])
  expect(asked).toEqual(['t0', 't49999'])
  // A storm of one moment behind it asks for nothing.
  await intake.hear(many.slice(0, 300).map((each, at) => ({ ...each, id: `later${at}`, atMs: 200_000 })))
  expect(asked).toHaveLength(2)
})

test('a storm comes in portions of neighbours, those of one alert in their order', () => {
  const few = [fired, ended]
  expect(portionsOf(few)).toEqual([few])
  const many = Array.from({ length: 1_200 }, (_, at) =>
    transitionOf(`h${at}`, 'firing', { startsAtMs: 1_000 }),
  )
  const again = many.map(each => ({ ...each, id: `${each.id}/again` }))
  const portions = portionsOf([...many, ...again])
  expect(portions.map(each => each.length)).toEqual([...Array<number>(9).fill(256), 96])
  const all = portions.flat()
  expect(all.map(({ alert }) => alert.fingerprint)).toEqual(
    all.map(({ alert }) => alert.fingerprint).toSorted(),
  )
  for (const [at, { id }] of all.entries()) if (at % 2 === 1) expect(id).toBe(`${all[at - 1]!.id}/again`)
})

test('an end that one of two rules tells is written as such', async () => {
  const intake = new Intake({ known: async () => new Set() }, 0)
  const of = ({ id, alert, ...rest }: AlertTransition): AlertTransition => ({
    ...rest,
    id: `other/${id}`,
    alert: { ...alert, rule: { ...alert.rule, id: 'other' } },
  })
  const later = transitionOf('a', 'resolved', { startsAtMs: 1_000, atMs: 6_000 })
  const heard = await intake.hear([fired, of(fired), ended, of(later)])
  expect(heard.map(({ fact }) => fact)).toMatchObject([
    { kind: 'fired', details: { reason: null } },
    { kind: 'fired', details: { reason: null } },
    { kind: 'resolved', details: { reason: 'another rule still finds it' } },
    { kind: 'resolved', details: { reason: null } },
  ])
})
