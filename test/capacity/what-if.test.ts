// What people suppose, in the words of an address, a page and the command line.
import { expect, test } from 'vitest'
import { readDay } from '../../capacity/days.ts'
import { readWhatIf } from '../../capacity/what-if.ts'

const day = (text: string) => readDay(text)!

test('reads what is said, and nothing that is not', () => {
  const t = (said: Parameters<typeof readWhatIf>[0], read: object) =>
    expect(readWhatIf(said), JSON.stringify(said)).toEqual(read)

  t({}, {})
  t({ growth: '', waterline: ' ', event: [''], unit_capacity: [' '] }, {})
  t({ growth: '20%' }, { growth: 1.2 })
  t({ growth: '-10 %' }, { growth: 0.9 })
  t({ growth: '1.5' }, { growth: 1.5 })
  t({ waterline: '60%' }, { waterline: 0.6 })
  t({ waterline: '0.65' }, { waterline: 0.65 })
  t({ lead_time: '45d' }, { leadDays: 45 })
  t({ lead_time: '6w' }, { leadDays: 42 })
  t({ lead_time: '0' }, { leadDays: 0 })
  t({ unit_capacity: ['cpu=64', 'disk=2e12'] }, { unitCapacity: { cpu: 64, disk: 2e12 } })
  const [fromDay, toDay] = [day('2026-11-10'), day('2026-11-12')]
  t(
    { event: ['2026-11-10..2026-11-12=2.5'] },
    { events: [{ name: '2026-11-10', fromDay, toDay, factor: 2.5 }] },
  )
  t(
    { event: ['双十一 大促 2026-11-10=3'] },
    { events: [{ name: '双十一 大促', fromDay, toDay: fromDay, factor: 3 }] },
  )
})

test('says how it should look', () => {
  const t = (said: Parameters<typeof readWhatIf>[0], wanted: string) =>
    expect(() => readWhatIf(said), JSON.stringify(said)).toThrow(wanted)

  t({ growth: 'much' }, 'growth: wanted a share like 20%')
  t({ growth: '20000%' }, 'at most a hundred times')
  t({ growth: '-101%' }, 'at least nothing')
  t({ waterline: '0' }, 'waterline: wanted a share above 0')
  t({ waterline: '101%' }, 'waterline: wanted')
  t({ waterline: '0x1' }, 'waterline: wanted')
  t({ waterline: '1e-300' }, 'waterline: wanted')
  t({ waterline: 'x%' }, 'waterline: wanted')
  t({ lead_time: '12h' }, 'lead_time: wanted whole days')
  t({ lead_time: '4y' }, 'lead_time: wanted whole days')
  t({ event: ['tomorrow=2'] }, 'event: wanted days and a factor')
  t({ event: ['2026-02-30=2'] }, 'event: wanted days and a factor')
  t({ event: ['2026-11-12..2026-11-10=2'] }, 'a last day after the first')
  t({ unit_capacity: ['64'] }, 'unit_capacity: wanted a resource')
  t({ unit_capacity: ['cpu=0'] }, 'unit_capacity: wanted a resource')
  t({ unit_capacity: ['=4'] }, 'unit_capacity: wanted a resource')
})

test('is bounded, however much is said', () => {
  const events = (count: number): string[] => Array.from({ length: count }, (_, at) => `e${at} 2026-12-10=2`)
  expect(readWhatIf({ event: events(50) }).events).toHaveLength(50)
  expect(() => readWhatIf({ event: events(51) })).toThrow('event: wanted at most 50 of them, found 51')
  const units = events(10_000).map((_, at) => `r${at}=1`)
  expect(() => readWhatIf({ unit_capacity: units })).toThrow('unit_capacity: wanted at most 50')
})
