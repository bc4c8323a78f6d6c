import { expect, test } from 'vitest'
import { nearest } from '#core/nearest.ts'

const known = ['listen', 'data', 'auth', 'agent', 'inputs', 'external_url', 'cpu', 'cpu-total']

test('finds the word that was probably meant', () => {
  const t = (word: string, found: string | undefined) => expect(nearest(word, known), word).toBe(found)

  t('lisen', 'listen')
  t('lisetn', 'listen')
  t('Listen', 'listen')
  t('dta', 'data')
  t('date', 'data')
  t('externalUrl', 'external_url')
  t('external-url', 'external_url')
  t('input', 'inputs')
  t('cpu_total', 'cpu-total')
  t('cup', 'cpu')
  t('agents', 'agent')

  t('', undefined)
  t('x', undefined)
  t('rules', undefined)
  t('telegraf', undefined)
  t('a'.repeat(5_000), undefined)
})

test('of two, the nearer one is meant', () => {
  expect(nearest('reat', ['write', 'read', 'great'])).toBe('read')
  expect(nearest('x', [])).toBeUndefined()
})
