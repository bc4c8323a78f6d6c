// From text to rows: what becomes of each kind of field, of bad lines among good ones, and of limits.
import { describe, expect, test } from 'vitest'
import { type NoteRow, RowBuffer } from '#core/batch.ts'
import { type Decoded, LineDecoder, type LineLimits, lineLimits } from '#core/line-protocol/decode.ts'
import type { Precision } from '#core/line-protocol/precision.ts'
import { SeriesTable } from '#core/series.ts'
import { isStale } from '#core/stale.ts'

const nowMs = Date.UTC(2026, 10, 21)
const nowS = nowMs / 1_000

type Options = { precision?: Precision; limits?: Partial<LineLimits>; room?: number }

function reader({ precision = 'ms', limits = {}, room = 1_000 }: Options = {}) {
  const table = new SeriesTable(room)
  const decoder = new LineDecoder(table, { ...lineLimits, ...limits })
  return (text: string | Uint8Array): Decoded & { found: string[] } => {
    const rows = new RowBuffer(1)
    const notes: NoteRow[] = []
    const block = typeof text === 'string' ? Buffer.from(text) : text
    const decoded = decoder.decode(block, { precision, receivedAtMs: nowMs }, rows, notes)
    const name = (id: number): string => {
      const series = table.get(id)
      const labels = Object.keys(series.labels).map(each => `${each}=${series.labels[each]}`)
      return labels.length === 0 ? series.name : `${series.name}{${labels.join(',')}}`
    }
    const at = (tMs: number): string => (tMs === nowMs ? '' : ` @${tMs - nowMs}`)
    const { series, tMs, values } = rows.rows()
    const show = (_: number, row: number): string => (isStale(values, row) ? 'stale' : String(values[row]))
    const found = [
      ...[...values].map((value, row) => `${name(series[row]!)} ${show(value, row)}${at(tMs[row]!)}`),
      ...notes.map(note => `${name(note.series)} ${JSON.stringify(note.text)}${at(note.tMs)}`),
    ]
    return { ...decoded, found }
  }
}

describe('a field becomes a sample or a note of a series', () => {
  const read = reader()
  const t = (line: string, ...wanted: string[]): void => {
    for (const pass of ['new', 'known']) expect(read(line).found, `${pass}: ${line}`).toEqual(wanted)
  }

  test('named by measurement and field', () => {
    t('cpu usage_idle=1', 'cpu_usage_idle 1')
    t('cpu value=1', 'cpu 1')
    t('prometheus go_goroutines=1', 'go_goroutines 1')
    t('prometheus value=1', 'prometheus 1')
    t('cpu,host=a,dc=b x=1,y=2', 'cpu_x{dc=b,host=a} 1', 'cpu_y{dc=b,host=a} 2')
  })

  test('with tags in any order being the same series', () => {
    const { found } = read('cpu,a=1,b=2 x=1\ncpu,b=2,a=1 x=2')
    expect(found).toEqual(['cpu_x{a=1,b=2} 1', 'cpu_x{a=1,b=2} 2'])
  })

  test('of every type', () => {
    t(
      'm a=1,b=-2i,c=3u,d=true,e=F,f=1e3,g=.5,h=-0',
      'm_a 1',
      'm_b -2',
      'm_c 3',
      'm_d 1',
      'm_e 0',
      'm_f 1000',
      'm_g 0.5',
      'm_h 0',
    )
    t(
      'm a=9223372036854775807i,b=18446744073709551615u',
      'm_a 9223372036854776000',
      'm_b 18446744073709552000',
    )
    t(
      'm,k=v text="two\nlines, \\"quoted\\" \\\\",x=1',
      'm_x{k=v} 1',
      'm_text{k=v} "two\\nlines, \\"quoted\\" \\\\"',
    )
    t('m value="said"', 'm "said"')
  })

  test('with specials as samples, not as notes', () => {
    t('m x__special="NaN"', 'm_x NaN')
    t('m x__special="+Inf",y__special="-Inf"', 'm_x Infinity', 'm_y -Infinity')
    t('m value__special="stale"', 'm stale')
    // Of another type it is an ordinary field, also when the same prefix has had the special one.
    t('m x__special=1', 'm_x__special 1')
    t('m x__special="stale"', 'm_x stale')
    t('m __special="stale"', 'm___special "stale"')
  })

  test('under any label name', () => {
    t('m,__proto__=p,constructor=c,toString=s,1=n x=1', 'm_x{1=n,__proto__=p,constructor=c,toString=s} 1')
    t('m,a\\ b=c\\,d,e\\=f=g\\ h x\\ y=1', 'm_x y{a b=c,d,e=f=g h} 1')
    t('温度,主机=北京 值=1', '温度_值{主机=北京} 1')
  })
})

