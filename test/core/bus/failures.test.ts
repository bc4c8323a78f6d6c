// Which errors of kafkajs mean that we are refused, and which that the brokers are away.
import { KafkaJSError, KafkaJSNumberOfRetriesExceeded } from 'kafkajs'
import { expect, test } from 'vitest'
import { failureOf, hasType, isRefused } from '#core/bus/kafka/failures.ts'
import { errorOf } from '#core/bus/kafka/mended.ts'
import { Failure } from '#core/errors.ts'

const coded = (code: string): Error => Object.assign(new KafkaJSError(`connection error ${code}`), { code })

test('an error is told as what people can do about it', () => {
  const t = (error: unknown, told: string, refused: boolean) => {
    expect(failureOf(error, 'reading').message).toBe(told)
    expect(isRefused(error), told).toBe(refused)
  }
  t(coded('ECONNREFUSED'), 'bus_unavailable: reading: connection error ECONNREFUSED', false)
  t(errorOf(29), 'bus_refused: reading: Not authorized to access topics: [Topic authorization failed]', true)
  t(
    coded('DEPTH_ZERO_SELF_SIGNED_CERT'),
    'bus_refused: reading: connection error DEPTH_ZERO_SELF_SIGNED_CERT',
    true,
  )
  t(
    coded('ERR_TLS_CERT_ALTNAME_INVALID'),
    'bus_refused: reading: connection error ERR_TLS_CERT_ALTNAME_INVALID',
    true,
  )
  // Our clock is hours ahead: no other attempt will do, and whoever asks whether we are ready should hear it.
  t(errorOf(32), 'bus_refused: reading: The timestamp of the message is out of acceptable range', true)
  // A topic may be missing for a moment: it is waited for, and then it is somebody's turn.
  t(errorOf(3), 'bus_refused: reading: This server does not host this topic-partition', false)
  t('odd', 'bus_unavailable: reading: odd', false)
  t(undefined, 'bus_unavailable: reading: undefined', false)
})

test('the reason is found below what kafkajs wraps around it', () => {
  const retries = { retryCount: 1, retryTime: 1 }
  const wrapped = Object.assign(new KafkaJSNumberOfRetriesExceeded('too often', retries), {
    cause: errorOf(58),
  })
  expect(isRefused(wrapped)).toBe(true)
  expect(hasType(wrapped, 'SASL_AUTHENTICATION_FAILED')).toBe(true)
  const several = Object.assign(new Error('several'), { errors: [errorOf(36), errorOf(44)] })
  expect(hasType(several, 'POLICY_VIOLATION')).toBe(true)
  const circular: { cause?: unknown } = {}
  circular.cause = circular
  expect(isRefused(circular)).toBe(false)
})

test('what is a failure already stays what it is', () => {
  const failure = new Failure('bus_refused', 'no')
  expect(failureOf(failure, 'reading')).toBe(failure)
  expect(isRefused(failure)).toBe(true)
  expect(isRefused(new Failure('overloaded', 'no'))).toBe(false)
})
