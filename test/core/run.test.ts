// Ends of processes: asked once, asked twice, parts that hang, and bugs. Real processes where signals count.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text as textOf } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openLife, type Part, withDeadline } from '#core/run.ts'

// A program of ours; `said` resolves with its next line.
function start(program: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const said = async () => (await lines.next()).value as string | undefined
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  return { child, said, ended, errors: textOf(child.stderr) }
}

const waiting = (echoMs = 10_000) => `
  import { askedToStop } from '#core/run.ts'
  const asked = askedToStop(${echoMs})
  console.log('up')
  console.log(await asked.signal)`

test('waits, though nothing else keeps it alive, until it is asked', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, said, ended, errors } = start(waiting())
    expect(await said()).toBe('up')
    child.kill(signal)
    expect(await said()).toBe(signal)
    expect(await ended).toEqual([0, null])
    expect(await errors).toBe('')
  }
})

test('a start that takes long is told to give up, which is no failure, and it says so', async () => {
  const starting = (start: string) => `
    import { askedToStop, startedUnlessAsked } from '#core/run.ts'
    import { unlessAborted } from '#core/aborted.ts'
    import { openLog } from '#core/log.ts'
    const asked = askedToStop()
    const log = openLog({ write: line => process.stderr.write(line) })
    console.log('up')
    console.log(await startedUnlessAsked(${start}, asked, { log, graceMs: 50 }))
    console.log(await asked.signal)
    log.flush()`
  const stuck = start(starting('givenUp => unlessAborted(new Promise(() => {}), givenUp)'))
  expect(await stuck.said()).toBe('up')
  stuck.child.kill('SIGTERM')
  expect([await stuck.said(), await stuck.said()]).toEqual(['undefined', 'SIGTERM'])
  expect(await stuck.ended).toEqual([0, null])
  expect(await stuck.errors).toContain('asked to stop before it had started, so it gives up')

  // One that fails meanwhile has come to the same; a bug is one.
  const failing = (error: string) => {
    const failed = `Promise.reject(${error})`
    return start(`import { Failure } from '#core/errors.ts'
      ${starting(`() => asked.signal.then(() => ${failed})`)}`)
  }
  const away = failing(`new Failure('state_unavailable', 'nobody there')`)
  expect(await away.said()).toBe('up')
  away.child.kill('SIGTERM')
  expect([await away.said(), await away.said()]).toEqual(['undefined', 'SIGTERM'])
  expect(await away.ended).toEqual([0, null])
  const broken = failing(`new Error('a bug')`)
  expect(await broken.said()).toBe('up')
  broken.child.kill('SIGTERM')
  expect(await broken.ended).toEqual([1, null])

  // One that ends in time is stopped as usual.
  const short = start(starting(`() => asked.signal.then(() => 'started')`))
  expect(await short.said()).toBe('up')
  short.child.kill('SIGTERM')
  expect([await short.said(), await short.said()]).toEqual(['started', 'SIGTERM'])
  expect(await short.ended).toEqual([0, null])
})

test('a start that fails does not wait to be asked', async () => {
  const { ended, errors } = start(`
    import { askedToStop } from '#core/run.ts'
    {
      using asked = askedToStop()
    }
    process.exitCode = 1`)
  expect(await ended).toEqual([1, null])
  expect(await errors).toBe('')
})

test('what has stopped ends, though something would keep it, and says what', async () => {
  const stopped = (left: string) => `
    import { askedToStop, endsOnceStopped } from '#core/run.ts'
    import { openLog } from '#core/log.ts'
    const log = openLog({ write: line => process.stderr.write(line) })
    {
      using last = endsOnceStopped({ log, graceMs: 10 })
      using asked = askedToStop()
      console.log('up')
      await asked.signal
    }
    process.exitCode = 3
    ${left}`
  const kept = start(stopped('setInterval(() => {}, 1e6)'))
  expect(await kept.said()).toBe('up')
  kept.child.kill('SIGTERM')
  expect(await kept.ended).toEqual([3, null])
  expect(JSON.parse(await kept.errors)).toMatchObject({
    level: 'warn',
    msg: 'all has stopped, and something keeps the process: it ends',
    left: expect.arrayContaining(['Timeout']),
  })

  const free = start(stopped(''))
  expect(await free.said()).toBe('up')
  free.child.kill('SIGTERM')
  expect(await free.ended).toEqual([3, null])
  expect(await free.errors).toBe('')
})

test('asked twice, it ends at once', async () => {
  const t = async (signal: NodeJS.Signals, code: number) => {
    const { child, said, ended } = start(`${waiting(0)}; setInterval(() => {}, 1e6)`)
    await said()
    child.kill('SIGTERM')
    expect(await said()).toBe('SIGTERM')
    child.kill(signal)
    expect(await ended, signal).toEqual([code, null])
  }
  await t('SIGTERM', 143)
  await t('SIGINT', 130)
})

test('what comes twice, as it does under npm, is one', async () => {
  const t = async (signal: NodeJS.Signals, other: NodeJS.Signals, code: number) => {
    const { child, said, ended } = start(`${waiting()}; setInterval(() => {}, 1e6)`)
    await said()
    child.kill(signal)
    expect(await said()).toBe(signal)
    child.kill(signal)
    child.kill(other)
    // Ended by the third signal, not by the second.
    expect(await ended, signal).toEqual([code, null])
  }
  await t('SIGINT', 'SIGTERM', 143)
  await t('SIGTERM', 'SIGINT', 130)
})