test('times become milliseconds, rounded down, whatever their unit', () => {
  const t = (precision: Precision, time: string, wantedMs: number): void => {
    const rows = new RowBuffer()
    const decoder = new LineDecoder(new SeriesTable())
    const block = Buffer.from(`m v=1 ${time}`)
    const decoded = decoder.decode(block, { precision, receivedAtMs: nowMs, anyTime: true }, rows, [])
    expect(decoded.errors, time).toEqual([])
    expect(rows.rows().tMs[0], `${time} as ${precision}`).toBe(wantedMs)
  }
  t('ns', '1763681985123456789', 1_763_681_985_123)
  t('ns', '1763681985123999999', 1_763_681_985_123)
  t('ns', '999999', 0)
  t('ns', '0', 0)
  t('ns', '-1', -1)
  t('ns', '-1000000', -1)
  t('ns', '-1000001', -2)
  t('ns', '00001763681985123456789', 1_763_681_985_123)
  t('ns', '9223372036854775807', 9_223_372_036_854)
  t('ns', '-9223372036854775808', -9_223_372_036_855)
  t('us', '1763681985123456', 1_763_681_985_123)
  t('ms', '1763681985123', 1_763_681_985_123)
  t('ms', '5', 5)
  t('s', '1763681985', 1_763_681_985_000)
  t('m', '29394699', 1_763_681_940_000)
  t('h', '489911', 1_763_679_600_000)
})

test('a line without a time has the time it came', () => {
  expect(reader()('m v=1\nm v=2   \r\nm v=3 \n').found).toEqual(['m_v 1', 'm_v 2', 'm_v 3'])
})

test('a time in the wrong unit is refused with the unit that was meant', () => {
  const t = (precision: Precision, time: number | string, ...wanted: string[]): void => {
    const { found, errors } = reader({ precision })(`m v=1 ${time}`)
    expect(found).toEqual([])
    expect(errors).toHaveLength(1)
    for (const part of wanted) expect(errors[0]!.what).toContain(part)
    expect(errors[0]).toMatchObject({ line: 1, column: 7 })
  }
  t('ns', nowS, 'found 1970-01-01', 'precision=s', '2026-11-21T00:00:00.000Z')
  t('ns', nowMs, 'precision=ms')
  t('ms', nowS, 'found 1970-01-21', 'precision=s')
  t('ms', `${nowMs}000000`, 'precision=ns')
  t('s', nowMs, 'precision=ms')
  t('us', `${nowMs}`, 'precision=ms')
  // No unit helps a date of the last century.
  t('ms', 915_148_799_000, 'wanted a time from 2000-01-01')
  t('ms', nowMs + 86_400_001, 'to a day from now')
})

test('what is older than is kept is refused, and counted as a bad time', () => {
  const decoder = new LineDecoder(new SeriesTable(), {
    lineBytes: 1 << 20,
    tags: 64,
    keepMs: 400 * 86_400_000,
  })
  const [old, kept] = [nowMs - 800 * 86_400_000, nowMs - 399 * 86_400_000]
  const options = { precision: 'ms', receivedAtMs: nowMs } as const
  const block = Buffer.from(`ret v=1 ${old}\nret v=2 ${kept}\noops\nret v=3 ${old / 1_000}\n`)
  const decoded = decoder.decode(block, options, new RowBuffer(), [])
  expect(decoded).toMatchObject({ values: 1, rejected: 3, badTimes: 2 })
  expect(decoded.errors[0]!.what).toContain(
    '(store.keep reaches no further) to a day from now, found 2024-09-',
  )
})

