import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnnotatedCsv, type Table } from '#core/store/influxdb/csv.ts'
import { CsvTimes, readNumber } from '#core/store/influxdb/csv-cells.ts'

type Seen = (string | readonly (string | number)[])[]

function read(text: string, cuts: readonly number[] = []): Seen {
  const seen: Seen = []
  const csv = new AnnotatedCsv({
    table: ({ result, type, columns, cells }: Table) =>
      void seen.push(`${result} ${type} ${columns.map((name, at) => `${name}=${cells[at]}`).join(' ')}`),
    number: (tMs, value) => void seen.push([tMs, value]),
    text: (tMs, said) => void seen.push([tMs, said]),
    listed: (value, result) => void seen.push(`${result}: ${value}`),
  })
  const bytes = Buffer.from(text)
  const ends = [...new Set([...cuts.map(cut => cut % bytes.length), bytes.length])].sort((a, b) => a - b)
  let from = 0
  for (const end of ends) {
    csv.push(bytes.subarray(from, end))
    from = end
  }
  csv.finish()
  return seen
}

// As InfluxDB 2.7.12 answers, with CR LF.
const answer = `#datatype,string,long,dateTime:RFC3339,double,string,string,string
#default,rows,,,,,,
,result,table,_time,_value,_field,_measurement,"a,b"
,,0,2026-11-21T01:59:59.999Z,69.02750226929328,value,long,"he said ""hi"""
,,0,2026-11-21T02:00:00.1239Z,-1e-7,value,long,"he said ""hi"""
,,1,2026-11-21T02:00:01Z,12,value,other,

#datatype,string,long,dateTime:RFC3339,string,string,string
#default,rows,,,,,
,result,table,_time,_value,_field,_measurement
,,2,1969-12-31T23:59:59.9Z,"two
lines, ""quoted""",text,机
,,2,2026-11-21T02:00:01Z,,text,机

#datatype,string,long,dateTime:RFC3339,boolean,string,string
#default,newest,,,,,
,result,table,_time,_value,_field,_measurement
,,0,2026-11-21T02:00:01Z,true,b,m
,,0,2026-11-21T02:00:02Z,false,b,m

#datatype,string,long,string,string
#default,7,,,
,result,table,_measurement,_value
,,0,cpu,usage_idle

`.replaceAll('\n', '\r\n')

const rows: Seen = [
  'rows double _field=value _measurement=long a,b=he said "hi"',
  [Date.UTC(2026, 10, 21, 1, 59, 59, 999), 69.02750226929328],
  [Date.UTC(2026, 10, 21, 2, 0, 0, 123), -1e-7],
  'rows double _field=value _measurement=other a,b=',
  [Date.UTC(2026, 10, 21, 2, 0, 1), 12],
  'rows string _field=text _measurement=机',
  [-100, 'two\nlines, "quoted"'],
  [Date.UTC(2026, 10, 21, 2, 0, 1), ''],
  'newest boolean _field=b _measurement=m',
  [Date.UTC(2026, 10, 21, 2, 0, 1), 1],
  [Date.UTC(2026, 10, 21, 2, 0, 2), 0],
  '7: usage_idle',
]

test('tables of every kind are read', () => {
  expect(read(answer)).toEqual(rows)
})

test('wherever the answer is cut into chunks, it says the same', () => {
  const bytes = Buffer.from(answer).length
  for (let cut = 1; cut < bytes; cut++) expect(read(answer, [cut]), `cut at ${cut}`).toEqual(rows)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes)), cuts => {
      expect(read(answer, cuts)).toEqual(rows)
    }),
  )
})

test('an answer that breaks off is none', () => {
  const t = (text: string, message: string) =>
    expect(() => read(text.replaceAll('\n', '\r\n'))).toThrow(message)

  t(',result,table,_time,_value,_field,_measurement\n,,0,2026-11-21T02', 'in the middle of a row')
  t(
    '#datatype,string,string\n#default,,\n,error,reference\n,"out of memory, sorry",897\n',
    'out of memory, sorry',
  )
  t('#default,x\n,result,table,_start,_time\n', 'not those asked for')
})

test('numbers are read as JavaScript reads them', () => {
  const t = (text: string) => {
    const bytes = Buffer.from(`,${text},`)
    expect(readNumber(bytes, 1, bytes.length - 1), text).toBe(Number(text))
  }
  for (const text of [
    '0',
    '-0',
    '1',
    '12.5',
    '0.1',
    '-0.30000000000000004',
    '123456789012345678',
    '9.00719925474099267',
  ])
    t(text)
  for (const text of [
    '1e+21',
    '5e-324',
    '1.7976931348623157e+308',
    '18446744073709551615',
    '-9223372036854775808',
  ])
    t(text)
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => t(String(value))))
  fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), value => t(String(value))))
  fc.assert(fc.property(fc.maxSafeInteger(), value => t(String(value))))
})

test('times are read as JavaScript reads them, down to the millisecond', () => {
  const times = new CsvTimes()
  const ms = fc.integer({ min: Date.UTC(1700, 0), max: Date.UTC(2260, 0) })
  fc.assert(
    fc.property(ms, fc.constantFrom('', '000', '999999'), (tMs, beyond) => {
      const text = new Date(tMs).toISOString().replace('Z', `${beyond}Z`)
      const bytes = Buffer.from(`,${text},`)
      expect(times.read(bytes, 1, bytes.length - 1)).toBe(tMs)
    }),
  )
})
