// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what the configuration expands
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { secret } from '#core/config/values.ts'
import { problemsText, readConfig } from '#core/config.ts'
import { Secret } from '#core/secret.ts'
import { runs } from '../runs.ts'
import { folderWith, good, problemsOf, put, read } from './config/files.ts'

test('without a file everything has its default', () => {
  const cwd = folderWith()
  const result = readConfig({ cwd, env: {} })
  expect(result).toMatchObject({
    ok: true,
    config: {
      listen: { host: '127.0.0.1', port: 1876 },
      data: join(cwd, 'data'),
      auth: { anonymous: [] },
      agent: { enabled: true, intervalMs: 10_000, tags: {} },
      store: { keepMs: 400 * 86_400_000, memoryBytes: 128_000_000 },
      limits: {
        bodyBytes: 33_554_432,
        tags: 64,
        series: 1_000_000,
        seriesPerSource: 200_000,
        query: { samples: 10_000_000, series: 200_000, points: 11_000, timeMs: 60_000, concurrent: 4 },
      },
      log: { level: 'info', format: 'auto' },
    },
  })
  expect(result).not.toHaveProperty('file')
})

test('an empty file, and one of comments only, is as none', () => {
  const t = (text: string) => expect(good(text).listen.port, JSON.stringify(text)).toBe(1876)

  t('')
  t('# listen: :1\n')
  t('---\n')
  t('\ufeffagent:\n')
  // A key whose lines below are commented out.
  t('agent:\n#  enabled: false\nlisten:\n')
  t('auth: {anonymous: }\r\n')
})

test('every key is read', () => {
  const config = good(`
listen: ["[::1]:8080", "127.0.0.1:8081"]
external_url: https://plimsoll.example.org/
route_prefix: /plimsoll/
timezone: Asia/Shanghai
language: zh
data: /var/lib/plimsoll
auth: {anonymous: [read, write]}
agent: {enabled: false, interval: 30s, host: web-1, tags: {rack: r12}}
rules: [/etc/rules/*.yml]
packs: [host]
external_labels: {cluster: north}
forward: ["http://127.0.0.1:9093/am/"]
agents: {silent_after: 1m, forget_after: 2d, expected: [web-1]}
alertmanager: am.yml
channels: {ops: {webhook: {url: "http://127.0.0.1:9"}}}
watchdog:
  {canary: true, within: 2m, tell: [ops], receivers: {dba: {every: 2d, at: "09:00", within: 1m}, web: {}}, ping: "https://hc.example/k"}
heartbeats: {backup: {every: 1h}}
capacity: {pools: {web: {resources: {}}}}
store: {keep: 90d, memory: 1GiB}
keep: {silences: 30d, facts: 60d, audit: 90d}
pictures: false
limits:
  {body: 10MB, line: 64kB, tags: 30, series: 1000, series_per_source: 100, head_window: 2h, head_memory: 1MiB,
   query: {samples: 50000, series: 2000, points: 500, time: 20s, concurrent: 2}}
log: {level: debug, format: json}
`)
  expect(config).toEqual({
    listen: { host: '::1', port: 8080 },
    alsoListen: [{ host: '127.0.0.1', port: 8081 }],
    externalUrl: 'https://plimsoll.example.org',
    routePrefix: '/plimsoll',
    timezone: 'Asia/Shanghai',
    language: 'zh',
    data: '/var/lib/plimsoll',
    auth: { anonymous: ['read', 'write'] },
    agent: { enabled: false, intervalMs: 30_000, host: 'web-1', tags: { rack: 'r12' } },
    inputs: {},
    rules: [{ folder: expect.any(String), pattern: '/etc/rules/*.yml' }],
    packs: ['host'],
    externalLabels: { cluster: 'north' },
    forward: ['http://127.0.0.1:9093/am'],
    agents: { silentMs: 60_000, forgetMs: 2 * 86_400_000, expected: ['web-1'] },
    alertmanager: { tree: expect.objectContaining({ source: 'am.yml' }), folder: expect.any(String) },
    channels: { ops: { webhook: { url: 'http://127.0.0.1:9' } } },
    watchdog: {
      ...{ canary: true, withinMs: 120_000, tell: ['ops'], ping: expect.any(Secret) },
      receivers: new Map([
        ['dba', { everyMs: 2 * 86_400_000, at: '09:00', withinMs: 60_000 }],
        ['web', { everyMs: 86_400_000, at: undefined, withinMs: 120_000 }],
      ]),
    },
    heartbeats: { backup: { every: '1h' } },
    capacity: { pools: { web: { resources: {} } } },
    store: { keepMs: 90 * 86_400_000, memoryBytes: 2 ** 30 },
    keep: { silencesMs: 30 * 86_400_000, factsMs: 60 * 86_400_000, auditMs: 90 * 86_400_000 },
    pictures: false,
    limits: {
      bodyBytes: 10_000_000,
      lineBytes: 64_000,
      tags: 30,
      series: 1_000,
      seriesPerSource: 100,
      headWindowMs: 2 * 3_600_000,
      headBytes: 2 ** 20,
      query: { samples: 50_000, series: 2_000, points: 500, timeMs: 20_000, concurrent: 2 },
    },
    log: { level: 'debug', format: 'json' },
  })
})

