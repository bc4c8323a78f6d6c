import { expect, test } from 'vitest'
import { problemText } from '#core/config.ts'
import { labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import { parseSelector } from '#promql/parse-selector.ts'
import { type HasSeries, unmet } from '../../rules/findings-live.ts'
import type { RuleGroup } from '../../rules/rule.ts'
import { groupOf } from './rules-of.ts'

const there = [
  { name: 'up', labels: labelsOf([['job', 'a'], ['host', 'x']]) }, // biome-ignore format: a row
  { name: 'up', labels: labelsOf([['job', 'b'], ['host', 'y']]) }, // biome-ignore format: a row
  { name: 'odd.name', labels: labelsOf([]) },
]

async function found(groups: readonly RuleGroup[]): Promise<{ lines: string[]; asked: [string, number][] }> {
  const asked: [string, number][] = []
  const hasSeries: HasSeries = async (selector, backMs) => {
    asked.push([selector, backMs])
    return there.some(each => matches(each, parseSelector(selector)))
  }
  const problems = await unmet(groups, hasSeries)
  return { lines: problems.map(each => problemText(each)), asked }
}

test('a selector that finds nothing is named, with the part that is to blame', async () => {
  const t = async (expr: string, what?: string, hint?: string) => {
    const { lines } = await found([groupOf(`- alert: A\n  expr: '${expr}'`)])
    const text = `a.yml:4:9  group g, rule A, expr: wanted a selector that finds series of the last 1d, found none for ${what}\n    ${hint}`
    expect(lines, expr).toEqual(what === undefined ? [] : [text])
  }
  await t('up == 0')
  await t('rate(up{job="a", host=~"x|z"}[5m])')
  await t('{"odd.name"} > 1 and vector(1)')
  await t('down', 'down', 'nothing is called down')
  await t('sum(down{job="a"})', 'down{job="a"}', 'nothing is called down')
  await t('up{host!="q",job="c"}', 'up{host!="q",job="c"}', 'up is there, but not with {job="c"}')
  await t(
    'up{job="a", host="y"}',
    'up{host="y",job="a"}',
    'up is there, but not with all these labels together',
  )
  await t('{job="c"}', '{job="c"}', 'no series has these labels')
  await t('{"other.name"}', '{__name__="other.name"}', 'nothing is called other.name')
})

test('each selector is asked about once, over a day or as far as rules look', async () => {
  const group = groupOf(
    [
      '- {record: r, expr: up}',
      "- {alert: A, expr: 'up > 1 or up{}'}",
      '- {alert: B, expr: down > 1 or sum(down) > 1}',
      "- {alert: C, expr: 'rate(down[2d])'}",
    ].join('\n'),
  )
  const { lines, asked } = await found([group])
  const day = 86_400_000
  expect(asked).toEqual([
    ['up', day],
    ['down', 2 * day],
  ])
  // But each rule is told of once.
  expect(lines.map(each => each.split(', expr')[0])).toEqual([
    'a.yml:6:9  group g, rule B',
    'a.yml:7:9  group g, rule C',
  ])
})

test('what these files record may not be there yet, and that nothing fires is no fault', async () => {
  const group = groupOf(
    '- {record: a:b, expr: up}\n- alert: A\n  expr: a:b{x="y"} > 1 or ALERTS{alertname="B"}',
  )
  expect(await found([group])).toEqual({ lines: [], asked: [['up', 86_400_000]] })
})

test('a service that fails ends the check', async () => {
  const failing = unmet([groupOf('- {record: r, expr: up}')], async () => {
    throw new Error('away')
  })
  await expect(failing).rejects.toThrow('away')
})