test('a bug ends the process with its reason in the log', async () => {
  const t = async (bug: string) => {
    const { child, ended } = start(`
      import { openLog } from '#core/log.ts'
      import { crashOnBugs } from '#core/run.ts'
      crashOnBugs(openLog())
      setInterval(() => {}, 1e6)
      ${bug}`)
    const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
    expect(JSON.parse(String(line.value)), bug).toMatchObject({
      level: 'error',
      room: 'run',
      error: { message: 'oh' },
    })
    expect(await ended, bug).toEqual([70, null])
  }
  await t(`Promise.reject(new Error('oh'))`)
  await t(`setTimeout(() => { throw new Error('oh') })`)
})

test('a bug ends the process in the same way when it cannot be told', async () => {
  const { ended } = start(`
    import { crashOnBugs } from '#core/run.ts'
    const fail = () => { throw new Error('no log') }
    crashOnBugs({ error: fail, flush: fail })
    setInterval(() => {}, 1e6)
    Promise.reject(new Error('oh'))`)
  expect(await ended).toEqual([70, null])
})

const calm = (name: string, order: string[]): Part => ({ name, stop: async () => void order.push(name) })
const hanging = (name: string): Part => ({ name, stop: () => new Promise(() => {}) })

test('what started last stops first', async () => {
  const order: string[] = []
  const parts = ['store', 'bus', 'http'].map(name => calm(name, order))
  expect(await withDeadline(parts)).toEqual([])
  expect(order).toEqual(['http', 'bus', 'store'])
})

test('a part that hangs is named, and those below it still stop', async () => {
  const clock = new SimulatedClock(0)
  const order: string[] = []
  const parts = [calm('store', order), hanging('bus'), calm('http', order)]
  const stopped = withDeadline(parts, { clock })
  await clock.runUntil(4_999)
  expect(order).toEqual(['http'])
  await clock.runUntil(5_000)
  expect(await stopped).toEqual(['bus did not stop in time'])
  expect(order).toEqual(['http', 'store'])
})

test('however many hang, the deadline holds', async () => {
  const clock = new SimulatedClock(0)
  const order: string[] = []
  const parts = [hanging('a'), hanging('b'), hanging('c'), calm('d', order)]
  const stopped = withDeadline(parts, { clock, deadlineMs: 8_000 })
  await clock.runUntil(8_000)
  expect(await stopped).toEqual(['c', 'b', 'a'].map(name => `${name} did not stop in time`))
  expect(clock.nowMs()).toBe(8_000)
})

test('a clock that is set meanwhile takes no time from those below', async () => {
  const clock = new SimulatedClock(0)
  const order: string[] = []
  const setsClock: Part = {
    name: 'http',
    stop: () => void Object.defineProperty(clock, 'nowMs', { value: () => 3_600_000 + clock.monotonicMs() }),
  }
  const slow: Part = { name: 'store', stop: () => clock.sleep(1_000).then(() => void order.push('store')) }
  const stopped = withDeadline([slow, setsClock], { clock })
  await clock.runUntil(1_000)
  expect(await stopped).toEqual([])
  expect(order).toEqual(['store'])
})

test('a part that fails to stop is named with its reason, thrown at once or later', async () => {
  const order: string[] = []
  const parts: Part[] = [
    calm('store', order),
    { name: 'bus', stop: () => Promise.reject(new Error('broker is gone')) },
    {
      name: 'http',
      stop: () => {
        throw new Error('not open')
      },
    },
  ]
  expect(await withDeadline(parts)).toEqual([
    'http failed to stop: not open',
    'bus failed to stop: broker is gone',
  ])
  expect(order).toEqual(['store'])
})

const living = (parts: string) => `
  import { openLog } from '#core/log.ts'
  import { openLife } from '#core/run.ts'
  {
    using log = openLog()
    await using life = openLife({ log, deadlineMs: 50 })
    ${parts}
  }
  console.log('end')`

test('what comes when a life has ended is stopped at once, and refused', async () => {
  const order: string[] = []
  const life = openLife({ log: openLog({ write: () => {} }) })
  life.use('store', { [Symbol.dispose]: () => order.push('store') })
  await life[Symbol.asyncDispose]()
  expect(() => life.use('http', { [Symbol.dispose]: () => order.push('http') })).toThrow('http came too late')
  expect(order).toEqual(['store', 'http'])
})

test('a life stops upwards when its block ends', async () => {
  const { said, ended } = start(
    living(`
      const a = life.use('a', { [Symbol.dispose]() { console.log('a stops') } })
      life.use('b', { async [Symbol.asyncDispose]() { console.log('b stops', a !== undefined) } })`),
  )
  expect(await said()).toBe('b stops true')
  expect(await said()).toBe('a stops')
  expect(await said()).toBe('end')
  expect(await ended).toEqual([0, null])
})

test('a life with a part that hangs ends all the same, and says which', async () => {
  const { said, ended } = start(
    living(`
      life.use('a', { [Symbol.dispose]() { console.log('a stops') } })
      life.use('b', { [Symbol.asyncDispose]: () => new Promise(() => setInterval(() => {}, 1e6)) })`),
  )
  expect(await said()).toBe('a stops')
  expect(JSON.parse((await said()) ?? '')).toMatchObject({ troubles: ['b did not stop in time'] })
  expect(await ended).toEqual([1, null])
})
