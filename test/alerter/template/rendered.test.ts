// Against what Alertmanager 0.31.1 made of the same templates and the same alerts: rendered.json holds its answers.
import { expect, test } from 'vitest'
import type { Failure } from '#core/errors.ts'
import { openTemplates, type Templates } from '../../../alerter/template.ts'
import rendered from './rendered.json' with { type: 'json' }
import { type AlertmanagerData, toldMessage } from './told-message.ts'

type Case = Readonly<{ text: string; kind: string; message: number; made?: string; refused?: string }>

const messages = (rendered.messages as unknown as AlertmanagerData[]).map(toldMessage)

function answerOf(templates: Templates, { text, kind, message }: Case): Pick<Case, 'made' | 'refused'> {
  try {
    return { made: templates.render(text, messages[message]!, kind === 'html' ? 'html' : 'text') }
  } catch (error) {
    return { refused: (error as Failure).detail }
  }
}

const differ = (templates: Templates, cases: readonly Case[]) =>
  cases.flatMap(each => {
    const { made, refused } = answerOf(templates, each)
    return made === each.made && refused === each.refused ? [] : [{ ...each, ours: made ?? refused }]
  })

test('what is ready says what it says there', () => {
  expect(rendered.ready.length).toBeGreaterThan(200)
  expect(differ(openTemplates([]), rendered.ready)).toEqual([])
})

test('templates of all kinds become what they become there, and are refused in the same words', () => {
  const templates = openTemplates([{ name: 'own.tmpl', text: rendered.definitions }])
  expect(rendered.generated.length).toBeGreaterThan(250)
  expect(rendered.generated.filter(each => 'refused' in each).length).toBeGreaterThan(5)
  expect(differ(templates, rendered.generated)).toEqual([])
})

test('templates as people write them become what they become there', () => {
  expect(rendered.written.length).toBeGreaterThan(40)
  expect(differ(openTemplates([]), rendered.written)).toEqual([])
})

test('a wrong answer would be seen', () => {
  const [first] = rendered.ready
  expect(differ(openTemplates([]), [{ ...first!, made: 'other' }])).toHaveLength(1)
})
