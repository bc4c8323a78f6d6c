import { expect, test } from 'vitest'
import { compileTemplate, expand } from '#promql/template/engine.ts'
import { timeValue } from '#promql/template/time.ts'
import type { Time, Zone } from '#promql/template/value.ts'

const at = Date.UTC(2026, 0, 31, 23, 4, 5, 60)
const zoned = (minutes: number, abbreviation: string): Zone => ({
  name: `Test/${abbreviation}`,
  offsetMs: () => minutes * 60_000,
  abbreviation: () => abbreviation,
})
const india = zoned(330, 'IST')

const made = (text: string, time: Time) => expand(compileTemplate(text, { name: 't' }), time, undefined).text

test('a time is told in its zone, and in UTC where it has none', () => {
  const t = (text: string, time: Time, wanted: string) => expect(made(text, time), text).toBe(wanted)
  const there = { ...timeValue(at), zone: india }

  t('{{ . }}', timeValue(at), '2026-01-31 23:04:05.06 +0000 UTC')
  t('{{ . }}', there, '2026-02-01 04:34:05.06 +0530 IST')
  t(
    '{{ .Year }} {{ .Month }} {{ .Day }} {{ .Weekday }} {{ .Hour }}:{{ .Minute }} {{ .YearDay }}',
    there,
    '2026 February 1 Sunday 4:34 32',
  )
  t('{{ .UTC }}', there, '2026-01-31 23:04:05.06 +0000 UTC')
  // The instant is the same.
  t('{{ .Unix }} {{ .UnixMilli }}', there, '1769900645 1769900645060')
})

test('a time says where it is told', () => {
  const t = (text: string, time: Time, wanted: string) => expect(made(text, time), text).toBe(wanted)
  const there = { ...timeValue(at, zoned(60, 'CET')), zone: india }

  t('{{ .Location }} {{ .Location.String }}', timeValue(at), 'UTC UTC')
  t('{{ .Location }} {{ .UTC.Location }} {{ .Local.Location }}', there, 'Test/IST UTC Test/CET')
  t('{{ printf "%v|%s" .Location .Location }}', there, 'Test/IST|Test/IST')
  t('{{ .GoString }}', timeValue(at), 'time.Date(2026, time.January, 31, 23, 4, 5, 60000000, time.UTC)')
  t(
    '{{ .GoString }}',
    there,
    'time.Date(2026, time.February, 1, 4, 34, 5, 60000000, time.Location("Test/IST"))',
  )
})

test('offsets are written as the layout has them', () => {
  const t = (layout: string, zone: Zone, wanted: string) =>
    expect(made(`{{ .Format "${layout}" }}`, { ...timeValue(at), zone }), layout).toBe(wanted)

  t('-0700 -07:00 -07 Z07:00 Z0700 Z07', india, '+0530 +05:30 +05 +05:30 +0530 +05')
  t('-07:00:00 -070000', zoned(-210.5, 'X'), '-03:30:30 -033030')
  t('-07:00 Z07:00', zoned(0, 'GMT'), '+00:00 Z')
  t('15:04 MST', zoned(-600, 'HST'), '13:04 HST')
})

test('a time that comes from another keeps its zone', () => {
  const t = (text: string, wanted: string) =>
    expect(made(text, { ...timeValue(at, zoned(60, 'CET')), zone: india }), text).toBe(wanted)

  t('{{ (.Add (.Sub .)).Hour }} {{ (.AddDate 0 1 0).Format "Jan 2 15:04 MST" }}', '4 Mar 1 04:34 IST')
  t('{{ .Local.Format "Jan 2 15:04 MST" }} {{ (.Truncate (.Sub .)).Hour }}', 'Feb 1 00:04 CET 4')
  // Without a place to be local to, that is UTC.
  expect(made('{{ .Local }}', timeValue(at))).toBe('2026-01-31 23:04:05.06 +0000 UTC')
})

test('what lies further apart than a duration holds is as far as it goes', () => {
  expect(made('{{ .Sub (.AddDate -900 0 0) }}', timeValue(at))).toBe('2562047h47m16.854775807s')
  expect(made('{{ (.AddDate -900 0 0).Sub . }}', timeValue(at))).toBe('-2562047h47m16.854775808s')
})

test('a number that is written out is a duration of so many nanoseconds', () => {
  const t = (text: string, wanted: string) => expect(made(text, timeValue(at)), text).toBe(wanted)

  t('{{ (.Add 28800e9).Format "2006-01-02 15:04:05" }}', '2026-02-01 07:04:05')
  t('{{ (.Add -60000000000).Format "15:04:05" }} {{ (.Truncate 3600e9).Format "15:04" }}', '23:03:05 23:00')
  t('{{ (.Round 3600e9).Format "15:04" }} {{ (.Round 86400e9).Format "Jan 2" }}', '23:00 Feb 1')
  t('{{ (.Round 120e6).Format "05.000" }} {{ (.Round 0).Format "05.000" }}', '05.040 05.060')
  const refused = (text: string) =>
    expand(compileTemplate(text, { name: 't' }), timeValue(at), undefined).error
  expect(refused('{{ .Add 1.5 }}')).toContain('expected integer; found 1.5')
  expect(refused('{{ .Add "1h" }}')).toContain('expected integer; found "1h"')
  expect(refused('{{ $x := 1 }}{{ .Add $x }}')).toContain('expected time.Duration; got int')
})
