// What writers of line protocol meet: answers that keep Telegraf from throwing good data away.
import { randomBytes } from 'node:crypto'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { gatewayLimits } from '../../../collector/gateway/gateway-routes.ts'
import { byName, nowMs, openGateway } from './gateway.ts'

const ns = (tMs: number): string => `${tMs}000000`

test('stores lines and answers 204, for both versions', async () => {
  for (const path of ['/api/v2/write', '/write']) {
    const g = openGateway()
    const answer = await g.post(path, `cpu,host=a usage_idle=97.5,busy=t ${ns(nowMs)}\nmem value=3i\n`)
    expect(answer).toEqual({ status: 204 })
    expect(byName(g.told)).toEqual([
      { series: 'cpu_busy{host="a"}', tMs: nowMs, value: 1 },
      { series: 'cpu_usage_idle{host="a"}', tMs: nowMs, value: 97.5 },
      { series: 'mem', tMs: nowMs, value: 3 },
    ])
    expect(new Set(g.batches.map(each => each.receivedAtMs))).toEqual(new Set([nowMs]))
    expect(g.count('plimsoll_gateway_lines_total')).toBe(2)
    expect(g.count('plimsoll_gateway_values_total', { format: 'line' })).toBe(3)
    expect(g.count('plimsoll_gateway_requests_total', { outcome: 'stored' })).toBe(1)
  }
})

test('reads times in every precision that writers use', async () => {
  const t = async (path: string, precision: string | undefined, time: string, tMs = nowMs) => {
    const g = openGateway()
    const query = precision === undefined ? {} : { precision }
    expect(await g.post(path, `m value=1 ${time}`, { query }), `${path} ${precision}`).toEqual({
      status: 204,
    })
    expect(g.told[0]?.tMs, `${path} ${precision}`).toBe(tMs)
  }
  await t('/api/v2/write', undefined, ns(nowMs))
  await t('/api/v2/write', 'ns', ns(nowMs))
  await t('/api/v2/write', 'us', `${nowMs}000`)
  await t('/api/v2/write', 'ms', `${nowMs}`)
  await t('/api/v2/write', 's', `${nowMs / 1_000}`)
  await t('/write', 'n', ns(nowMs))
  await t('/write', 'u', `${nowMs}000`)
  await t('/write', 'm', `${nowMs / 60_000}`)
  await t('/write', 'h', `${nowMs / 3_600_000}`)
  // Rounded down.
  await t('/write', 'ns', `${nowMs}999999`)
})

test('passes over a byte order mark, and nothing else that looks like one', async () => {
  for (const carries of ['rows', 'text'] as const) {
    const g = openGateway({}, carries)
    const bom = Buffer.from(`\ufeffm,host=a value=1 ${ns(nowMs)}\nm,host=a v=2 ${ns(nowMs)}\n\ufeffm value=3`)
    expect(await g.post('/write', bom)).toEqual({ status: 204 })
    expect(byName(g.told).map(each => each.series)).toEqual(['m_v{host="a"}', 'm{host="a"}', '\ufeffm'])
    expect(await g.post('/write', '\ufeff')).toEqual({ status: 204 })
  }
})

test('refuses what is older than the store keeps, by name and in the numbers', async () => {
  const dayMs = 86_400_000
  const g = openGateway({ keepMs: 400 * dayMs })
  const old = `ret v=1 ${ns(nowMs - 800 * dayMs)}`
  expect(await g.post('/write', old)).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('(store.keep reaches no further)') },
  })
  const both = `${old}\nret v=2 ${ns(nowMs - 399 * dayMs)}\n`
  expect(await g.post('/write', both)).toEqual({ status: 204, headers: { 'x-plimsoll-rejected': '1' } })
  expect(g.told.map(each => each.value)).toEqual([2])
  expect(g.count('plimsoll_gateway_rejected_total', { format: 'line', reason: 'bad_time' })).toBe(2)
})

test('refuses a precision that it does not know, in the words of each version', async () => {
  const g = openGateway()
  const query = { precision: 'weeks' }
  expect(await g.post('/api/v2/write', 'm value=1', { query })).toMatchObject({
    status: 400,
    body: { code: 'invalid', message: expect.stringContaining('found weeks, wanted one of ns') },
  })
  expect(await g.post('/write', 'm value=1', { query })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('found weeks') },
  })
  expect(g.batches).toEqual([])
})

