// One sheet serves all evaluations: what was computed before is never taken for what is now.
import { expect, test } from 'vitest'
import { parse } from '#promql/parse.ts'
import { columnOf, openNode } from '../../../rules/kernel/node.ts'
import { type Kernel, openHits, openKernels, openSheet, type Sheet } from '../../../rules/kernel.ts'
import { stripsOf } from './strips.ts'

const nowMs = 100_000
const kernelsOf = (...texts: string[]): Kernel[] => {
  const { compile } = openKernels({ lookbackMs: 300_000 })
  return texts.map(text => compile(parse(text))!)
}
const valuesOf = (kernel: Kernel, sheet: Sheet, hits = openHits()): number[] => {
  kernel.find(sheet, hits)
  return [...hits.values.subarray(0, hits.count)]
}
const one = stripsOf([[[nowMs, 1]], [[nowMs, 2]]])
const other = stripsOf([[[nowMs, 10]], [[nowMs, 20]]])
const both = Uint32Array.of(0, 1)

test('what is shared is computed anew each time the sheet begins', () => {
  const [twice, more] = kernelsOf('m * 2', 'm * 2 > 3') as [Kernel, Kernel]
  const sheet = openSheet()
  sheet.begin(one, both, nowMs)
  expect(valuesOf(twice, sheet)).toEqual([2, 4])
  expect(valuesOf(more, sheet)).toEqual([4])
  sheet.begin(other, both, nowMs)
  expect(valuesOf(more, sheet)).toEqual([20, 40])
  sheet.begin(other, Uint32Array.of(1), nowMs)
  expect(valuesOf(twice, sheet)).toEqual([40])
  sheet.begin(other, both, nowMs + 300_000)
  expect(valuesOf(twice, sheet)).toEqual([])
})

test('sheets do not see what others have computed', () => {
  const [twice, more] = kernelsOf('m * 2', 'm * 2 > 3') as [Kernel, Kernel]
  const [a, b] = [openSheet(), openSheet()]
  a.begin(one, both, nowMs)
  b.begin(other, both, nowMs)
  for (let each = 0; each < 3; each++) {
    expect(valuesOf(twice, a)).toEqual([2, 4])
    expect(valuesOf(twice, b)).toEqual([20, 40])
    expect(valuesOf(more, a)).toEqual([4])
    expect(valuesOf(more, b)).toEqual([20, 40])
  }
})

test('programs do not see what others have computed', () => {
  const sheet = openSheet()
  sheet.begin(one, both, nowMs)
  for (const text of ['m * 2', 'm * 3', 'm * 4']) {
    const [first, again] = kernelsOf(text, text) as [Kernel, Kernel]
    const factor = Number(text.at(-1))
    expect(valuesOf(first, sheet), text).toEqual([factor, 2 * factor])
    expect(valuesOf(again, sheet), text).toEqual([factor, 2 * factor])
  }
})

test('hits grow when needed and are used again', () => {
  const [kernel] = kernelsOf('m') as [Kernel]
  const many = stripsOf(Array.from({ length: 1_000 }, (_, slot) => [[nowMs, slot]]))
  const slots = Uint32Array.from({ length: 1_000 }, (_, slot) => slot)
  const [sheet, hits] = [openSheet(), openHits()]
  sheet.begin(many, slots.subarray(0, 1), nowMs)
  expect(valuesOf(kernel, sheet, hits)).toEqual([0])
  sheet.begin(many, slots, nowMs)
  expect(valuesOf(kernel, sheet, hits)).toEqual([...slots])
  const { at } = hits
  sheet.begin(many, slots.subarray(500, 503), nowMs)
  expect(valuesOf(kernel, sheet, hits)).toEqual([500, 501, 502])
  expect(hits.at).toBe(at)
})

test('what several read is computed once, what does not fit is computed again', () => {
  const sheet = openSheet()
  let computed = 0
  const fill = (_: Sheet, into: { count: number }): void => {
    computed++
    into.count = 0
  }
  const read = (users: number): void => {
    const node = { ...openNode(fill), users }
    computed = 0
    for (let each = 0; each < 3; each++) sheet.give(columnOf(node, sheet))
  }
  // 1.2 MB a column: 55 are kept.
  sheet.begin(one, new Uint32Array(100_000), nowMs)
  read(1)
  expect(computed).toBe(3)
  for (let each = 0; each < 55; each++) {
    read(2)
    expect(computed, `column ${each}`).toBe(1)
  }
  read(2)
  expect(computed).toBe(3)
  // The long columns are no burden to short sheets.
  sheet.begin(one, both, nowMs)
  for (let each = 0; each < 200; each++) {
    read(2)
    expect(computed, `column ${each}`).toBe(1)
  }
})

test('columns are used again', () => {
  const sheet = openSheet()
  sheet.begin(one, both, nowMs)
  const column = sheet.take()
  sheet.give(column)
  const again = sheet.take()
  expect(again).toBe(column)
  sheet.keep(again)
  sheet.give(again)
  expect(sheet.take()).not.toBe(column)
  sheet.begin(one, both, nowMs)
  expect([sheet.take(), sheet.take()]).toContain(column)
})
