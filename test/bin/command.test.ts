// Which words behind a flag are its own.
import { expect, test } from 'vitest'
import { parse } from '../../bin/parse.ts'

const called = (line: string) => {
  const asked = parse(line.split(' '))
  if (asked.do !== 'run') throw new Error(`${line}: nothing to run`)
  return { args: asked.call.args, lists: asked.call.lists }
}

test('a flag that may be said again takes one word each time', () => {
  const event = '2026-12-10..2026-12-12=3'
  expect(called(`capacity forecast --event ${event} web`)).toEqual({
    args: ['web'],
    lists: { event: [event] },
  })
  expect(called(`capacity forecast --event=a=1 --event b=2 web --unit-capacity cpu=64`)).toEqual({
    args: ['web'],
    lists: { event: ['a=1', 'b=2'], 'unit-capacity': ['cpu=64'] },
  })
  expect(called('capacity new --part zone=a web 2 --part rack=1').lists).toEqual({
    part: ['zone=a', 'rack=1'],
  })
  expect(called('capacity import --item 1=web/cpu/usage trends.json').args).toEqual(['trends.json'])
})

test('files that a shell has written out from a pattern all belong to the flag before them', () => {
  expect(called('backtest --rules a.yml b.yml --from -1h --against c.yml --rules d.yml').lists).toEqual({
    rules: ['a.yml', 'b.yml', 'd.yml'],
    against: ['c.yml'],
  })
})
