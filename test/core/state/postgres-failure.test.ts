// What PostgreSQL answers, and what a person is told; the live tests see some of these for real.
import { DatabaseError } from 'pg'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { failureOf, isFailureOfServer, isLost } from '#core/state/postgres-failure.ts'

const place = 'postgres://db:5432/p'
const answered = (code: string, message = 'told'): DatabaseError =>
  Object.assign(new DatabaseError(message, 0, 'error'), {
    code,
    detail: 'Key (name)=(s3cret) already exists.',
  })

test('each answer has its meaning', () => {
  const t = (code: string, meaning: string) =>
    expect(failureOf(answered(code), place), code).toMatchObject({ code: meaning })

  t('23505', 'conflict')
  t('28P01', 'state_refused')
  t('28000', 'state_refused')
  t('3D000', 'state_refused')
  t('42501', 'state_refused')
  t('53100', 'state_full')
  t('53300', 'state_unavailable')
  t('57014', 'state_unavailable')
  t('57P01', 'state_unavailable')
  t('57P03', 'state_unavailable')
  t('08006', 'state_unavailable')
  t('55P03', 'state_unavailable')
  t('25P03', 'state_unavailable')
  t('25006', 'state_unavailable')
  t('40P01', 'state_unavailable')
  t('54000', 'state_unavailable')
  t('55000', 'state_unavailable')
  t('F0000', 'state_unavailable')
  t('0A000', 'state_unavailable')
  t('XX000', 'state_unavailable')
  t('XX001', 'state_corrupt')
})

test('a statement that does not fit is our mistake, not one of the world', () => {
  const t = (code: string) => expect(failureOf(answered(code), place), code).not.toBeInstanceOf(Failure)

  t('42P01')
  t('42601')
  t('22P02')
  t('23503')
  t('25P02')
})

test('names the place, and no values', () => {
  expect(String(failureOf(answered('57014'), place))).toContain(place)
  for (const code of ['23505', '57014', '42P01']) {
    expect(String(failureOf(answered(code), place)), code).not.toContain('s3cret')
  }
})

test('what is no answer is of the road', () => {
  const t = (error: Error, code: string, said: string) => {
    const failure = failureOf(error, place)
    expect(failure, said).toMatchObject({ code })
    expect(failure.message, said).toContain(said)
  }
  t(new Error('connect ECONNREFUSED 127.0.0.1:1'), 'state_unavailable', 'ECONNREFUSED')
  t(new Error('Query read timeout'), 'state_unavailable', 'timeout')
  t(
    new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]),
    'state_unavailable',
    '::1 refused, 127',
  )
  t(new Error('The server does not support SSL connections'), 'state_refused', 'SSL')
  t(
    Object.assign(new Error('Hostname does not match'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
    'state_refused',
    'Host',
  )
  t(new Error('self-signed certificate'), 'state_refused', 'self-signed')
  t(new Failure('stopping', 'x'), 'stopping', 'x')
})

test('after an error of a statement the connection goes on, after others not', () => {
  const t = (error: unknown, expected: boolean) => expect(isLost(error), String(error)).toBe(expected)

  t(answered('23505'), false)
  t(answered('57014'), false)
  t(answered('42P01'), false)
  t(answered('57P01'), true)
  t(answered('25P03'), true)
  // A standby takes no writes for a long time: perhaps the next connection leads to its successor.
  t(answered('25006'), true)
  t(new Error('Connection terminated unexpectedly'), true)
})

test('one unit of many may be at fault, or the server is', () => {
  const t = (error: Error, expected: boolean) =>
    expect(isFailureOfServer(error), String(error)).toBe(expected)

  t(new Failure('conflict', ''), false)
  t(new Failure('state_full', ''), false)
  t(new Error('column "x" does not exist'), false)
  t(new Failure('state_unavailable', ''), true)
})