describe('bad lines', () => {
  test('leave the good ones, and say where they are wrong', () => {
    const { found, lines, values, rejected, errors } = reader()(
      'good v=1\n# a comment\n\nbad v=oops\n  good v=2\r\nbad\nbad,tag v=1\ngood v=3',
    )
    expect(found).toEqual(['good_v 1', 'good_v 2', 'good_v 3'])
    expect({ lines, values, rejected }).toEqual({ lines: 6, values: 3, rejected: 3 })
    expect(errors).toEqual([
      {
        line: 4,
        column: 7,
        what: 'wanted a number, true, false or a quoted string, found "oops"',
        text: 'bad v=oops',
      },
      {
        line: 6,
        column: 4,
        what: 'wanted a comma and a tag, or a space and a field, found the end of the line',
        text: 'bad',
      },
      { line: 7, column: 8, what: 'wanted = after the tag key "tag", found a space', text: 'bad,tag v=1' },
    ])
  })

  test('are told up to ten, and all counted', () => {
    const { rejected, errors } = reader()('x\n'.repeat(1_000))
    expect(rejected).toBe(1_000)
    expect(errors).toHaveLength(10)
    expect(errors.at(-1)).toMatchObject({ line: 10, column: 2 })
  })

  test('leave nothing behind: no row, no note, no series', () => {
    const table = new SeriesTable()
    const decoder = new LineDecoder(table)
    const rows = new RowBuffer()
    const notes: NoteRow[] = []
    const decode = (text: string): Decoded =>
      decoder.decode(Buffer.from(text), { precision: 'ms', receivedAtMs: nowMs }, rows, notes)
    const t = (line: string): void => {
      expect(decode(line).rejected, line).toBe(1)
      expect([rows.length, notes.length, table.size], line).toEqual([0, 0, 0])
    }
    t('m,a=b x=1,y="text",z=')
    t('m,a=b x=1,y="text" 5')
    t('m,a=b x=1 1 1')
    t('m,a=b x=1,y__special="odd"')
    // Nor when the beginning is known.
    decode('m,a=b x=1')
    rows.length = 0
    expect(decode('m,a=b x=1,y=2,z="text",w=?').rejected).toBe(1)
    expect(decode('m,a=b x=1,y=2 5').rejected).toBe(1)
    expect([rows.length, notes.length, table.size]).toEqual([0, 0, 1])
  })

  test('end at the next newline, which may be inside a string that is well formed', () => {
    const t = (text: string, ...wanted: string[]): void => expect(reader()(text).found, text).toEqual(wanted)
    // The string is good, so what looks like a line inside it is none.
    t('m s="x\nforged v=1\n",bad=?\nm v=1', 'm_v 1')
    // Strings that never end, or end in garbage, cost their own line only.
    t('m s="x\nm v=1\nm v=2', 'm_v 1', 'm_v 2')
    t('m s="x\nm s="y"\nm v=2', 'm_v 2', 'm_s "y"')
    t('m s="x"y\nm v=2', 'm_v 2')
    t('m s="x\\', ...[])
  })

  test('are those that repeat a tag, name the metric in a tag, or hold what is not UTF-8', () => {
    const t = (text: string | Buffer, wanted: string): void => {
      const { found, errors } = reader()(text)
      expect(found).toEqual([])
      expect(errors[0]?.what).toContain(wanted)
    }
    t('m,a=1,b=2,a=3 v=1', 'wanted each tag once, found "a" again')
    t('m,__name__=x v=1', '__name__')
    t('m,a= v=1', 'wanted a tag value, found a space')
    t('m,a=b\\', 'wanted a comma, or a space and a field')
    t('m,a=b\x01c v=1', 'byte 0x01')
    t('#a\x01b', 'wanted text in this comment')
    t(Buffer.from('m,a=\xff v=1', 'latin1'), 'wanted UTF-8')
    t(Buffer.from('m \xe9=1', 'latin1'), 'wanted UTF-8')
    t(Buffer.from('m v="\xe9"', 'latin1'), 'wanted UTF-8')
  })

  test('are those that are too long, too wide, or have too many tags', () => {
    const read = reader({ limits: { lineBytes: 1_000, tags: 3, fields: 4 } })
    const t = (line: string, ...wanted: string[]): void => {
      const { found, errors } = read(`${line}\nm ok=1\n`)
      expect(found).toEqual(['m_ok 1'])
      expect(errors.map(each => each.what)).toEqual(wanted)
    }
    t(`m s="${'x'.repeat(2_000)}"`, 'wanted lines of at most 1000 bytes, found 2007')
    t(`m s="${'x\n'.repeat(2_000)}"`, 'wanted lines of at most 1000 bytes, found 4007')
    t('m a=1,b=1,c=1,d=1,e=1', 'wanted at most 4 fields in a line, found 5')
    t('m,a=1,b=1,c=1,d=1 v=1', 'wanted at most 3 tags, found more')
  })
})

