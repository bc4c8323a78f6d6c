// Repeats are folded and counted, secrets are stars, and one message is one line whatever it says.
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { type LogOptions, openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { Secret } from '#core/secret.ts'

const noonMs = Date.UTC(2026, 10, 20, 12)

function openTestLog(options: LogOptions = {}) {
  const clock = new SimulatedClock(noonMs)
  const lines: string[] = []
  const log = openLog({ clock, write: line => lines.push(line), ...options })
  const parsed = () => lines.map(line => JSON.parse(line) as Record<string, unknown>)
  return { clock, lines, log, parsed }
}

test('one message is one JSON line', () => {
  const { log, lines } = openTestLog()
  log.warn('gateway', 'cannot write', { path: '/data', free: 0 })
  expect(lines).toEqual([
    '{"level":"warn","time":"2026-11-20T12:00:00.000Z","room":"gateway","path":"/data","free":0,"msg":"cannot write"}\n',
  ])
})

test('a terminal gets short lines', () => {
  const { log, lines } = openTestLog({ pretty: true })
  log.warn('gateway', 'cannot write', { path: '/data', why: 'disk is full', left: { bytes: 0 } })
  expect(lines).toEqual([
    '12:00:00 warn  gateway: cannot write  path=/data  why="disk is full"  left={"bytes":0}\n',
  ])
})

test('levels below the chosen one are not written', () => {
  const t = (level: LogOptions['level'] & string, levels: string[]) => {
    const { log, parsed } = openTestLog({ level })
    log.debug('a', 'd')
    log.info('a', 'i')
    log.warn('a', 'w')
    log.error('a', 'e')
    expect(
      parsed().map(each => each['level']),
      level,
    ).toEqual(levels)
  }
  t('debug', ['debug', 'info', 'warn', 'error'])
  t('info', ['info', 'warn', 'error'])
  t('error', ['error'])
})

test('the same message is written once, then once more with the count', async () => {
  const { clock, log, parsed } = openTestLog()
  for (let times = 0; times < 1_000; times++) log.error('store', 'cannot append', { batch: times })
  expect(parsed()).toMatchObject([{ msg: 'cannot append', batch: 0 }])
  await clock.runFor(60_000)
  expect(parsed()[1]).toMatchObject({ msg: 'cannot append', batch: 999, repeated: 999 })

  // A trouble that lasts is one line a minute.
  log.error('store', 'cannot append')
  log.error('store', 'cannot append')
  expect(parsed()).toHaveLength(2)
  await clock.runFor(60_000)
  expect(parsed()[2]).toMatchObject({ repeated: 2 })

  // A quiet minute, and the next one is news again.
  await clock.runFor(60_000)
  expect(parsed()).toHaveLength(3)
  log.error('store', 'cannot append')
  expect(parsed()).toHaveLength(4)
  expect(parsed()[3]).not.toHaveProperty('repeated')
})

test('another room, level, text or code is another message', () => {
  const { log, lines } = openTestLog()
  log.warn('a', 'x')
  log.warn('b', 'x')
  log.error('a', 'x')
  log.warn('a', 'y')
  log.warn('a', 'x', { code: 'store_full' })
  log.warn('a', 'x', { code: 'store_held' })
  expect(lines).toHaveLength(6)
  log.warn('a', 'x', { code: 'store_held', at: 2 })
  expect(lines).toHaveLength(6)
})

test('counts that are held back are written at the end, and nothing is pending then', async () => {
  const { clock, log, parsed } = openTestLog()
  log.warn('a', 'once')
  log.warn('a', 'thrice')
  log.warn('a', 'thrice')
  log.warn('a', 'thrice')
  log[Symbol.dispose]()
  expect(parsed().map(each => [each['msg'], each['repeated']])).toEqual([
    ['once', undefined],
    ['thrice', undefined],
    ['thrice', 2],
  ])
  await clock.runFor(600_000)
  expect(parsed()).toHaveLength(3)
})

test('what is remembered is bounded', () => {
  const { log, parsed } = openTestLog()
  log.warn('a', 'first')
  log.warn('a', 'first')
  for (let each = 0; each < 1_000; each++) log.warn('a', `another ${each}`)
  // The oldest made room, and said its count.
  expect(parsed().at(-2)).toMatchObject({ msg: 'first', repeated: 1 })
})

test('messages and folds are counted', () => {
  const own = openOwnMetrics()
  const { log } = openTestLog({ own })
  log.warn('a', 'x')
  log.warn('a', 'x')
  const values = own.samples(0).map(each => [each.series.name, each.value])
  expect(values).toEqual([
    ['plimsoll_log_messages_total', 2],
    ['plimsoll_log_folded_total', 1],
  ])
})

test('secrets print as stars, wherever they are', () => {
  const secret = new Secret('s3cret')
  for (const pretty of [false, true]) {
    const { log, lines } = openTestLog({ pretty })
    log.error('a', `template ${secret}`, { token: secret, inside: { deep: [secret] } })
    expect(lines.join()).not.toContain('s3cret')
    expect(lines.join().match(/\*\*\*/g)).toHaveLength(3)
  }
})

test('an unexpected error keeps its stack; a Failure is code and detail', () => {
  const { log, parsed } = openTestLog()
  log.error('a', 'bug', { error: new TypeError('x is undefined') })
  log.error('a', 'refused', { error: new Failure('store_full', '/data has 0 bytes left') })
  const [bug, refused] = parsed() as { error: Record<string, string> }[]
  expect(bug?.error['message']).toBe('x is undefined')
  expect(bug?.error['stack']).toContain('log.test.ts')
  expect(refused?.error).toEqual({ code: 'store_full', detail: '/data has 0 bytes left' })
})

test('text from outside cannot write lines of its own', () => {
  for (const pretty of [false, true]) {
    const { log, lines } = openTestLog({ pretty })
    log.warn('a', 'bad line', { line: 'x\n12:00:00 error fake: \u001b[2J' })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.slice(0, -1)).not.toMatch(/\p{Cc}/u)
  }
})

test('lines go to standard output', () => {
  const program = `import { openLog } from '#core/log.ts'
    using log = openLog()
    log.info('a', 'hello')
    log.info('a', 'hello')`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program])
  expect(stderr.toString()).toBe('')
  const lines = stdout.toString().trim().split('\n')
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ msg: 'hello' }, { repeated: 1 }])
})

test.skipIf(!existsSync('/dev/full'))('a full disk below standard output disturbs nobody', () => {
  const program = `import { openLog } from '#core/log.ts'
    using log = openLog()
    for (let each = 0; each < 10; each++) log.info('a', 'message ' + each)
    console.error('still there')`
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', full, 'pipe'],
  })
  closeSync(full)
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: 'still there\n' })
})

test('when the disk has room again, lines that waited are written, and no more wait than fit some memory', () => {
  const program = `import fs from 'node:fs'
    import { openLog } from '#core/log.ts'
    const writeSync = fs.writeSync
    fs.writeSync = () => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    }
    using log = openLog()
    const text = 'x'.repeat(1_000_000)
    for (let each = 0; each < 10; each++) log.info('a', 'full ' + each, { text })
    fs.writeSync = writeSync
    log.info('a', 'the last to be lost', { text })
    for (let each = 0; each < 5; each++) log.info('a', 'room ' + each, { text })`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    maxBuffer: 2 ** 26,
  })
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' })
  const lines = stdout.toString().trim().split('\n')
  expect(lines.map(line => JSON.parse(line).msg)).toEqual([
    ...['full 0', 'full 1', 'full 2', 'full 3'],
    ...['room 0', 'room 1', 'room 2', 'room 3', 'room 4'],
  ])
})
