// Which servers a fleet names, and that there are two sizes and nothing between.
import { expect, test } from 'vitest'
import { problemsText } from '#core/config.ts'
import { good, problemsOf, read } from './files.ts'

const bus = 'bus: {kafka: {brokers: ["a:9092"]}}'
const influxdb = 'store: {influxdb: {url: "http://i:8086", token: t}}'
const prometheus = 'store: {prometheus: {url: "http://v:8428/"}}'
const state = 'state: {postgres: "postgres://u:p@d/plimsoll"}'
const engines = (...parts: readonly string[]): string => `engines: {${parts.join(', ')}}`

test('left out, everything is embedded', () => {
  expect(good('').engines).toBeUndefined()
  expect(good('engines: {}').engines).toBeUndefined()
})

test('a fleet has all three, and defaults for the rest', () => {
  const { engines: found } = good(engines(bus, influxdb, state))
  expect(found?.bus.kafka).toEqual({ brokers: ['a:9092'], clientId: 'plimsoll', prefix: 'plimsoll' })
  expect(found?.store.influxdb).toMatchObject({ org: 'plimsoll', bucket: 'plimsoll' })
  expect(JSON.stringify(found)).not.toContain('u:p@')
  expect(found?.state.postgres.reveal()).toBe('postgres://u:p@d/plimsoll')
  expect(good(engines(bus, prometheus, state)).engines?.store.prometheus).toEqual({
    url: 'http://v:8428',
    write: 'http://v:8428/api/v1/write',
    headers: {},
    limits: { labels: 30, valueBytes: 1_024 },
  })
})

test('refuses other mixes, and names what is missing', () => {
  const t = (text: string, ...said: string[]) => {
    const [problem = ''] = problemsOf(text)
    for (const each of said) expect(problem, text).toContain(each)
  }
  const all = 'wanted all of bus, store and state'

  t(engines(bus), all)
  t(engines(bus, influxdb), all)
  t(engines(state), all)
  t(engines(bus, 'store: {}', state), 'engines.store: wanted one of influxdb, prometheus')
  t(
    engines(bus, `${influxdb.slice(0, -1)}, ${prometheus.slice(8)}`, state),
    'wanted one of influxdb, prometheus',
  )
  t(engines('bus: {kafka: {brokers: []}}', influxdb, state), 'at least one broker')
  t(engines('bus: {kafka: {brokers: [a]}}', influxdb, state), 'host:port of a broker')
  t(engines('bus: {kafka: {brokers: ["a:9092"], prefix: "a/b"}}', influxdb, state), 'letters, digits')
})

test('the password of a URL is not shown', () => {
  const text = `engines:\n  state: {postgres: "postgres://u:s3cret@d/plimsoll", x: 1}\n`
  const result = read(text)
  const told = result.ok ? '' : problemsText(result.problems)
  expect(told).toContain('postgres://u:***@d/plimsoll')
  expect(told).not.toContain('s3cret')
  const wrong = problemsOf('engines:\n  store: {influxdb: {url: "http://u:s3cret@:99999/", token: t}}\n')
  expect(wrong.join('\n')).toContain('http://u:***@')
  expect(wrong.join('\n')).not.toContain('s3cret')
  // Nor the rest of one that has an @ itself, which is what makes the URL wrong.
  const twice = problemsOf('forward: ["htp://u:s3@cret@h:9093"]\n')
  expect(twice.join('\n')).toContain('htp://u:***@h:9093')
  expect(twice.join('\n')).not.toContain('cret')
})

test('nor is the path of one, nor what stands behind a secret key that was mistyped', () => {
  const t = (text: string, ...said: readonly string[]) => {
    const result = read(text)
    const told = result.ok ? '' : problemsText(result.problems)
    for (const each of said) expect(told).toContain(each)
    expect(told).not.toContain('s3cret')
  }
  t('engines:\n  store:\n    influxdb:\n      url: http://i\n      tocken: s3cret\n', 'did you mean token?')
  t('engines:\n  store: {influxdb: {url: "https://i:8086/s3cret", token: t, x: 1}}\n', 'https://i:8086/***')
  t('engines:\n  store: {influxdb: {url: http://i, token: t, pwd: s3cret}}\n', 'found the key pwd')
})

test('a password goes to brokers only where nobody can read it on the way', () => {
  const kafka = (more: string): string =>
    engines(`bus: {kafka: {brokers: ["a:9092"], ${more}}}`, influxdb, state)
  const sasl = (mechanism: string): string => `sasl: {mechanism: ${mechanism}, username: u, password: p}`

  expect(problemsOf(kafka(sasl('plain')))[0]).toContain('wanted tls beside sasl with plain')
  expect(problemsOf(kafka(`${sasl('plain')}, tls: {}`))).toEqual([])
  expect(problemsOf(kafka(sasl('scram-sha-512')))).toEqual([])
})

test('nothing of the operator leads to the metadata service of a cloud', () => {
  const t = (text: string) => expect(problemsOf(text)[0], text).toContain('is a metadata service')

  t(engines(bus, state, 'store: {influxdb: {url: "http://169.254.169.254", token: t}}'))
  t(engines(bus, state, 'store: {prometheus: {url: "http://metadata.google.internal/"}}'))
  t('forward: ["http://[::ffff:169.254.169.254]:9093"]')
})
