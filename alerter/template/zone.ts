// A time zone as templates want it: how far its clocks are ahead, and what they are called. Called by data.ts and
// functions.ts.

import { madeOnce } from '#core/made-once.ts'
import { offsetMs } from '#core/zone.ts'
import type { Zone } from '#promql/template/value.ts'

const zonesMax = 1_000

// Throws a RangeError where there is no such place.
export const zoneOf = madeOnce(zonesMax, openZone)

// Each language knows the clocks of the places where it is spoken.
const tongues = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ']

// Where none of them knows the word, or all of them know one that the zone's own list has not; the second is for summer.
const own: Readonly<Record<string, string>> = {
  CST: 'Asia/Shanghai Asia/Chongqing Asia/Harbin Asia/Taipei Asia/Macau PRC',
  HKT: 'Asia/Hong_Kong Hongkong',
  JST: 'Asia/Tokyo Japan',
  KST: 'Asia/Seoul Asia/Pyongyang ROK',
  PST: 'Asia/Manila',
  PKT: 'Asia/Karachi',
  WIB: 'Asia/Jakarta Asia/Pontianak',
  WITA: 'Asia/Makassar',
  WIT: 'Asia/Jayapura',
  MSK: 'Europe/Moscow Europe/Kirov Europe/Simferopol Europe/Volgograd',
  EAT: 'Africa/Nairobi',
  WAT: 'Africa/Lagos',
  SST: 'Pacific/Midway Pacific/Pago_Pago',
  ChST: 'Pacific/Guam Pacific/Saipan',
  MST: 'America/Dawson America/Hermosillo America/Mazatlan America/Whitehorse',
  '+04': 'Asia/Dubai Asia/Muscat',
  '+0530': 'Asia/Colombo',
  GMT: 'GMT GMT0 Greenwich Etc/GMT Etc/GMT0 Etc/GMT+0 Etc/GMT-0 Etc/Greenwich',
  'CST CDT': 'America/Havana Cuba',
  'NST NDT': 'America/St_Johns',
  'IST IDT': 'Asia/Jerusalem Asia/Tel_Aviv Israel',
  'GMT IST': 'Europe/Dublin Eire',
  'GMT BST': 'Europe/Guernsey Europe/Isle_of_Man Europe/Jersey',
}
const words = new Map(
  Object.entries(own).flatMap(([said, places]) => places.split(' ').map(place => [place, said.split(' ')])),
)

// A winter; all places with two words lie in the north.
const winterMs = 1_768_435_200_000

function openZone(name: string): Zone {
  const formats = tongues.map(
    tongue => new Intl.DateTimeFormat(tongue, { timeZone: name, timeZoneName: 'short' }),
  )
  return {
    name,
    offsetMs: atMs => offsetMs(name, atMs),
    abbreviation(atMs) {
      const [winter, summer = winter] = words.get(name) ?? []
      if (winter !== undefined) return offsetMs(name, atMs) > offsetMs(name, winterMs) ? summer! : winter
      if (/^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal)$/.test(name)) return 'UTC'
      for (const format of formats) {
        const shown = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
        if (/^[A-Z]{3,5}$/.test(shown) && (shown !== 'GMT' || offsetMs(name, atMs) === 0)) return shown
      }
      return numbered(offsetMs(name, atMs))
    },
  }
}

// `+08`, `-0330`: places without a word for it.
function numbered(offset: number): string {
  const minutes = Math.abs(Math.round(offset / 60_000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const rest = minutes % 60 === 0 ? '' : two(minutes % 60)
  return (offset < 0 ? '-' : '+') + two(Math.floor(minutes / 60)) + rest
}
