import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { type Answer, block, invalid, nowMs, stored, stub, unprocessable } from './influxdb-stub.ts'

const failure = (code: string, more: object = {}) => expect.objectContaining({ code, ...more })

test('lines go out as they came, named and with times in milliseconds', async () => {
  const { store, asked, value } = await stub(() => stored)
  await store.append([block('up,host=a value=1 1000', 'note value="two\nlines" 1000')])

  expect(asked).toEqual([
    {
      path: '/api/v2/write?org=o+p&bucket=b%26c&precision=ms',
      token: 'Token write',
      text: 'up,host=a value=1 1000\nnote value="two\nlines" 1000\n',
    },
  ])
  expect(value('plimsoll_store_text_bytes_total')).toBe(51)
  await store.append([])
  expect(asked).toHaveLength(1)
})

test('a batch that brings text is not decoded; one that brings none is written', async () => {
  const { store, table, asked } = await stub(() => stored)
  const guarded = block('up value=1 1000')
  Object.defineProperty(guarded, 'rows', {
    get: () => {
      throw new Error('nobody asked for rows')
    },
  })
  await store.append([guarded])
  const id = table.intern('down', labelsOf([['host', 'a b']]))
  const rows = {
    series: Uint32Array.of(id),
    tMs: Float64Array.of(nowMs),
    values: Float64Array.of(Number.NaN),
  }
  await store.append([
    { receivedAtMs: nowMs, partition: 0, rows, notes: [{ series: id, tMs: nowMs, text: 'x "y"' }] },
  ])

  expect(asked.map(({ text }) => text)).toEqual([
    'up value=1 1000\n',
    `down,host=a\\ b value__special="NaN" ${nowMs}\ndown,host=a\\ b value="x \\"y\\"" ${nowMs}\n`,
  ])
})

test('nobody is told before InfluxDB said so, and what comes meanwhile goes together', async () => {
  const ends: (() => void)[] = []
  const { store, asked } = await stub(
    () => new Promise<Answer>(resolve => ends.push(() => resolve(stored))),
    { tuning: { lanes: 1, requestBytes: 30 } },
  )
  const done: number[] = []
  const writes = [1, 2, 3, 4].map(each =>
    store.append([block(`up v=${each} 1000`)]).then(() => done.push(each)),
  )
  await expect.poll(() => ends.length).toBe(1)
  expect(done).toEqual([])
  ends.shift()!()
  await expect.poll(() => ends.length).toBe(1)
  expect(done).toEqual([1])
  ends.shift()!()
  await expect.poll(() => ends.length).toBe(1)
  ends.shift()!()
  await Promise.all(writes)

  // Two lines fit into a request.
  const line = (each: number) => `up v=${each} 1000\n`
  expect(asked.map(({ text }) => text)).toEqual([line(1), line(2) + line(3), line(4)])
})

test('a block larger than a request goes out in pieces of whole lines', async () => {
  const { store, asked } = await stub(() => stored, { tuning: { requestBytes: 30 } })
  await store.append([block('up v=1 1000', 'up v="a\nb c=d" 1000', 'up v=3 1000', 'up v=4 1000')])
  expect(asked.map(({ text }) => text)).toEqual([
    'up v=1 1000\n',
    'up v="a\nb c=d" 1000\n',
    'up v=3 1000\nup v=4 1000\n',
  ])
})

test('200 is as good as 204; any other success is none', async () => {
  const { store } = await stub((_, before) => ({ status: [200, 202][before]! }))
  await store.append([block('up v=1 1000')])
  await expect(store.append([block('up v=1 1000')])).rejects.toEqual(failure('store_refused'))
})

test('who is asked to wait says for how long, and does not try by itself', async () => {
  const t = async (status: number, after: string | undefined, wanted: object) => {
    const headers = after === undefined ? {} : { 'retry-after': after }
    const { store, asked, letters } = await stub(() => ({ status, headers, body: 'busy' }))
    await expect(store.append([block('up v=1 1000')]), `${status} ${after}`).rejects.toEqual(
      failure('store_unavailable', wanted),
    )
    expect(asked).toHaveLength(1)
    expect(letters).toEqual([])
  }

  await t(503, '3', { retryAfterMs: 3_000 })
  await t(429, '0.5', { retryAfterMs: 500 })
  await t(503, new Date(nowMs + 7_000).toUTCString(), { retryAfterMs: 7_000 })
  await t(503, new Date(nowMs - 7_000).toUTCString(), { retryAfterMs: 0 })
  // Nobody waits a day without asking again.
  await t(503, '86400', { retryAfterMs: 3_600_000 })
  await t(500, 'soon', { retryAfterMs: undefined, detail: '500: busy' })
  await t(502, undefined, { retryAfterMs: undefined })
})

