import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { alertText, readAlert, readTransition } from '../../../rules/book/alert-text.ts'
import { trackedOf, transitionOf } from './pages.ts'

const texts = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), {
  maxLength: 5,
})

test('any alert and any transition come back as they were', () => {
  fc.assert(
    fc.property(texts, texts, fc.double(), (labels, annotations, value) => {
      const more = { labels: labelsOf(labels), annotations: Object.fromEntries(annotations), value }
      const alert = trackedOf('a', more)
      expect(readAlert(alertText(alert), 'here')).toEqual(alert)
      const transition = transitionOf(alert)
      expect(readTransition(JSON.stringify(transition), 'here')).toEqual(transition)
    }),
  )
})

test('the numbers that JSON lacks are texts, as in the API', () => {
  const t = (value: number, text: string) => {
    expect(alertText(trackedOf('a', { value })), text).toContain(`"value":${text}`)
    expect(readAlert(alertText(trackedOf('a', { value })), 'here').value).toBe(value)
  }
  t(1e21, '1e+21')
  t(0, '0')
  t(-0, '"-0"')
  t(Number.NaN, '"NaN"')
  t(Number.POSITIVE_INFINITY, '"+Inf"')
  t(Number.NEGATIVE_INFINITY, '"-Inf"')
})

test('labels that are read inherit nothing', () => {
  const { labels } = readAlert(alertText(trackedOf('a')), 'here')
  expect(labels['constructor']).toBeUndefined()
})

test('what cannot be read is told with its place', () => {
  const t = (text: string) => expect(() => readAlert(text, 'the row'), text).toThrow('the row')

  t('')
  t('{"phase":')
  t('null')
  t('[]')
  t('{"labels":{},"annotations":{},"phase":"firing","activeAtMs":1,"value":"much"}')
  t('{"annotations":{},"phase":"firing","activeAtMs":1,"value":1}')
})
