import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutLines } from '#core/line-protocol/cut-lines.ts'
import { pointLine, unfit } from '#core/line-protocol/encode.ts'
import { decodePoints } from '#core/line-protocol/points.ts'
import { runs } from '../../runs.ts'

const cut = (text: string, maxBytes: number): string[] =>
  cutLines(Buffer.from(text), maxBytes).map(piece => Buffer.from(piece).toString())

test('text is cut behind the last line that fits', () => {
  const t = (text: string, maxBytes: number, wanted: string[]): void =>
    expect(cut(text, maxBytes), `${JSON.stringify(text)} ${maxBytes}`).toEqual(wanted)
  t('', 5, [])
  t('a v=1\n', 6, ['a v=1\n'])
  t('a v=1\nb v=2\nc v=3\n', 18, ['a v=1\nb v=2\nc v=3\n'])
  t('a v=1\nb v=2\nc v=3\n', 17, ['a v=1\nb v=2\n', 'c v=3\n'])
  t('a v=1\nb v=2\nc v=3\n', 6, ['a v=1\n', 'b v=2\n', 'c v=3\n'])
  // A longer line stands alone.
  t('a v=1\nlonger v=2\nc v=3\n', 6, ['a v=1\n', 'longer v=2\n', 'c v=3\n'])
  t('a v=1\nb v=2\n', 1, ['a v=1\n', 'b v=2\n'])
  // What lacks its newline.
  t('a v=1\nb v=2', 6, ['a v=1\n', 'b v=2'])
})

test('a newline in a string ends no line', () => {
  const t = (line: string): void => {
    const pieces = [line, 'x v=1\n', line]
    expect(cut(pieces.join(''), 8), line).toEqual(pieces)
  }
  t('a s="1\n2\n3" 5\n')
  t('a s="\n",t="\n",u=1,w="\n" 5\n')
  // A quote may be escaped, and so may what escapes it.
  t('a s="\\"\n" 5\n')
  t('a s="\\\\" 5\n')
  t('a s="\\\\\\"\n" 5\n')
  // In measurements, tags and keys a quote is a letter like others.
  t('a"b,t="c d"e=1 5\n')
  t('a,t=" v=1 5\n')
  t('a,t=\\ " v"="\n" 5\n')
  t('a,t=b\\\\ " v\\="\n"=1,w="\n\n" 5\n'.replace('\\="\n"', '\\="'))
})

const text = fc
  .string({ unit: fc.constantFrom('a', ' ', ',', '=', '"', '\\', '1'), minLength: 1, maxLength: 6 })
  .filter(each => unfit(each) === undefined)
const string = fc.string({ unit: fc.constantFrom('a', '\n', '"', '\\', ' ', ',', '=') })
const point = fc.record({
  measurement: text,
  tags: fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 3 }),
  fields: fc.array(
    fc.tuple(
      text,
      fc.oneof(
        string.map(each => ({ string: each })),
        fc.nat().map(each => ({ float: each })),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  ),
  timeNs: fc.nat().map(BigInt),
})

test('any good lines are cut into good lines, none longer than asked but single ones', () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 12 }), fc.integer({ min: 1, max: 120 }), (points, maxBytes) => {
      const whole = points.map(each => `${pointLine(each)}\n`).join('')
      const pieces = cutLines(Buffer.from(whole), maxBytes)
      expect(Buffer.concat(pieces).toString()).toBe(whole)
      const found = pieces.map(piece => decodePoints(piece))
      expect(found.flatMap(each => each.errors)).toEqual([])
      expect(found.flatMap(each => each.points)).toEqual(points)
      for (const [at, piece] of pieces.entries()) {
        if (piece.length > maxBytes) expect(found[at]!.points.length).toBe(1)
      }
    }),
    { numRuns: runs(400) },
  )
})