test('lines that InfluxDB cannot read go to the dead letters, the others in', async () => {
  const { store, asked, letters, value } = await stub(({ text }) => {
    const bad = text.split('\n').filter(line => line.includes('bad'))
    return bad.length === 0
      ? stored
      : invalid(bad.map(line => `unable to parse '${line}': invalid number`).join('\n'))
  })
  const lines = Array.from({ length: 100 }, (_, at) => `up,n=${at} v=${at % 40 === 7 ? 'bad' : at} 1000`)
  await store.append([block(...lines.slice(0, 50)), block(...lines.slice(50))])

  expect(letters).toEqual(
    [7, 47, 87].map(at => ({
      v: 1,
      atMs: nowMs,
      from: 'influxdb',
      reason: 'invalid number',
      line: `up,n=${at} v=bad 1000`,
    })),
  )
  // All, those that are named, the rest.
  expect(asked).toHaveLength(3)
  expect(asked[2]!.text.split('\n').filter(line => line !== '')).toHaveLength(97)
  expect(value('plimsoll_store_dead_letters_total')).toBe(3)
})

test('a line that quotes the words of a refusal is not taken for a bad one', async () => {
  const good = `note value="unable to parse 'x': y" 1000`
  const { store, letters } = await stub(({ text }) =>
    text.includes('bad') ? invalid("unable to parse 'up v=bad 1000': no\nunable to parse 'x': y") : stored,
  )
  await store.append([block(good, 'up v=bad 1000')])
  expect(letters.map(({ line }) => line)).toEqual(['up v=bad 1000'])
})

const conflict = (count: number) =>
  unprocessable(
    `failure writing points to database: partial write: field type conflict: input field "v" on measurement "a b" is type string, already exists as type float dropped=${count}`,
  )

test('of a partial write only the lines in conflict are asked about again', async () => {
  const { store, asked, letters } = await stub(({ text }) => {
    const bad = text.split('\n').filter(line => line.startsWith('a\\ b,x=1 v="')).length
    return bad === 0 ? stored : conflict(bad)
  })
  const lines = Array.from({ length: 1_000 }, (_, at) =>
    at % 3 === 0 ? `a\\ b,x=1 v="${at}" 1000` : `a\\ b,x=2 w="s",v=${at} 1000`,
  )
  await store.append([block(...lines)])

  expect(letters).toHaveLength(334)
  expect(letters[0]?.reason).toBe(
    'field type conflict: input field "v" on measurement "a b" is type string, already exists as type float',
  )
  expect(asked).toHaveLength(2)
})

test('a reason that names nothing is found by halving', async () => {
  const { store, asked, letters } = await stub(({ text }) =>
    text.includes('n=77,') ? unprocessable('something is wrong') : stored,
  )
  await store.append([block(...Array.from({ length: 100 }, (_, at) => `up,n=${at},k=v v=1 1000`))])
  expect(letters.map(({ line, reason }) => [line, reason])).toEqual([
    ['up,n=77,k=v v=1 1000', 'something is wrong'],
  ])
  expect(asked.length).toBeLessThan(18)
})

test('what is older than the bucket keeps is counted, and is no dead letter', async () => {
  const { store, letters, value } = await stub(() =>
    unprocessable(
      'failure writing points to database: partial write: dropped 2 points outside retention policy of duration 24h0m0s dropped=2 for database: x',
    ),
  )
  await store.append([block('up v=1 1000', 'up v=2 2000', 'up v=3 3000')])
  expect(letters).toEqual([])
  expect(value('plimsoll_store_expired_total')).toBe(2)
})

