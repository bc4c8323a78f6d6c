// What every channel over HTTP must do, held against a fake of its service. Called by channels.test.ts for each of the
// table.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import type { Labels } from '#core/model.ts'
import type { Around, Budget, HttpChannel, Verdict } from '../../alerter/channel.ts'
import type { Message } from '../../alerter/message.ts'
import { openPost, type Post, usualTransport } from '../../alerter/post.ts'
import { type Fake, key } from './fake-services/fake.ts'
import { type Asked, type Reply, type Served, serve } from './fake-services/serve.ts'
import { hostileMessage } from './hostile.ts'
import { alertOf, crowd, ended, huge, messageOf, messages, startMs } from './messages.ts'

export type Given = Readonly<{ name: string; channel: HttpChannel<unknown>; openFake: () => Fake }>

const around = (nowMs: number, more: Partial<Around> = {}): Around => ({ nowMs, random: () => 0.5, ...more })

export function httpChannelContract({ name, channel, openFake }: Given): void {
  describe(`channel ${name}`, () => {
    let fake: Fake
    let service: Served
    let post: Post
    let nowMs: number
    // Outranks what the fake would say.
    let reply: ((asked: Asked) => Reply) | undefined
    beforeEach(async () => {
      fake = openFake()
      nowMs = startMs
      reply = undefined
      service = await serve(asked => reply?.(asked) ?? fake.answer(asked, nowMs))
      post = openPost({ clock: realClock })
    })
    afterEach(async () => {
      post.close()
      await service.close()
    })

    const read = (more: object = {}, secret = key): unknown =>
      channel.settings.parse({ ...fake.settings(service.origin, secret), ...more })

    const send = async (message: Message, settings: unknown, more: Partial<Around> = {}) => {
      const verdicts: Verdict[] = []
      for (const outgoing of channel.requests(message, settings, around(nowMs, more))) {
        const transport = channel.transport?.(settings) ?? usualTransport
        const signal = new AbortController().signal
        const sent = await post.send(outgoing, { transport, trust: 'operator', signal })
        verdicts.push(sent.ok ? channel.verdict(sent.answer, settings, around(nowMs)) : sent.verdict)
      }
      return verdicts
    }
    const isTold = (verdicts: readonly Verdict[]): boolean =>
      verdicts.length > 0 && verdicts.every(({ kind }) => kind === 'delivered' || kind === 'accepted')

    test('is told what its service takes, of every kind, with and without a picture', async () => {
      const settings = read()
      const picture = Uint8Array.from([0x89, 0x50, 0x4e, 0x47])
      for (const [kind, message] of Object.entries(messages)) {
        expect(await send(message, settings), kind).toSatisfy(isTold)
        nowMs += 10_000
        expect(await send({ ...message, picture }, settings), `${kind} with picture`).toSatisfy(isTold)
        nowMs += 10_000
      }
    })

    test('makes a megabyte fit, with the link in it', async () => {
      const both = [read(), read(fake.at?.settings)]
      for (const [nth, settings] of both.entries()) {
        const language = nth === 0 ? ('en' as const) : ('zh' as const)
        expect(await send({ ...huge, language }, settings), language).toSatisfy(isTold)
        nowMs += 10_000
        const short = { ...huge, language, alerts: huge.alerts.slice(0, 1) }
        expect(await send(short, settings), language).toSatisfy(isTold)
        nowMs += 10_000
        expect(await send({ ...crowd, language }, settings), language).toSatisfy(isTold)
        nowMs += 10_000
      }
      if (name === 'webhook') return
      for (const asked of service.asked) {
        const shown = fake.shown === undefined ? asked.text : fake.shown(asked)
        if (shown !== undefined) expect(shown).toContain('plimsoll.example.org/i/4711?k=a')
      }
    })

    test('says the same when it is sent again', () => {
      const settings = read()
      const [first, second] = [1, 2].map(() => channel.requests(messageOf(), settings, around(nowMs)))
      expect(second).toEqual(first)
    })

    test('tells what a rule says in two languages in that of the message; programs get both', () => {
      const settings = read()
      const asked = (language: Message['language'], texts: Labels) => {
        const alerts = [alertOf({ annotations: texts })]
        const message = messageOf({ language, alerts, commonAnnotations: texts })
        return channel.requests(message, settings, around(nowMs))
      }
      const both = { summary: 'disk /var is full', summary_zh: '磁盘 /var 已满' }
      for (const [language, summary] of [
        ['en', both.summary],
        ['zh', both.summary_zh],
      ] as const) {
        const one = asked(language, { summary })
        expect(asked(language, { summary: 'another text' })).not.toEqual(one)
        if (name === 'webhook') expect(String(asked(language, both)[0]!.body)).toContain('summary_zh')
        else expect(asked(language, both), language).toEqual(one)
      }
    })

    test('a key that is wrong is no use until somebody changes it', async () => {
      const [verdict] = await send(messageOf(), read({}, 'An0ther-Key-9876543210'))
      expect(verdict).toMatchObject({ kind: 'refused', because: 'settings' })
      expect(JSON.stringify(verdict)).not.toContain('An0ther-Key')
    })

    test('asks for another time exactly when one may help', async () => {
      const t = async (said: Reply, wanted: object) => {
        reply = () => said
        const [verdict] = await send(messageOf(), read())
        expect(verdict, JSON.stringify(said)).toMatchObject(wanted)
      }

      await t({ status: 500 }, { kind: 'later' })
      await t({ status: 502, body: '<html>bad gateway</html>' }, { kind: 'later' })
      await t({ status: 503, headers: { 'retry-after': '17' } }, { kind: 'later', afterMs: 17_000 })
      await t({ status: 429, headers: { 'retry-after': '3' } }, { kind: 'later' })
      await t({ status: 401 }, { kind: 'refused', because: 'settings' })
      await t({ status: 404 }, { kind: 'refused', because: 'settings' })
      await t({ status: 413 }, { kind: 'refused', because: 'message' })
      await t({ status: 302, headers: { location: `${service.origin}/` } }, { kind: 'refused' })
      await t('reset', { kind: 'later' })
    })

    test('a 200 that does not say so is no success', async () => {
      if (fake.silent) return
      const t = async (body: string) => {
        reply = () => ({ status: 200, body })
        expect(await send(messageOf(), read()), body).toMatchObject([{ kind: 'later' }])
      }

      await t('')
      await t('<html>please log in</html>')
      await t('{}')
      await t('null')
      await t('[]')
      await t('{"errcode":"0","code":"0","ok":"true","status":0}')
    })

    test('who never answers is left', async () => {
      reply = () => 'hang'
      const http_config = { timeout: '100ms' }
      expect(await send(messageOf(), read({ http_config }))).toEqual([
        { kind: 'later', reason: 'no answer within 0.1 s' },
      ])
    })

    test('too much is later, and what the budgets let through is never too much', async () => {
      const settings = read()
      const budgets = channel.budgets(settings)
      if (budgets.length === 0) return
      let kinds = new Set<string>()
      for (let count = 0, refused = 0; count < 140 && refused < 5; count++) {
        const verdicts = await send(messageOf(), settings)
        if (verdicts.some(({ kind }) => kind === 'later')) refused++
        for (const { kind } of verdicts) kinds.add(kind)
      }
      const taken = fake.takes ?? (fake.silent ? 'accepted' : 'delivered')
      expect([...kinds].toSorted()).toEqual([taken, 'later'])

      fake = openFake()
      kinds = new Set()
      const take = bucketsOf(budgets)
      let sent = 0
      // Three minutes, or as many as are more than any burst.
      for (const endMs = nowMs + 180_000; nowMs < endMs && sent < 300; nowMs += 250) {
        if (!take(nowMs)) continue
        sent += 1
        for (const { kind } of await send(messageOf(), settings)) kinds.add(kind)
      }
      expect(sent).toBeGreaterThan(20)
      expect([...kinds]).toEqual([taken])
    })

    test('calls whom the settings name, while it is broken, and nobody else', async () => {
      const { at } = fake
      if (at === undefined) return
      const settings = read(at.settings)
      const t = async (message: Message, calls: readonly string[]) => {
        expect(await send(message, settings)).toSatisfy(isTold)
        expect(fake.read(service.asked.at(-1)!).calls).toEqual(calls)
        nowMs += 10_000
      }

      await t(messageOf(), at.calls)
      await t(ended, [])
      await t(messages['canary']!, [])
    })

    test('however many the settings name, the service takes it, and the first are called', async () => {
      if (fake.at === undefined) return
      const picture = new Uint8Array(13_000)
      const named = (nameOf: (nth: number) => string) => Array.from({ length: 100 }, (_, nth) => nameOf(nth))
      const names = [named(nth => `u${nth}`.padEnd(64, 'x')), named(nth => String(nth).padStart(20, '1'))]
      for (const users of names) {
        const settings = channel.settings.safeParse({
          ...fake.settings(service.origin, key),
          at: { users },
        })
        if (!settings.success) continue
        for (const message of [huge, messageOf(), { ...crowd, picture }, { ...messageOf(), picture }]) {
          expect(await send(message, settings.data)).toSatisfy(isTold)
          expect(service.asked.at(-1)!.text).toContain(users[0])
          expect(service.asked.at(-1)!.text).toContain(users[15])
          nowMs += 10_000
        }
      }
    })

    test('nothing of an alert becomes markup, a link or a call', async () => {
      const settings = read()
      const own = [messageOf().link, alertOf().generatorUrl]
      await fc.assert(
        fc.asyncProperty(hostileMessage, async message => {
          nowMs += 10_000
          expect(await send(message, settings)).toSatisfy(isTold)
          const { calls, links, markup } = fake.read(service.asked.at(-1)!)
          expect(calls).toEqual([])
          expect(markup).toEqual([])
          for (const link of links) expect(own).toContain(decodeURIComponent(link))
        }),
        { numRuns: 30 },
      )
    })

    test('no answer makes it throw or tell a secret', () => {
      const settings = read(fake.at?.settings)
      const [outgoing] = channel.requests(messageOf(), settings, around(nowMs))
      const echoes = [
        outgoing!.url,
        JSON.stringify(outgoing!.headers),
        key,
        encodeURIComponent(outgoing!.url),
      ]
      const secrets = [
        key,
        ...Object.values(fake.settings('http://x', key)).filter(each => /\d{10}/.test(String(each))),
      ]
      const echo = fc.constantFrom(...echoes)
      const texts = fc.oneof(
        echo,
        fc.tuple(fc.string(), echo).map(parts => parts.join(' ')),
        fc.string(),
      )
      const codes = fc.oneof(
        fc.integer(),
        fc.constantFrom(0, -1, 19_021, 45_009, 93_000, 130_101, 310_000),
        fc.string(),
      )
      const bodies = fc.oneof(
        texts,
        fc.json(),
        fc
          .record(
            {
              errcode: codes,
              code: codes,
              ok: fc.boolean(),
              status: texts,
              id: texts,
              errmsg: texts,
              msg: texts,
              message: texts,
              error: texts,
              description: texts,
              error_code: codes,
              retry_after: fc.anything(),
              parameters: fc.anything(),
              result: fc.anything(),
            },
            { requiredKeys: [] },
          )
          .map(found => JSON.stringify(found) ?? ''),
      )
      fc.assert(
        fc.property(bodies, fc.integer({ min: 100, max: 599 }), texts, (body, status, retryAfter) => {
          const headers = { 'retry-after': retryAfter, location: outgoing!.url }
          const verdict = channel.verdict({ status, headers, body }, settings, around(nowMs))
          for (const secret of secrets) expect(JSON.stringify(verdict)).not.toContain(secret)
          if ('reason' in verdict) expect(verdict.reason.length).toBeLessThanOrEqual(300)
          if ('afterMs' in verdict) expect(verdict.afterMs).toBeGreaterThanOrEqual(0)
          if (status >= 500) expect(['later', 'refused']).toContain(verdict.kind)
        }),
        { numRuns: 80 },
      )
    })

    test('keeps its secrets to itself', () => {
      const settings = read()
      expect(JSON.stringify(settings)).not.toContain(key)
      expect(JSON.stringify(channel.budgets(settings))).not.toContain(key)
    })

    test('refuses what it does not know, and what is missing', () => {
      expect(() => read({ colour: 'red' })).toThrow('colour')
      expect(() => channel.settings.parse({})).toThrow()
    })
  })
}

// Token buckets, as delivery fills them.
function bucketsOf(budgets: readonly Budget[]): (nowMs: number) => boolean {
  const buckets = budgets
    .filter(budget => 'perMs' in budget)
    .map(budget => ({ budget, tokens: budget.times, atMs: startMs }))
  return nowMs => {
    for (const bucket of buckets) {
      const { times, perMs } = bucket.budget
      bucket.tokens = Math.min(times, bucket.tokens + ((nowMs - bucket.atMs) * times) / perMs)
      bucket.atMs = nowMs
    }
    if (buckets.some(({ tokens }) => tokens < 1)) return false
    for (const bucket of buckets) bucket.tokens -= 1
    return true
  }
}
