// Floods of dead letters are published in portions that a bus takes within its deadline.
import { expect, test } from 'vitest'
import { type DeadLetter, lettersInPortions } from '#core/dead-letter.ts'

const letter = (line: string): DeadLetter => ({ v: 1, atMs: 0, from: 'test', reason: '', line })
const sizes = (lines: readonly string[]): number[] =>
  lettersInPortions(lines.map(letter)).map(each => each.length)

test('letters go out in portions, in their order', () => {
  expect(sizes([])).toEqual([])
  expect(sizes(['a'])).toEqual([1])
  expect(sizes(Array.from({ length: 2_001 }, String))).toEqual([1_000, 1_000, 1])
  // By size, but one that is larger alone goes alone.
  const [long, longer] = ['a'.repeat(3 << 20), 'b'.repeat(5 << 20)]
  expect(sizes([long, long, 'a', longer, 'a'])).toEqual([1, 2, 1, 1])
  const many = Array.from({ length: 2_500 }, (_, at) => letter(String(at)))
  expect(lettersInPortions(many).flat()).toEqual(many)
})
