import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerReader, type Heard } from '../../../alerter/http/answer-reader.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

// All at once, and then the end of the connection.
function read(text: string, hasBody = true): Heard | undefined {
  const reader = new AnswerReader(hasBody)
  return reader.take(bytes(text)) ?? reader.end()
}

test('an answer ends where it says', () => {
  const t = (text: string, wanted: object | undefined) => {
    const heard = read(text.replaceAll('\n', '\r\n'))
    if (wanted === undefined) expect(heard, text).toBeUndefined()
    else expect(heard && { ...heard.answer, isKept: heard.isKept }, text).toMatchObject(wanted)
  }

  t('HTTP/1.1 200 OK\nContent-Length: 2\n\nok', { status: 200, body: 'ok', isKept: true })
  t('HTTP/1.1 200\nContent-Length: 0\n\n', { status: 200, body: '', isKept: true })
  t('HTTP/1.1 204 No Content\n\n', { status: 204, body: '', isKept: true })
  t('HTTP/1.1 304 Not Modified\nContent-Length: 7\n\n', { status: 304, body: '', isKept: true })
  t('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\nA;x=y\n0123456789\n0\n\n', {
    body: 'abc0123456789',
    isKept: true,
  })
  t('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\nX-Sum: 1\n\n', { body: 'ok', isKept: true })
  // Nobody says how long it is: until the end of the connection.
  t('HTTP/1.1 200 OK\n\nall of it', { body: 'all of it', isKept: false })
  t('HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n\nodd', { body: 'odd', isKept: false })
  // What is asked of us, before the answer.
  t(
    'HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: x\n\nHTTP/1.1 201 Created\nContent-Length: 1\n\nx',
    {
      status: 201,
      body: 'x',
      isKept: true,
    },
  )
  // Not whole.
  t('HTTP/1.1 200 OK\nContent-Length: 3\n\nok', undefined)
  t('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n', undefined)
  t('HTTP/1.1 200 OK\nContent-Length: 2\n', undefined)
})

test('a connection is kept only where nothing speaks against it', () => {
  const t = (head: string, isKept: boolean) =>
    expect(read(`${head}\r\nContent-Length: 2\r\n\r\nok`)?.isKept, head).toBe(isKept)

  t('HTTP/1.1 200 OK', true)
  t('HTTP/1.1 200 OK\r\nConnection: close', false)
  t('HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close', false)
  t('HTTP/1.0 200 OK', false)
  t('HTTP/1.0 200 OK\r\nConnection: keep-alive', true)
  // Something follows that was not asked for.
  expect(read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!')).toMatchObject({ isKept: false })
  // Two lengths are one too many.
  const both =
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'
  expect(read(both)).toMatchObject({ answer: { body: 'ok' }, isKept: false })
})

test('is left a second before the server closes', () => {
  const t = (said: string, keptMs: number) =>
    expect(read(`HTTP/1.1 204 x\r\n${said}\r\n\r\n`)?.keptMs, said).toBe(keptMs)

  t('Keep-Alive: timeout=5', 4_000)
  t('Keep-Alive: timeout=5, max=100', 4_000)
  t('Keep-Alive: timeout=0', 0)
  t('Keep-Alive: max=100', Number.POSITIVE_INFINITY)
  t('X: y', Number.POSITIVE_INFINITY)
})

test('headers are read by small names; of some the first one counts', () => {
  const head =
    'HTTP/1.1 204 x\r\nX-A: 1\r\nx-a:2 \r\nRetry-After: 5\r\nretry-after: 9\r\n__proto__: x\r\n\r\n'
  const headers = read(head)?.answer.headers
  expect(headers).toMatchObject({ 'x-a': '1, 2', 'retry-after': '5' })
})

test('what is no answer is refused', () => {
  const t = (text: string, why = 'its answer is not HTTP/1.1') => expect(() => read(text), text).toThrow(why)

  t('SSH-2.0-OpenSSH_9.2\r\n\r\n')
  t('HTTP/2 200\r\n\r\n')
  t('HTTP/1.1 20 OK\r\n\r\n')
  t('HTTP/1.1 200OK\r\n\r\n')
  t('HTTP/1.1 200 OK\r\nno colon\r\n\r\n')
  t('HTTP/1.1 200 OK\r\nname : x\r\n\r\n')
  t('HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n')
  t('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n')
  t('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n')
  t('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')
  t('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n')
  t(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(2_000)}`)
  t('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', 'it speaks another protocol')
  t(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}`, 'the head of its answer is too long')
  t(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 'the head of its answer is too long')
})

test('no more than 64 KiB is read, however it is said', () => {
  const much = 'x'.repeat(70_000)
  const t = (head: string, body: string) => {
    const heard = new AnswerReader().take(bytes(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`))
    expect(heard, head).toMatchObject({ isKept: false })
    expect(heard?.answer.body.length, head).toBe(65_536)
  }

  t('Content-Length: 1000000', much)
  t('Transfer-Encoding: chunked', `FFFFFF\r\n${much}`)
  t('X: until it ends', much)
})

test('a tunnel has no body', () => {
  expect(read('HTTP/1.1 200 Connection established\r\n\r\n', false)).toMatchObject({ isKept: true })
})

test('it does not matter in which pieces it comes', () => {
  const answers = fc.record({
    isChunked: fc.boolean(),
    body: fc.string({ maxLength: 60 }),
    cuts: fc.array(fc.nat(300), { maxLength: 12 }),
  })
  fc.assert(
    fc.property(answers, ({ isChunked, body, cuts }) => {
      const data = Buffer.from(body)
      const parts = [data.subarray(0, 7), data.subarray(7)].filter(each => each.length > 0)
      const chunks = parts.flatMap(part => [`${part.length.toString(16)}\r\n`, part, '\r\n'])
      const whole = Buffer.concat(
        (isChunked
          ? ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', ...chunks, '0\r\n\r\n']
          : [`HTTP/1.1 200 OK\r\nContent-Length: ${data.length}\r\n\r\n`, data]
        ).map(each => Buffer.from(each)),
      )
      const at = [0, ...cuts.map(cut => cut % whole.length).sort((a, b) => a - b), whole.length]
      const reader = new AnswerReader()
      let heard: Heard | undefined
      for (let nth = 1; nth < at.length; nth++) {
        expect(heard).toBeUndefined()
        if (at[nth]! > at[nth - 1]!) heard = reader.take(whole.subarray(at[nth - 1], at[nth]))
      }
      expect(heard).toMatchObject({ answer: { status: 200, body: data.toString() }, isKept: true })
    }),
    { numRuns: 200 },
  )
})
