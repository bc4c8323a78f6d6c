import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readRuleFile } from '../../../rules/rule-file.ts'
import { openRuleIds } from '../../../rules/rule-ids.ts'
import { definitionOf, readDefinition } from '../../../rules/standing/definition.ts'
import { groupOf } from '../rules-of.ts'

test('every shipped group is the same at the other end', async () => {
  const ids = openRuleIds()
  const files = globSync('rules/packs/*.yml').map(file => readRuleFile(file, readFileSync(file, 'utf8'), ids))
  const groups = files.flatMap(each => each.groups)
  expect(groups.length).toBeGreaterThan(5)
  for (const group of groups) {
    const found = await readDefinition(definitionOf(group).text, 'here')
    expect(found).toEqual(group)
    expect(definitionOf(found)).toEqual(definitionOf(group))
  }
})

test('whatever changes in a group changes its digest', () => {
  const [rule, record] = ['{alert: A, expr: up == 0}', '{record: r, expr: up}']
  const both = `- ${rule}\n- ${record}`
  const digest = (rules: string, head = 'limit: 0'): string =>
    definitionOf(groupOf(rules, `    ${head}\n`)).digest
  const t = (changed: string, rules: string, head?: string) =>
    expect(digest(rules, head), changed).not.toBe(digest(both))

  expect(digest(both)).toMatch(/^[0-9a-f]{32}$/)
  expect(digest(both, 'interval: 0s')).toBe(digest(both))
  t('interval', both, 'interval: 1s')
  t('limit', both, 'limit: 1')
  t('query_offset', both, 'query_offset: 1s')
  t('order', `- ${record}\n- ${rule}`)
  t('fewer', `- ${rule}`)
  t('spaces', `- {alert: A, expr: up==0}\n- ${record}`)
  t('for', `- {alert: A, expr: up == 0, for: 1s}\n- ${record}`)
  t('labels', `- {alert: A, expr: up == 0, labels: {a: b}}\n- ${record}`)
  t('annotations', `- {alert: A, expr: up == 0, annotations: {a: b}}\n- ${record}`)
  t('labels of a record', `- ${rule}\n- {record: r, expr: up, labels: {a: b}}`)
})

test('what is no group is told by whose it is', async () => {
  const t = (text: string, code: string, said: string) =>
    expect(readDefinition(text, 'row 7'), text).rejects.toMatchObject({
      code,
      detail: expect.stringContaining(said),
    })
  const { text } = definitionOf(groupOf("- {alert: A, expr: up == 0, annotations: {a: '{{ $value }}'}}"))

  await t('', 'state_corrupt', 'row 7: wanted a group of rules as JSON, found ""')
  await t('null', 'state_corrupt', 'row 7: ')
  await t('{"rules":{}}', 'state_corrupt', 'row 7: ')
  // What a newer version may have written.
  await t(text.replace('up == 0', 'newest(up)'), 'state_newer', 'row 7: ')
  await t(text.replace('$value', 'newest'), 'state_newer', 'row 7: ')
})