test('a refusal that is not of the lines keeps them, and is told once', async () => {
  const t = async (answer: Answer, detail: string) => {
    const { store, letters, logged } = await stub(() => answer)
    for (let each = 0; each < 3; each++) {
      await expect(store.append([block('up v=1 1000')])).rejects.toEqual(failure('store_refused', { detail }))
    }
    expect(letters).toEqual([])
    expect(logged.filter(line => line.includes('takes no samples'))).toHaveLength(1)
    expect(await store.health()).toEqual({ writable: false, reason: detail })
  }

  const said = (message: string) => ({ code: 'x', message })
  await t({ status: 401, body: said('unauthorized access') }, '401: unauthorized access')
  await t({ status: 403, body: said('insufficient permissions') }, '403: insufficient permissions')
  await t({ status: 404, body: said('bucket "b" not found') }, '404: bucket "b" not found')
  // A proxy that understands nothing would empty the bus into the dead letters.
  await t({ status: 400, body: '<html>Bad Request</html>' }, '400: <html>Bad Request</html>')
  await t({ status: 301, headers: { location: 'https://x' } }, '301: ')
})

test('what is too large is halved, and the size is remembered', async () => {
  const { store, asked, letters } = await stub(({ text }) => ({ status: text.length > 100_000 ? 413 : 204 }))
  const lines = Array.from({ length: 30 }, (_, at) => `up,n=${at} v="${'x'.repeat(9_900)}" 1000`)
  await store.append([block(...lines)])
  const tried = asked.length
  expect(letters).toEqual([])
  expect(
    asked.filter(({ text }) => text.length <= 100_000).flatMap(({ text }) => text.trim().split('\n')),
  ).toEqual(lines)

  await store.append([block(...lines)])
  expect(asked.length).toBeLessThan(2 * tried)
  expect(asked.slice(tried).every(({ text }) => text.length <= 100_000)).toBe(true)

  await store.append([block(`up v="${'y'.repeat(200_000)}" 1000`, 'up v="z" 1000')])
  expect(letters).toMatchObject([{ reason: '413: ', from: 'influxdb' }])
  expect(letters[0]?.line.length).toBeLessThan(70_000)
  expect(asked.at(-1)?.text).toBe('up v="z" 1000\n')
})

test('an InfluxDB that hangs is given up in time, and the next write is tried', async () => {
  const { store, clock, asked } = await stub((_, before) => (before === 0 ? () => {} : stored), {
    tuning: { lanes: 1 },
  })
  const hanging = store.append([block('up v=1 1000')])
  const next = store.append([block('up v=2 1000')])
  await expect.poll(() => asked.length).toBe(1)
  const refused = expect(hanging).rejects.toEqual(
    failure('store_unavailable', { detail: expect.stringContaining('no answer within 10000 ms') }),
  )
  await clock.runFor(10_000)
  await refused
  await next
})

test('an answer that is slow, but comes, is an answer', async () => {
  const { store, clock, asked } = await stub(() => response => {
    response.writeHead(204)
    response.flushHeaders()
    void clock.sleep(9_000).then(() => response.end())
  })
  const write = store.append([block('up v=1 1000')])
  await expect.poll(() => asked.length).toBe(1)
  await clock.runFor(9_500)
  await write
})

test('a connection that breaks is no answer', async () => {
  const t = async (answer: Answer) => {
    const { store, asked } = await stub(() => answer)
    await expect(store.append([block('up v=1 1000')])).rejects.toEqual(failure('store_unavailable'))
    expect(asked).toHaveLength(1)
  }

  await t((_, request) => request.socket.destroy())
  await t((_, request) => request.socket.end('not HTTP at all\n'))
  await t(response => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('half')
    response.socket?.destroy()
  })
})

test('a connection that was closed while it rested is opened again, once', async () => {
  const { store, asked } = await stub((_, before) =>
    before === 1 ? (_, request) => request.socket.destroy() : stored,
  )
  await store.append([block('up v=1 1000')])
  await store.append([block('up v=2 1000')])
  expect(asked.map(({ text }) => text)).toEqual(['up v=1 1000\n', 'up v=2 1000\n', 'up v=2 1000\n'])
})

test('a batch is not stored before its dead letters are safe', async () => {
  const { store } = await stub(() => invalid("unable to parse 'up v=bad 1000': no"), {
    deadLetters: () => Promise.reject(new Error('no topic')),
  })
  await expect(store.append([block('up v=bad 1000')])).rejects.toThrow('no topic')
})

