// Series that belong together: who joins them later is evaluated like those that were there.
import { expect, test } from 'vitest'
import { driven, type Sample } from './driven.ts'

const text = `
groups:
- name: g
  rules:
  - {alert: Above, expr: cpu > on (pod) quota}
  - {alert: Hot, expr: 'cpu{pod="a"} > 200'}
`
const of = (name: string, pod: string, value: number): Sample => [name, { pod }, value]

test('a series joins its set whoever else looks at some of them', () => {
  const w = driven(text)
  w.sample(0, [of('cpu', 'b', 1), of('cpu', 'a', 1)])
  w.sample(
    1_000,
    ['a', 'b', 'c'].map(pod => of('quota', pod, 80)),
  )
  w.sample(2_000, [of('cpu', 'c', 99)])
  w.sample(3_000, [of('cpu', 'b', 99), of('cpu', 'c', 1)])
  expect(w.said()).toEqual([
    '2000 firing Above pod=c',
    '3000 firing Above pod=b',
    '3000 resolved Above pod=c',
  ])
})
