// Files as people have them become daily peaks; and what is no series is refused.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dailyPeaks } from '../../../capacity/accuracy/daily-peaks.ts'
import { readSeries, timeMs } from '../../../capacity/accuracy/read-series.ts'

const day = Date.UTC(2026, 10, 25)

test('reads every form of time and value', () => {
  const t = (text: string, ...points: [number, number][]) => {
    const { tMs, values } = readSeries(text)
    expect(
      [...tMs].map((each, at) => [each, values[at]]),
      text,
    ).toEqual(points)
  }

  t('2026-11-25,17.5', [day, 17.5])
  t('"ds","y"\n"2026-11-25",1\n"2026-11-26",2\n', [day, 1], [day + 86_400_000, 2])
  t('timestamp,value\r\n2026-11-25 06:30:00,1e3\r\n', [day + 6.5 * 3_600_000, 1_000])
  t('2026-11-25T06:30:00+02:00;-4', [day + 4.5 * 3_600_000, -4])
  t('2026-11-25T06:30:00.250Z\t4', [day + 6.5 * 3_600_000 + 250, 4])
  // Epochs of every size, and a column too many before them.
  t(`name,t,v\nweb,${day / 1_000},5`, [day, 5])
  t(`${day},5`, [day, 5])
  t(`${day}000000,5`, [day, 5])
  // Out of order, with holes, without the last end of line.
  t(
    '\uFEFFtime,value\n2026-11-26,2\n# a remark\n2026-11-25,\n2026-11-25,1\n2026-11-27,NaN',
    [day, 1],
    [day + 86_400_000, 2],
  )
})

test('refuses what has no time or no number', () => {
  const t = (text: string) => expect(() => readSeries(text), text).toThrow('no row has a time and a number')

  t('')
  t('time,value\n')
  t('1,2\n3,4')
  t('2026-13-45,4')
  t('2026-11-25,many')
})

test('any instant is read as it was written', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1980-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      date => {
        const [iso, ms] = [date.toISOString(), date.getTime()]
        expect(timeMs(iso)).toBe(ms)
        expect(timeMs(iso.slice(0, 19).replace('T', ' '))).toBe(Math.floor(ms / 1_000) * 1_000)
        expect(timeMs(String(ms))).toBe(ms)
      },
    ),
    { numRuns: 100 },
  )
})

test('a day is its highest value, in the zone that is asked for', () => {
  const series = readSeries('2026-11-25 20:00:00,5\n2026-11-25 01:00:00,9\n2026-11-27 00:00:00,-1')
  const utc = dailyPeaks(series, 'UTC')
  expect([utc.firstDay, ...utc.values]).toEqual([day / 86_400_000, 9, Number.NaN, -1])
  // 20:00 in UTC is four in the morning of the next day.
  expect([...dailyPeaks(series, 'Asia/Shanghai').values]).toEqual([9, 5, -1])
})