test('unpacks what writers pack', async () => {
  const t = async (encoding: string, body: Uint8Array) => {
    const g = openGateway()
    const headers = { 'content-encoding': encoding }
    expect(await g.post('/api/v2/write', body, { headers }), encoding).toEqual({ status: 204 })
    expect(g.told.length, encoding).toBe(1)
  }
  await t('gzip', gzipSync('m value=1'))
  await t('GZIP', gzipSync('m value=1'))
  await t('x-gzip', gzipSync('m value=1'))
  await t('gzip', Buffer.concat([gzipSync('m val'), gzipSync('ue=1')]))
  await t('gzip, identity', gzipSync('m value=1'))
  await t('identity,Gzip', gzipSync('m value=1'))
  await t('identity, identity', Buffer.from('m value=1'))
  await t('identity', Buffer.from('m value=1'))
  await t('deflate', deflateSync('m value=1'))
  await t('zstd', zstdCompressSync('m value=1'))
})

test('unpacks large bodies on another thread, with the same outcome', async () => {
  const g = openGateway({ limits: { ...gatewayLimits, bodyBytes: 2 ** 20 } })
  // Digits that do not repeat, so that the packed body is large too.
  const lines = Array.from({ length: 20_000 }, (_, at) => `m,host=h${at % 7} value=${Math.sin(at)}`)
  const body = gzipSync(lines.join('\n'))
  expect(body.length).toBeGreaterThan(100_000)
  expect(await g.post('/write', body, { headers: { 'content-encoding': 'gzip' } })).toEqual({ status: 204 })
  expect(g.told.length).toBe(20_000)
  // A bomb among the large ones.
  const bomb = gzipSync(Buffer.concat([randomBytes(50_000), Buffer.alloc(2 ** 20)]))
  const answer = await g.post('/write', bomb, { headers: { 'content-encoding': 'gzip' } })
  expect(answer).toMatchObject({ status: 413, body: { error: expect.stringContaining('1048576 bytes') } })
})

test('answers bad bodies with what is wrong, and stores nothing of them', async () => {
  const t = async (encoding: string, body: Uint8Array, status: number, message: string) => {
    const g = openGateway({ limits: { ...gatewayLimits, bodyBytes: 10_000 } })
    const answer = await g.post('/api/v2/write', body, { headers: { 'content-encoding': encoding } })
    expect(answer, message).toMatchObject({ status, body: { message: expect.stringContaining(message) } })
    expect(g.batches).toEqual([])
    expect(g.count('plimsoll_gateway_in_flight_bytes')).toBe(0)
  }
  const packed = gzipSync('m value=1\n'.repeat(50))
  await t('gzip', packed.subarray(0, packed.length - 12), 400, 'not gzip: unexpected end of file')
  await t('gzip', Buffer.from('m value=1'), 400, 'not gzip: incorrect header check')
  // Of several frames all are taken or none: an answer of 204 for the first alone would lose the others.
  const [frame, stream] = [zstdCompressSync('m value=1\n'), deflateSync('m value=1\n')]
  await t(
    'zstd',
    Buffer.concat([frame, frame]),
    400,
    `not zstd: wanted one frame, found ${frame.length} bytes`,
  )
  await t('deflate', Buffer.concat([stream, stream]), 400, 'not deflate: wanted one frame')
  const noise = zstdCompressSync(randomBytes(9_000))
  const long = Buffer.concat([noise, noise, noise, noise])
  expect(long.length).toBeGreaterThan(32 * 1024)
  await t('zstd', long, 400, 'not zstd: wanted one frame')
  await t('gzip', gzipSync(Buffer.alloc(10_001)), 413, 'more than 10000 bytes')
  await t('deflate', deflateSync(Buffer.alloc(1_000_000)), 413, 'more than 10000 bytes')
  await t('zstd', zstdCompressSync(Buffer.alloc(1_000_000)), 413, 'more than 10000 bytes')
  await t('identity', Buffer.alloc(10_001), 413, 'more than 10000 bytes')
  await t('gzip, gzip', packed, 415, 'found gzip, gzip, wanted one of')
  await t('br', packed, 415, 'found br, wanted one of identity, gzip')
})

test('keeps the good lines of a batch and says how many were bad', async () => {
  const g = openGateway()
  const body = 'm value=1\nm value=\nnonsense\nm value=2\n'
  expect(await g.post('/api/v2/write', body)).toEqual({
    status: 204,
    headers: { 'x-plimsoll-rejected': '2' },
  })
  expect(g.told.map(each => each.value)).toEqual([1, 2])
  expect(g.count('plimsoll_gateway_rejected_total', { format: 'line', reason: 'malformed' })).toBe(2)
  expect(g.count('plimsoll_gateway_requests_total', { outcome: 'partial' })).toBe(1)
})

test('a long measurement, which would be walked for each field of its line, is refused', async () => {
  const g = openGateway()
  const line = (length: number) => `${'m'.repeat(length)} a=1,b=1`
  expect(await g.post('/api/v2/write', line(1_024))).toMatchObject({ status: 204 })
  expect(g.told).toHaveLength(2)
  const { status, body } = await g.post('/api/v2/write', line(1_025))
  expect(status).toBe(400)
  expect(JSON.stringify(body)).toContain('wanted a measurement of at most 1024 characters, found 1025')
})

