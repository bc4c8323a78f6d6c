// What Alertmanager's flags come to as a configuration of ours.
import { expect, test } from 'vitest'
import { readConfig } from '#core/config.ts'
import { alertmanagerFlags } from '../../bin/alertmanager-flags.ts'
import { readKingpin } from '../../bin/kingpin.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { standInOf } from '../../bin/stand-in.ts'
import { folderWith } from '../core/config/files.ts'

function standIn(words: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const cwd = folderWith(files)
  return { cwd, ...standInOf(readKingpin(words, alertmanagerFlags), { hostname: 'box', cwd }) }
}

function configOf(...words: string[]) {
  const { tree, cwd } = standIn(words)
  // Neither a file that lies there nor the environment has a say.
  const env = { PLIMSOLL_LISTEN: ':9', PLIMSOLL_DATA: '/nowhere', PLIMSOLL_CONFIG: '/missing.yml' }
  const read = readConfig({ env, cwd, tree, rooms: roomSchemas })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const { data, alertmanager, ...rest } = read.config
  const file = alertmanager?.tree.kind === 'scalar' ? alertmanager.tree.value : undefined
  return { ...rest, data: data.replace(cwd, '.'), file, isBeside: alertmanager?.folder === cwd }
}

test("the defaults are Alertmanager's", () => {
  expect(configOf()).toMatchObject({
    listen: { host: '::', port: 9093 },
    alsoListen: [],
    externalUrl: 'http://box:9093',
    routePrefix: '',
    data: './data/plimsoll',
    file: 'alertmanager.yml',
    isBeside: true,
    keep: { silencesMs: 432_000_000, factsMs: 432_000_000 },
    auth: { anonymous: ['read', 'write', 'operate'] },
    log: { level: 'info', format: 'text' },
  })
})

test('each flag has its place', () => {
  const config = configOf(
    '--config.file=/etc/am.yml',
    '--storage.path=/var/lib/am/',
    '--data.retention=30m',
    '--log.level=warn',
    '--log.format=json',
    '--web.listen-address=127.0.0.1:9094',
    '--web.listen-address=[::]:9095',
    '--web.listen-address=:9096',
  )
  expect(config).toMatchObject({
    listen: { host: '127.0.0.1', port: 9094 },
    alsoListen: [
      { host: '::', port: 9095 },
      { host: '::', port: 9096 },
    ],
    externalUrl: 'http://box:9094',
    data: '/var/lib/am/plimsoll',
    file: '/etc/am.yml',
    // Nobody could look up what has just ended.
    keep: { silencesMs: 3_600_000, factsMs: 3_600_000 },
    log: { level: 'warn', format: 'json' },
  })
})

test('the prefix is the path of the external URL, unless it is stated', () => {
  const t = (words: string[], url: string, prefix: string) => {
    const { externalUrl, routePrefix } = configOf(...words)
    expect([externalUrl, routePrefix], words.join(' ')).toEqual([url, prefix])
  }
  t(['--web.external-url=https://x.example/am/'], 'https://x.example/am', '/am')
  t(['--web.external-url=https://x.example/'], 'https://x.example', '')
  t(['--web.external-url=https://x.example/am', '--web.route-prefix=/'], 'https://x.example/am', '')
  t(['--web.route-prefix=a/b/'], 'http://box:9093', '/a/b')
  t(['--web.route-prefix='], 'http://box:9093', '')
})

test('what cannot be had is refused, and never left out in silence', () => {
  const t = (words: string[], wanted: string, files = {}) =>
    expect(() => standIn(words, files), words.join(' ')).toThrow(wanted)
  t(['--web.systemd-socket'], 'name the address by --web.listen-address')
  t(['--web.listen-address=vsock://:9093'], 'wants HOST:PORT, found vsock://:9093')
  t(['--enable-feature=auto-gomaxprocs,magic'], 'there is no feature magic')
  t(['--enable-feature=constructor'], 'there is no feature constructor')
  t(['--web.config.file=web.yml'], 'web.yml: ')
  const users = { 'web.yml': '# who\nbasic_auth_users:\n  ann: $2y$10$x\n' }
  t(['--web.config.file=web.yml'], 'asks for TLS, logins or headers, which are not there', users)
  t(['--web.config.file=web.yml'], 'does not start', { 'web.yml': 'tls_server_config: {cert_file: a}' })
  expect(() => standIn(['--web.config.file=web.yml'], { 'web.yml': '---\n# nothing\n{}\n' })).not.toThrow()
  expect(() => standIn(['--web.config.file=', '--no-web.systemd-socket'])).not.toThrow()
})

test('a bad address names its flag', () => {
  const { tree, cwd } = standIn(['--web.listen-address=9093'])
  const read = readConfig({ env: {}, cwd, tree, rooms: roomSchemas })
  expect(read).toMatchObject({
    ok: false,
    problems: [
      { file: '--web.listen-address', found: '"9093"', hint: expect.stringContaining('127.0.0.1:9093') },
    ],
  })
})

test('what has no effect is known, where somebody may count on it', () => {
  const t = (words: string[], missed: string[]) =>
    expect(standIn(words).missed, words.join(' ')).toEqual(missed)
  t(['--data.maintenance-interval=1m', '--alerts.gc-interval=1m', '--auto-gomemlimit.ratio=0.5'], [])
  t(['--silences.max-silences=0', '--web.timeout=0s', '--web.get-concurrency=-1'], [])
  t(['--web.timeout=5s', '--silences.max-silences=9'], ['--silences.max-silences', '--web.timeout'])
  t(['--enable-feature=classic-mode,auto-gomaxprocs'], ['--enable-feature=classic-mode'])
  expect(standIn(['--cluster.peer=a:9094', '--cluster.peer=']).peers).toEqual(['a:9094'])
  expect(standIn(['--cluster.listen-address=', '--cluster.settle-timeout=1s']).peers).toEqual([])
})