test('addresses to listen on', () => {
  const t = (text: string, host: string, port: number) =>
    expect(good(`listen: "${text}"`).listen, text).toEqual({ host, port })
  const bad = (text: string) => expect(problemsOf(`listen: "${text}"`), text).toHaveLength(1)

  t('127.0.0.1:1876', '127.0.0.1', 1876)
  t('localhost:80', 'localhost', 80)
  t('[::1]:1876', '::1', 1876)
  t('[::]:0', '::', 0)
  t(':1876', '0.0.0.0', 1876)

  bad('127.0.0.1')
  bad('::1:1876')
  bad('[localhost]:80')
  bad('a:65536')
  bad('http://a:80')
  bad('')
  expect(problemsOf('listen: 1876')[0]).toContain('wanted host:port')
})

test('memory for rules reaches as far back as any selector looks', () => {
  const t = (text: string) => problemsOf(`limits: {head_window: ${text}}`)[0]
  expect(good('limits: {head_window: 5m}').limits.headWindowMs).toBe(300_000)
  expect(t('4m59s')).toContain('limits.head_window: wanted at least 5m, found "4m59s"')
  expect(t('1m')).toContain('wanted at least 5m')
})

test('addresses may be several, and each is checked', () => {
  const t = (text: string) => problemsOf(`listen: ${text}`)[0]
  expect(good('listen: [":1", "[::1]:2"]')).toMatchObject({ listen: { port: 1 }, alsoListen: [{ port: 2 }] })
  expect(t('[]')).toContain('at least one address')
  expect(t('[":1", "9093"]')).toContain('listen[1]: wanted host:port')
})

test('the prefix of all addresses is a path, and that of external_url where none is stated', () => {
  const t = (text: string, prefix: string) => expect(good(text).routePrefix, text).toBe(prefix)
  t('', '')
  t('external_url: https://x.example/', '')
  t('external_url: https://x.example/a/b/', '/a/b')
  t('{external_url: "https://x.example/a", route_prefix: /}', '')
  t('route_prefix: a/b/', '/a/b')
  t('route_prefix: //a//b', '/a/b')
  const bad = (text: string) =>
    expect(problemsOf(`route_prefix: ${text}`)[0], text).toContain('wanted a path')
  bad('/a b')
  bad('"/a?x"')
  bad('/../x')
  bad('7')
})

test('time zones are those of the IANA list', () => {
  const t = (zone: string, count: number) =>
    expect(problemsOf(`timezone: "${zone}"`), zone).toHaveLength(count)

  t('UTC', 0)
  t('Europe/Berlin', 0)
  t('Asia/Calcutta', 0)
  t('Asia/Shanghi', 1)
  t('+08:00', 1)
  t('Local', 1)
})

