import { expect, test } from 'vitest'
import { Memory } from '../../../rules/head/memory.ts'
import { SampleStrips } from '../../../rules/head/strips.ts'

const from = { values: Float64Array.of(7), at: 0 }

function filled(strips: SampleStrips, slot: number, count: number): void {
  for (let tMs = 1; tMs <= count; tMs++) {
    if (strips.ends[slot] === strips.limits[slot]) strips.makeRoom(slot, tMs - 1_000)
    strips.append(slot, tMs, from)
  }
}

const timesOf = ({ tMs, begins, ends }: SampleStrips, slot: number): number[] => [
  ...tMs.subarray(begins[slot], ends[slot]),
]

test('a full strip drops what is not needed before it doubles, but keeps two', () => {
  const strips = new SampleStrips(new Memory(1 << 20))
  const slot = strips.open()
  filled(strips, slot, 4)
  const t = (neededMs: number, times: number[], capacity: number) => {
    strips.makeRoom(slot, neededMs)
    expect([timesOf(strips, slot), strips.capacity(slot)], String(neededMs)).toEqual([times, capacity])
  }
  t(0, [1, 2, 3, 4], 8)
  t(1, [2, 3, 4], 8)
  t(99, [3, 4], 8)
  expect(strips.lost).toBe(0)
})

test('a strip that has shrunk leaves its room to others, also where there is none for it elsewhere', () => {
  const strips = new SampleStrips(new Memory(45_120))
  const large = strips.open()
  filled(strips, large, 300)
  while (strips.open() >= 0);
  const [before, begin] = [strips.count, strips.begins[large]]
  expect(strips.capacity(large)).toBe(512)
  strips.shrink(large)
  expect([timesOf(strips, large), strips.capacity(large)]).toEqual([[299, 300], 4])
  expect(strips.begins[large]).toBe(begin)
  let more = 0
  while (strips.open() >= 0) more++
  expect([more, strips.count]).toEqual([Math.min(127, strips.begins.length - before), before + more])
  expect(more).toBeGreaterThan(0)
  expect(timesOf(strips, large)).toEqual([299, 300])
})