test('long names take of the room that a sender has for new series, as long labels do', async () => {
  const g = openGateway({ limits: { ...gatewayLimits, seriesPerSource: 2 } })
  const line = `${'m'.repeat(1_000)} ${'a'.repeat(3_000)}=1,b=1`
  const rejected = { status: 204, headers: { 'x-plimsoll-rejected': '1' } }
  expect(await g.post('/api/v2/write', line)).toMatchObject(rejected)
})

test('says in the log whose samples were refused and why, since senders do not look at an answer of 204', async () => {
  const g = openGateway()
  await g.post('/api/v2/write', 'm value=1\nm value=2', { source: 'telegraf' })
  expect(g.logged()).toEqual([])
  const body = 'm,host=a value=1\nm,host=b value=,x=2\nm,host=c value=3'
  await g.post('/api/v2/write', body, { source: 'telegraf' })
  const refusal = {
    level: 'warn',
    room: 'gateway',
    msg: 'samples were refused',
    code: 'malformed',
    format: 'line',
    sender: 'telegraf',
    samples: 1,
    first: 'line 2, column 16: wanted a value, found , (m,host=b value=,x=2)',
  }
  expect(g.logged()).toEqual([refusal])
  // Again within the minute is told once, another reason by itself.
  await g.post('/api/v2/write', body, { source: 'telegraf' })
  await g.post('/api/v2/write', 'm value=1 1\nm value=1', { source: 'other' })
  expect(g.logged()).toMatchObject([refusal, { code: 'bad_time', sender: 'other' }])
})

test('stores nothing of a partly bad batch when asked to be strict', async () => {
  const g = openGateway()
  const strict = { query: { strict: '1' } }
  const answer = await g.post('/api/v2/write', 'm value=1\nm value=\n', strict)
  expect(answer).toMatchObject({
    status: 400,
    body: { code: 'invalid', message: expect.stringMatching(/^line 2, column \d+: /) },
  })
  expect(g.batches).toEqual([])
  // A good one is as good as ever.
  expect(await g.post('/api/v2/write', 'm value=1', strict)).toEqual({ status: 204 })
})

test('refuses a batch without a good line, and says where the first is wrong', async () => {
  const g = openGateway()
  expect(await g.post('/api/v2/write', 'nonsense\nm value=\n')).toMatchObject({
    status: 400,
    body: { code: 'invalid', message: expect.stringMatching(/^line 1, column \d+: .*wanted/) },
  })
  expect(await g.post('/write', 'm value=\n')).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^line 1, column \d+: /) },
  })
  expect(g.batches).toEqual([])
  expect(g.count('plimsoll_gateway_requests_total', { outcome: 'refused' })).toBe(2)
})

test('refuses times in the wrong unit with a hint, instead of storing them in 1970', async () => {
  const g = openGateway()
  const query = { precision: 'ms' }
  const answer = await g.post('/api/v2/write', `m value=1 ${nowMs / 1_000}`, { query })
  expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('precision=s') } })
})

test('takes an empty body, and one of comments, without bothering the bus', async () => {
  const g = openGateway()
  expect(await g.post('/api/v2/write', '')).toEqual({ status: 204 })
  expect(await g.post('/write', '# nothing today\n\n')).toEqual({ status: 204 })
  const packed = { headers: { 'content-encoding': 'gzip' } }
  expect(await g.post('/write', gzipSync(''), packed)).toEqual({ status: 204 })
  expect(g.batches).toEqual([])
})

test('asks to send again whenever that may work, whatever the sink says', async () => {
  const t = async (error: Error, message: string) => {
    const g = openGateway()
    g.onPublish(() => Promise.reject(error))
    const answer = await g.post('/api/v2/write', 'm value=1')
    expect(answer, message).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
      body: { code: 'unavailable', message },
    })
    expect(g.count('plimsoll_gateway_requests_total', { outcome: 'later' })).toBe(1)
    expect(g.count('plimsoll_gateway_values_total')).toBe(0)
    // And it works again when the sink does.
    g.onPublish(async () => {})
    expect(await g.post('/api/v2/write', 'm value=1')).toEqual({ status: 204 })
  }
  await t(new Failure('overloaded', 'the sink is behind'), 'the sink is behind')
  await t(new Failure('store_full', '/data is full'), '/data is full')
  await t(new Failure('stopping', 'going down'), 'going down')
  // What the sink has no word for, or a wrong one, is no fault of the batch.
  await t(new Error('EIO'), 'EIO')
  await t(new Failure('bad_request', 'what?'), 'bad_request: what?')
})