test('the machine fills in language and host', () => {
  const t = (env: Record<string, string>, language: string) =>
    expect(good('', { env }).language).toBe(language)

  t({}, 'en')
  t({ LANG: 'zh_CN.UTF-8' }, 'zh')
  t({ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en')
  expect(good('').agent.host).not.toBe('')
  expect(good('').timezone).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone)
})

test('the command line outranks the environment, which outranks the file', () => {
  const files = 'listen: :1\ndata: one'
  const env = { PLIMSOLL_LISTEN: ':2', PLIMSOLL_DATA: '/two' }
  expect(good(files).listen.port).toBe(1)
  expect(good(files, { env })).toMatchObject({ listen: { port: 2 }, data: '/two' })
  expect(good(files, { env, overrides: { listen: ':3' } })).toMatchObject({
    listen: { port: 3 },
    data: '/two',
  })
  expect(problemsOf(files, { env: { PLIMSOLL_LISTEN: 'x' } })[0]).toMatch(
    /^PLIMSOLL_LISTEN {2}listen: wanted host:port/,
  )
  expect(problemsOf(files, { overrides: { listen: 'x' } })[0]).toMatch(
    /^--listen {2}listen: wanted host:port/,
  )
})

test('a file that is named must be there, by whatever name', () => {
  const missing = (source: object) =>
    expect(problemsOf({}, source)).toEqual([`nix.yml  wanted a readable file, found no such file`])

  missing({ path: 'nix.yml' })
  missing({ env: { PLIMSOLL_CONFIG: 'nix.yml' } })
  expect(
    good(
      { 'a.yml': 'listen: :1', 'b.yml': 'listen: :2' },
      { path: 'a.yml', env: { PLIMSOLL_CONFIG: 'b.yml' } },
    ).listen.port,
  ).toBe(1)
  expect(problemsOf({ 'd/x': '' }, { path: 'd' })).toEqual(['d  wanted a readable file, found a folder'])
})

test('data lies beside the file that says so, or where the command stands', () => {
  const cwd = folderWith({
    'etc/plimsoll.yml': '',
    'etc/named.yml': 'include: sub/data.yml',
    'etc/sub/data.yml': 'data: here',
  })
  const dataOf = (source: object) => {
    const result = readConfig({ cwd, env: {}, ...source })
    return result.ok ? result.config.data : result.problems
  }
  expect(dataOf({})).toBe(join(cwd, 'data'))
  expect(dataOf({ path: 'etc/plimsoll.yml' })).toBe(join(cwd, 'etc/data'))
  expect(dataOf({ path: 'etc/named.yml' })).toBe(join(cwd, 'etc/sub/here'))
  expect(dataOf({ path: 'etc/named.yml', env: { PLIMSOLL_DATA: 'mine' } })).toBe(join(cwd, 'mine'))
})

test('every problem is told at once, in the order of the file', () => {
  const text = `lisen: 127.0.0.1:1
listen: 1876
language: fr
agent:
  interval: 10
  tags: {version: 1.10, __x: y}
auth: {anonymous: [raed]}
store: {keep: 1h}
limits:
  series: many
  body:
    - 5
`
  expect(problemsOf(text)).toEqual([
    'plimsoll.yml:1:1  lisen: wanted one of include, listen, external_url, route_prefix, timezone, language, data, auth, agent, inputs, rules, packs, external_labels, forward, agents, alertmanager, channels, watchdog, heartbeats, capacity, pictures, engines, store, keep, limits, log, found the key lisen',
    'plimsoll.yml:2:9  listen: wanted host:port, like 127.0.0.1:1876, [::1]:1876 or :1876 for every address, or a list, found 1876',
    'plimsoll.yml:3:11  language: wanted one of en, zh, found "fr"',
    'plimsoll.yml:5:13  agent.interval: wanted a duration like 10s, 5m or 1h30m, found 10',
    'plimsoll.yml:6:19  agent.tags.version: wanted text, found 1.10',
    'plimsoll.yml:6:25  agent.tags.__x: wanted a label name: letters, digits and _, not beginning with a digit or __, found the key __x',
    'plimsoll.yml:7:20  auth.anonymous[0]: wanted one of read, write, operate, admin, found "raed"',
    'plimsoll.yml:8:15  store.keep: wanted at least 1d, found "1h"',
    'plimsoll.yml:10:11  limits.series: wanted a whole number, found "many"',
    'plimsoll.yml:11:3  limits.body: wanted a size like 512kB, 32MiB or 1GB, found a list',
  ])
})

test('what people write out of habit is answered with how it is written here', () => {
  const t = (text: string, problem: string, hint?: string) => {
    const result = read(text)
    const [found] = result.ok ? [] : result.problems
    expect([found?.path, found?.wanted, found?.hint], text).toEqual([...problem.split(' wants '), hint])
  }
  const truth = 'agent.enabled wants true or false'
  t('agent: {enabled: yes}', truth, 'write it as true, without quotes')
  t('agent: {enabled: "true"}', truth, 'write it as true, without quotes')
  t('agent: {enabled: Off}', truth, 'write it as false, without quotes')
  t('agent: {enabled: perhaps}', truth)
  t('auth: {anonymous: read}', 'auth.anonymous wants a list', 'in brackets it is a list of one: [read]')
  const home = 'data wants a path from / or from the folder of the file; ~ is for shells only'
  t('data: ~/plimsoll', home)
  t('data: "~"', home)
  expect(read('data: ~plimsoll').ok).toBe(true)
})

test('a problem shows its line, a caret and what may help', () => {
  const result = read('agent:\n\n  intervall: 10s # often\n  tags: {version: 1.10}\nlanguage: zn\n')
  expect(result.ok ? '' : problemsText(result.problems)).toBe(
    `plimsoll.yml:3:3  agent.intervall: wanted one of enabled, interval, host, tags, found the key intervall
      intervall: 10s # often
      ^
    did you mean interval?
plimsoll.yml:4:19  agent.tags.version: wanted text, found 1.10
      tags: {version: 1.10}
                      ^
    in quotes it is text: "1.10"
plimsoll.yml:5:11  language: wanted one of en, zh, found "zn"
    language: zn
              ^
    did you mean en?`,
  )
})

test('what sounds secret is not shown', () => {
  const t = (text: string) => {
    const result = read(text)
    expect(result.ok, text).toBe(false)
    expect(JSON.stringify(result) + (result.ok ? '' : problemsText(result.problems)), text).not.toContain(
      'hunter2',
    )
  }

  t('token: hunter2')
  t('auth: {password: "hunter2", anonymous: []}')
  t('api_key: hunter2\napi_key: hunter2')
  t('auth: [\n  client_secret: hunter2')
  t('log: {level: "${LEVEL}"}')
  t('tokens:\n  - hunter2\n  - hunter2')
  t('log:\n  token:\n    hunter2')
  expect(problemsOf('token: ${LEVEL}', { env: { LEVEL: 'x' } })).toHaveLength(1)
})

test('a secret is a type, wherever it comes from', () => {
  const inputs = z.strictObject({ web: z.strictObject({ token: secret }) })
  const t = (written: string, value: string) => {
    const config = good(
      { 'plimsoll.yml': `inputs: {web: {token: ${written}}}`, t: 'from-file\n' },
      { rooms: { inputs }, env: { T: 'from-env' } },
    )
    const { token } = (config.inputs as { web: { token: Secret } }).web
    expect(token.reveal(), written).toBe(value)
    expect(JSON.stringify(config) + String(token), written).not.toContain(value)
  }
  t('inline', 'inline')
  t('"${T}"', 'from-env')
  t('"${file:t}"', 'from-file')
  t('"a-${T}"', 'a-from-env')
  const list = z.strictObject({ tokens: z.array(secret) })
  const listed = read('inputs:\n  tokens:\n    - 12345', { rooms: { inputs: list } })
  expect(listed).toMatchObject({ ok: false, problems: [{ path: 'inputs.tokens[0]', found: '***' }] })
  expect(JSON.stringify(listed)).not.toContain('12345')
  expect(problemsOf('inputs: {web: {token: 12345}}', { rooms: { inputs } })).toEqual([
    'plimsoll.yml:1:23  inputs.web.token: wanted text, found ***',
  ])
})

test('the schema of inputs is handed in; without one, inputs are not looked at', () => {
  const one = z.strictObject({ every: z.boolean().default(true) })
  const inputs = z.strictObject({ cpu: z.union([z.boolean(), one, z.array(one)]).optional() })
  expect(good('inputs: {anything: [1]}').inputs).toEqual({ anything: [1] })
  expect(good('inputs: {cpu: {}}', { rooms: { inputs } }).inputs).toEqual({ cpu: { every: true } })
  expect(good('inputs: {cpu: false}', { rooms: { inputs } }).inputs).toEqual({ cpu: false })
  expect(good('', { rooms: { inputs } }).inputs).toEqual({})
  // Of several forms, the one that was probably meant speaks.
  expect(problemsOf('inputs: {cpu: {evry: 1}}', { rooms: { inputs } })).toEqual([
    'plimsoll.yml:1:16  inputs.cpu.evry: wanted every, found the key evry',
  ])
  expect(problemsOf('inputs: {cpu: [{}, {every: 1}]}', { rooms: { inputs } })).toEqual([
    'plimsoll.yml:1:28  inputs.cpu[1].every: wanted true or false, found 1',
  ])
  expect(problemsOf('inputs: {cpu: maybe}', { rooms: { inputs } })).toEqual([
    'plimsoll.yml:1:15  inputs.cpu: wanted true or false, or a map of keys, or a list, found "maybe"',
  ])
})

test('no text makes reading throw', () => {
  const words = fc.constantFrom(
    ...[
      'listen',
      'agent',
      'tags',
      ': ',
      '\n',
      '\n  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '"',
      "'",
      '${',
      '}',
      '$',
      '\t',
    ],
    ...[
      '|',
      '>',
      '# ',
      '? ',
      '!!x ',
      '%',
      '<<',
      '~',
      '1',
      '0x1',
      'true',
      '__proto__',
      'include',
      '\u0000',
      '---',
      '...',
      '😀',
    ],
  )
  const cwd = folderWith()
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), parts => {
      put(join(cwd, 'plimsoll.yml'), parts.join(''))
      const result = readConfig({ cwd, env: {} })
      if (result.ok) return
      for (const { line, column, wanted, found } of result.problems) {
        expect(wanted && found).not.toBe('')
        expect(Math.min(line, column)).toBeGreaterThanOrEqual(0)
      }
    }),
    { numRuns: runs(60) },
  )
})