test('a line of ten megabytes is refused in good time, and interns nothing', () => {
  const table = new SeriesTable()
  const decoder = new LineDecoder(table)
  const t = (line: string): void => {
    const rows = new RowBuffer()
    const block = Buffer.from(`${line}\nm v=1`)
    const decoded = decoder.decode(block, { precision: 'ms', receivedAtMs: nowMs }, rows, [])
    expect(decoded).toMatchObject({ lines: 2, rejected: 1, values: 1 })
    expect(table.size).toBe(1)
  }
  t(`m ${'field=1,'.repeat(1_250_000)}g=1`)
  t(`m,${Array.from({ length: 100 }, (_, at) => `t${at}=${'x'.repeat(100_000)}`).join(',')} v=1`)
  t(`m s="${'x'.repeat(10_000_000)}"`)
  t(`m v=${'1'.repeat(10_000_000)}`)
  t(`m v=1 ${'1'.repeat(10_000_000)}`)
  t('x'.repeat(10_000_000))
})

describe('when the table is full', () => {
  test('values of new series are counted and the others are kept', () => {
    const read = reader({ room: 2 })
    const { found, values, refusedSeries, rejected } = read('m a=1,b=2,c=3,d="x"\nm,h=1 a=1\nm a=5')
    expect(found).toEqual(['m_a 1', 'm_b 2', 'm_a 5'])
    expect({ values, refusedSeries, rejected }).toEqual({ values: 3, refusedSeries: 3, rejected: 0 })
    // The same again, now that the prefix is known.
    expect(read('m a=1,b=2,c=3,d="x"').refusedSeries).toBe(2)
  })

  test('a refused series is taken once there is room for it', () => {
    const table = new SeriesTable(10)
    let isFull = true
    const source = {
      intern: (...names: Parameters<SeriesTable['intern']>) => (isFull ? -1 : table.intern(...names)),
    }
    const decoder = new LineDecoder(source)
    const rows = new RowBuffer()
    const decode = () =>
      decoder.decode(Buffer.from('m,a=b x=1'), { precision: 'ms', receivedAtMs: nowMs }, rows, [])
    expect(decode()).toMatchObject({ values: 0, refusedSeries: 1 })
    isFull = false
    expect(decode()).toMatchObject({ values: 1, refusedSeries: 0 })
  })
})

test('what is remembered of names is bounded, and forgetting it changes nothing', () => {
  const read = reader({ limits: { cacheBytes: 2_000 }, room: 100_000 })
  const text = Array.from({ length: 500 }, (_, at) => `m,host=${at} x=${at},y${at}=1`).join('\n')
  const first = read(text)
  expect(first.values).toBe(1_000)
  expect(read(text)).toEqual(first)
})

test('fields may come in any order and number', () => {
  const read = reader()
  expect(read('m,h=1 a=1,b=2,c=3').found).toHaveLength(3)
  expect(read('m,h=1 c=3,a=1,b=2').found).toEqual(['m_c{h=1} 3', 'm_a{h=1} 1', 'm_b{h=1} 2'])
  expect(read('m,h=1 b=2').found).toEqual(['m_b{h=1} 2'])
  expect(read('m,h=2 b=2\nm,h=1 d=4,a=1').found).toEqual(['m_b{h=2} 2', 'm_d{h=1} 4', 'm_a{h=1} 1'])
  expect(read('m,h=1 a=1,a=2').found).toEqual(['m_a{h=1} 1', 'm_a{h=1} 2'])
})