test('counts what it refused once, though the batch is sent twice', async () => {
  const g = openGateway()
  g.onPublish(() => Promise.reject(new Error('EIO')))
  await g.post('/write', 'm value=1\nnonsense')
  expect(g.count('plimsoll_gateway_rejected_total')).toBe(0)
  g.onPublish(async () => {})
  await g.post('/write', 'm value=1\nnonsense')
  expect(g.count('plimsoll_gateway_rejected_total')).toBe(1)
})

test('acknowledges only what the bus has made safe', async () => {
  const g = openGateway()
  const { promise, resolve } = Promise.withResolvers<void>()
  g.onPublish(() => promise)
  let answered = false
  const posting = g.post('/api/v2/write', 'm value=1').then(answer => {
    answered = true
    return answer
  })
  await new Promise(setImmediate)
  expect(answered).toBe(false)
  expect(g.count('plimsoll_gateway_in_flight_bytes')).toBe('m value=1'.length)
  resolve()
  expect(await posting).toEqual({ status: 204 })
  expect(g.count('plimsoll_gateway_in_flight_bytes')).toBe(0)
})

test('asks to wait when more is under way than memory was set aside for', async () => {
  const g = openGateway({ limits: { ...gatewayLimits, bodyBytes: 100 } })
  const { promise, resolve } = Promise.withResolvers<void>()
  g.onPublish(() => promise)
  const line = `m value=1 ${ns(nowMs)} `.padEnd(99)
  const posted = g.post('/write', line)
  await new Promise(setImmediate)
  const answer = await g.post('/write', line)
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } })
  resolve()
  expect(await posted).toEqual({ status: 204 })
  expect(await g.post('/write', line)).toEqual({ status: 204 })
})

test('cuts batches by the host, and by the sender where there is none', async () => {
  const g = openGateway()
  await g.post('/write', 'm,host=a value=1\nm,host=b value=2\nm value=3\nm,host=a value=4\n')
  const hosts = g.batches.map(each => [...each.rows.series].map(id => g.table.get(id).labels.host))
  expect(hosts.map(each => each.toString()).sort()).toEqual(['', 'a,a', 'b'])
  await g.post('/write', 'm value=3\n', { source: 'another' })
  const parts = g.batches.filter(each => g.table.get(each.rows.series[0]!).labels.host === undefined)
  expect(new Set(parts.map(each => each.partition)).size).toBe(2)
})

test('refuses new series of a sender that has brought too many, while known ones go on', async () => {
  const g = openGateway({ limits: { ...gatewayLimits, seriesPerSource: 2 } })
  await g.post('/write', 'm,id=1 value=1\nm,id=2 value=1\n', { source: 'wild' })
  const answer = await g.post('/write', 'm,id=1 value=5\nm,id=3 value=5\nm,id=4 value=5\n', {
    source: 'wild',
  })
  expect(answer).toEqual({ status: 204, headers: { 'x-plimsoll-rejected': '2' } })
  expect(g.told.at(-1)).toMatchObject({ series: 'm{id="1"}', value: 5 })
  expect(g.count('plimsoll_gateway_rejected_total', { reason: 'series_limit' })).toBe(2)
  // Others are not punished for it, and a series is open to all once it exists.
  expect(await g.post('/write', 'm,id=3 value=6', { source: 'calm' })).toEqual({ status: 204 })
  expect(await g.post('/write', 'm,id=3 value=7', { source: 'wild' })).toEqual({ status: 204 })
  expect(await g.post('/write', 'm,id=5 value=7', { source: 'wild' })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('as many new series within a day as it may') },
  })
  // And a day later it may bring others.
  await g.clock.runFor(86_400_000)
  expect(await g.post('/write', 'm,id=5 value=7', { source: 'wild' })).toEqual({ status: 204 })
})

test('uses its rows again without mixing requests', async () => {
  const g = openGateway()
  for (let round = 0; round < 20; round++) {
    const lines = Array.from({ length: 1 + ((round * 37) % 90) }, (_, at) => `m,at=${at} value=${round}`)
    g.told.length = 0
    await Promise.all([g.post('/write', lines.join('\n')), g.post('/write', `n value=${round}`)])
    expect(g.told.filter(each => each.series !== 'n').length).toBe(lines.length)
    expect(new Set(g.told.map(each => each.value))).toEqual(new Set([round]))
  }
})

test('answers the probes of InfluxDB clients', async () => {
  const g = openGateway({ version: '2.7.0' })
  expect(await g.get('/ping')).toMatchObject({ status: 204, headers: { 'x-influxdb-version': '2.7.0' } })
  expect(await g.get('/health')).toMatchObject({
    status: 200,
    body: { name: 'plimsoll', message: 'ready for writes', status: 'pass' },
  })
  const open = g.routes.filter(each => each.scope === 'open').map(each => each.path)
  expect(open.sort()).toEqual(['/health', '/ping'])
  expect(g.routes.filter(each => each.method === 'POST').every(each => each.scope === 'write')).toBe(true)
})
