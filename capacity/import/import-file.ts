// One file of history: what it is shows in its first bytes, and each line is taken or doubted. Called by the command
// `capacity import`.
import { Failure } from '#core/errors.ts'
import { readObjects } from './json-objects.ts'
import { type Around, openTable } from './table.ts'
import { readRows } from './text-rows.ts'
import { takeTrend, trendOf } from './trends.ts'
import { isPacked, unpacked } from './unpacked.ts'

export async function importFile(chunks: AsyncIterable<Uint8Array>, around: Around): Promise<void> {
  const { head, all } = await peeked(chunks)
  if (!isPacked(head)) return importPlain(head, all, around)
  const within = await peeked(unpacked(all))
  // There are files that hold themselves.
  if (isPacked(within.head)) throw new Failure('bad_import', 'wanted a table or JSON, found it packed twice')
  return importPlain(within.head, within.all, around)
}

async function importPlain(head: Uint8Array, all: AsyncIterable<Uint8Array>, around: Around): Promise<void> {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new Failure('bad_import', 'line 1: wanted text in UTF-8, found UTF-16: save it as UTF-8')
  }
  if (isWorkbook(head)) {
    throw new Failure(
      'bad_import',
      'wanted CSV or JSON, found a workbook (.xlsx, .ods, .xls) or another archive: save it as CSV UTF-8',
    )
  }
  const first = head.find(byte => byte > 32 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
  const isJson = first === 0x5b || first === 0x7b
  if (isJson) return importObjects(all, around)
  let rows = 0
  const table = openTable(around)
  await readRows(all, (cells, place) => {
    rows++
    table(cells, place)
  })
  if (rows === 0) throw new Failure('bad_import', 'wanted rows, found an empty file')
}

// A zip, as workbooks are, or what they were before 2007.
const isWorkbook = (head: Uint8Array): boolean =>
  ['504b0304', '504b0506', 'd0cf11e0'].includes(Buffer.from(head.subarray(0, 4)).toString('hex'))

const importObjects = (chunks: AsyncIterable<Uint8Array>, { asked, bins, doubts }: Around): Promise<void> =>
  readObjects(chunks, (fields, place) => {
    const trend = trendOf(name => (fields[name] === undefined ? undefined : String(fields[name])))
    if ('wrong' in trend) {
      return doubts.add({
        ...place,
        wanted: `${trend.wrong}: ${trend.wanted}`,
        found: String(fields[trend.wrong]),
      })
    }
    const wanted = takeTrend(trend, asked, bins)
    if (wanted !== undefined) doubts.add({ ...place, wanted, found: trend.itemid })
  })

const headBytes = 64

async function peeked(
  chunks: AsyncIterable<Uint8Array>,
): Promise<Readonly<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }>> {
  const iterator = chunks[Symbol.asyncIterator]()
  const kept: Uint8Array[] = []
  let length = 0
  while (length < headBytes) {
    const next = await iterator.next()
    if (next.done) break
    kept.push(next.value)
    length += next.value.length
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* kept
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { head: Buffer.concat(kept).subarray(0, headBytes), all: all() }
}
