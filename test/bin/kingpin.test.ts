// Flags as Alertmanager's own parser reads them, held against alertmanager 0.31.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alertmanagerFlags } from '../../bin/alertmanager-flags.ts'
import { goDurationMs, readKingpin } from '../../bin/kingpin.ts'

const read = (...words: string[]) => Object.fromEntries(readKingpin(words, alertmanagerFlags))

test('a value follows the name or an equals sign, and may be empty behind that', () => {
  expect(read('--config.file', 'a.yml', '--storage.path=/var/lib/am')).toEqual({
    'config.file': ['a.yml'],
    'storage.path': ['/var/lib/am'],
  })
  expect(read('--cluster.listen-address=', '--web.external-url=http://x/?a=b')).toEqual({
    'cluster.listen-address': [''],
    'web.external-url': ['http://x/?a=b'],
  })
  expect(read()).toEqual({})
})

test('some may be said again, the others not', () => {
  expect(read('--web.listen-address=:1', '--web.listen-address', ':2')['web.listen-address']).toEqual([
    ':1',
    ':2',
  ])
  expect(read('--cluster.peer=a:1', '--cluster.peer=b:1')['cluster.peer']).toHaveLength(2)
  expect(() => read('--config.file=a', '--config.file=b')).toThrow('--config.file cannot be repeated')
})

test('switches take no value, and `no-` turns them off', () => {
  expect(read('--version', '--no-web.systemd-socket')).toEqual({
    version: ['true'],
    'web.systemd-socket': ['false'],
  })
  expect(read('-h')).toEqual({ help: ['true'] })
  expect(read('--help-long')).toEqual({ help: ['true'] })
  expect(() => read('--version=true')).toThrow('takes no value')
})

test('everything else is refused with what was wanted', () => {
  const t = (words: string[], wanted: string) =>
    expect(() => readKingpin(words, alertmanagerFlags), words.join(' ')).toThrow(wanted)
  t(['-config.file=x'], 'found -config.file=x: a flag has two dashes')
  t(['--config.fil=x'], 'did you mean --config.file?')
  t(['--constructor'], 'there is no flag --constructor')
  t(['--no-toString'], 'there is no flag')
  t(['--__proto__=x'], 'there is no flag --__proto__')
  t(['--no-config.file'], 'there is no flag --no-config.file')
  t(['extra'], 'wanted flags alone, found extra')
  t(['--', 'extra'], 'found --')
  t(['--config.file'], '--config.file wants FILE')
  t(['--cluster.listen-address', '--version'], '--cluster.listen-address wants HOST:PORT')
  t(['--data.retention='], 'wants a duration like 120h or 1h30m, found nothing')
  t(['--data.retention=5d'], 'found 5d')
  t(['--web.timeout=5'], 'found 5')
  t(['--web.get-concurrency=many'], 'a whole number')
  t(['--auto-gomemlimit.ratio=half'], 'a number')
  t(['--log.level=trace'], 'one of debug, info, warn, error')
  t(['--log.format=text'], 'one of logfmt, json')
})

test('durations are those of Go', () => {
  const t = (text: string, ms: number | undefined) => expect(goDurationMs(text), text).toBe(ms)
  t('120h', 432_000_000)
  t('1h30m', 5_400_000)
  t('1.5h', 5_400_000)
  t('.5s', 500)
  t('30m1h', 5_400_000)
  t('200ms', 200)
  t('1500us', 2)
  t('0', 0)
  t('-5m', -300_000)
  t('5', undefined)
  t('', undefined)
  t('5d', undefined)
  t('h', undefined)
  t('.h', undefined)
  t('1h ', undefined)
})

test('whatever is said comes back as it was said, however it was written', () => {
  const names = ['config.file', 'storage.path', 'cluster.label', 'web.external-url']
  const value = fc.string().filter(text => !text.startsWith('-'))
  const said = fc.uniqueArray(fc.record({ name: fc.constantFrom(...names), value, isApart: fc.boolean() }), {
    selector: each => each.name,
  })
  fc.assert(
    fc.property(said, all => {
      const words = all.flatMap(({ name, value, isApart }) =>
        isApart ? [`--${name}`, value] : [`--${name}=${value}`],
      )
      expect(read(...words)).toEqual(Object.fromEntries(all.map(({ name, value }) => [name, [value]])))
    }),
    { numRuns: 50 },
  )
})