test('what InfluxDB would take and never give back is not sent', async () => {
  const { store, asked, letters } = await stub(() => stored)
  const good = [
    'up _time=1,_value=2 1000',
    'up,time_zone=x,k=a\\,_time\\=b times=1,w="a,time=1 \\",time=2\n,_time=3" 1000',
    'a\\ b\\\\c\\x,k\\ =v\\=w v=1 1000',
  ]
  const bad = [
    ['up,_time=x v=1 1000', "a tag called _time makes InfluxDB's queries fail"],
    ['up,host=a,_value=1 v="x" 1000', "a tag called _value makes InfluxDB's queries fail"],
    ['up time=1,v=2 1000', 'InfluxDB drops a field called time without a word'],
    ['up,k=v v="a\n\\"b",time=2 1000', 'InfluxDB drops a field called time without a word'],
  ]
  const measurement =
    'InfluxDB does not give back a measurement with a backslash before a comma, a space, = or "'
  for (const odd of ['a\\\\,b', 'a\\\\ b', 'a\\=b', 'a\\"b']) bad.push([`${odd},k=v v=1 1000`, measurement])
  await store.append([block(...bad.flatMap(([line], at) => [line!, good[at % good.length]!]))])

  expect(asked).toHaveLength(1)
  expect(asked[0]!.text).toBe(bad.map((_, at) => `${good[at % good.length]}\n`).join(''))
  expect(letters.map(({ line, reason }) => [line, reason])).toEqual(bad)
  await store.append([block('up,_stop=x v=1 1000')])
  expect(asked).toHaveLength(1)
})

test('opening needs no server; health says whether it is there, and asks again after a while', async () => {
  let answer: Answer = { status: 503, body: 'starting' }
  const { store, clock, asked, logged } = await stub(() => answer)
  expect(asked).toEqual([])
  expect(await store.health()).toEqual({ writable: false, reason: '503: starting' })
  answer = stored
  // What was met just now is believed.
  expect(await store.health()).toEqual({ writable: false, reason: '503: starting' })
  await clock.runFor(5_000)
  expect(await store.health()).toEqual({ writable: true })
  expect(asked.map(({ text }) => text)).toEqual(['', ''])
  expect(logged).toHaveLength(2)
})

test('a clock that is set back makes nothing that was met news again', async () => {
  let answer: Answer = { status: 503, body: 'starting' }
  const { store, clock } = await stub(() => answer)
  expect(await store.health()).toEqual({ writable: false, reason: '503: starting' })
  answer = stored
  Object.defineProperty(clock, 'nowMs', { value: () => clock.monotonicMs() - 3_600_000 })
  await clock.runFor(5_000)
  expect(await store.health()).toEqual({ writable: true })
})

test('a batch that cannot be written as text is refused to its sender alone', async () => {
  const { store, table, asked } = await stub(() => stored)
  const id = table.intern('up', labelsOf([['host', 'a\\']]))
  const rows = { series: Uint32Array.of(id), tMs: Float64Array.of(nowMs), values: Float64Array.of(1) }
  await expect(store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes: [] }])).rejects.toEqual(
    failure('unfit_text'),
  )
  expect(asked).toEqual([])
})

test('beyond what may wait, senders are told to come again', async () => {
  const { store, clock } = await stub(() => () => {}, { tuning: { lanes: 1, waitingMax: 30 } })
  const waiting = Promise.allSettled([1, 2, 3].map(each => store.append([block(`up v=${each} 1000`)])))
  await expect(store.append([block('up v=4 1000')])).rejects.toEqual(failure('overloaded'))
  await clock.runFor(20_000)
  await clock.runFor(20_000)
  await waiting
})

test('closing stores what was taken before, and takes nothing more', async () => {
  const { store, asked } = await stub(() => stored, { tuning: { lanes: 1 } })
  const writes = [1, 2, 3].map(each => store.append([block(`up v=${each} 1000`)]))
  const closed = store.close()
  await expect(store.append([block('up v=4 1000')])).rejects.toEqual(failure('stopping'))
  await Promise.all([...writes, closed])
  expect(asked.map(({ text }) => text).join('')).toBe('up v=1 1000\nup v=2 1000\nup v=3 1000\n')
  expect(await store.health()).toEqual({ writable: false, reason: 'the store is closed' })
})
