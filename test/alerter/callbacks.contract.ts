// What every channel whose service calls back must do, over the real addresses. Called by callbacks.test.ts for each.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { type OwnMetrics, openOwnMetrics } from '#core/own-metrics.ts'
import { callbackRoutes, callbackUrl } from '../../alerter/api/callback-routes.ts'
import type { Callback, Channel } from '../../alerter/channel.ts'
import type { Fact } from '../../alerter/fact.ts'
import type { IncidentView } from '../../alerter/facts.ts'
import { openHearing } from '../../alerter/inbound/hearing.ts'
import type { Inbound, Receipt } from '../../alerter/inbound.ts'
import type { Integration } from '../../alerter/route.ts'
import { ask, openStand, type Stand } from '../core/http/ask.ts'
import type { Caller, Made } from './fake-services/callers.ts'

const externalUrl = 'https://plimsoll.example.org/watch'
const nowMs = Date.UTC(2026, 10, 21, 9)
const phone = '+8613800138000'

export const incidentView = (number: number, closedAtMs: number | null = null): IncidentView => ({
  ...{
    number,
    group: 'ops\n{}:{}',
    groupKey: '{}:{}',
    receiver: 'ops',
    labels: {},
    openedAtMs: nowMs,
    closedAtMs,
  },
})

export function callbackContract(name: string, channel: Channel, caller: Caller): void {
  describe(`callbacks of ${name}`, () => {
    const settings = channel.settings.parse(caller.settings)
    const id = `my ops/${name}/0`
    const integrations = new Map<string, Integration>([
      [id, { id, channel: name, settings, tellsEnds: true }],
    ])
    const url = callbackUrl(externalUrl, id)
    let stand: Stand & AsyncDisposable
    let receipts: Receipt[]
    let facts: Fact[]
    let own: OwnMetrics
    beforeEach(async () => {
      receipts = []
      facts = []
      own = openOwnMetrics()
      const clock = new SimulatedClock(nowMs)
      const log = openLog({ write: () => {} })
      const routes = callbackRoutes({
        ...{ clock, log, externalUrl, language: 'en', integrations: () => integrations },
        hearing: openHearing({
          ...{ clock, own, integrations: () => integrations },
          incident: async number => ({ 4711: incidentView(4711), 7: incidentView(7, nowMs) })[number],
          receipt: async receipt => receipts.push(receipt) > 0,
          incidentOf: receipt => (receipt === 'dedup-1' ? 4711 : undefined),
          record: async found => {
            for (const fact of found) if (!facts.some(each => each.id === fact.id)) facts.push(fact)
          },
        }),
        own,
      })
      stand = await openStand(routes, { externalUrl, own })
    })
    afterEach(async () => {
      await stand[Symbol.asyncDispose]()
    })

    const { pathname } = new URL(url)
    const call = (made: Made, more: Partial<Made> = {}) => {
      const { method, tail, headers, body } = { ...made, ...more }
      return ask(stand.http, pathname + tail, {
        method,
        headers: { host: 'plimsoll.example.org', ...headers },
        ...(method === 'POST' && { body }),
      })
    }
    const said = (): readonly unknown[] => [...receipts, ...facts]

    test('a receipt is heard, and the service hears what it wants to hear', async () => {
      const reply = await call(caller.receipt(url))
      expect(reply.status).toBe(200)
      expect(reply.text).toMatch(caller.thanks)
      if (caller.says.kind === 'receipt') expect(receipts).toEqual([caller.says])
      // A name that no database takes as it is.
      else expect(facts).toMatchObject([{ kind: 'acknowledged', incident: 4711, who: 'Ann On-Call' }])
    })

    test('the same again changes nothing', async () => {
      for (let nth = 0; nth < 3; nth++) expect((await call(caller.receipt(url))).status).toBe(200)
      expect(facts.length).toBeLessThanOrEqual(1)
      expect(new Set(receipts.map(each => JSON.stringify(each))).size).toBeLessThanOrEqual(1)
    })

    test('whoever cannot prove it is refused, and nothing is read', async () => {
      const made = caller.receipt(url)
      const t = async (more: Partial<Made>) => {
        const reply = await call(made, more)
        expect(reply.status, JSON.stringify(more)).toBe(403)
        expect(said()).toEqual([])
      }
      const signed = made.headers['x-twilio-signature'] ?? made.headers['x-pagerduty-signature']
      if (signed === undefined) {
        await t({ tail: made.tail.replace(/^\/[\w-]+/, '') })
        await t({ tail: made.tail.replace('k3y', 'k3x') })
        await t({ tail: made.tail.replace('k3y-of-the-callback-0123456789', '') })
        await t({ tail: made.tail.replace('0123456789', '01234567890') })
      } else {
        await t({ headers: {} })
        await t({ headers: { ...made.headers, 'x-twilio-signature': 'x', 'x-pagerduty-signature': 'v1=' } })
        await t({ body: `${made.body} ` })
        await t({ body: '' })
      }
      expect(await own.text()).toMatch(
        new RegExp(`plimsoll_alerter_callbacks_total\\{channel="${name}",outcome="forged"\\} 4`),
      )
    })

    test('a name that is none answers as one that is', async () => {
      const made = caller.receipt(url)
      const other = await ask(stand.http, '/watch/api/plimsoll/v1/callbacks/nobody', {
        method: 'POST',
        body: 'x',
      })
      const forged = await call(made, { method: 'POST', headers: {}, tail: '', body: 'x' })
      expect([other.status, other.text]).toEqual([forged.status, forged.text])
    })

    test('garbage with a proof is told to be garbage, a megabyte is not read', async () => {
      expect((await call(caller.garbage(url))).status).toBe(400)
      const body = 'x'.repeat(2 ** 20)
      expect((await call({ ...caller.receipt(url), method: 'POST', body })).status).toBe(413)
      expect(said()).toEqual([])
    })

    test('1 4711 from a number that is told acknowledges once, from another it does not', async () => {
      const { answer } = caller
      if (answer === undefined) return
      expect((await call(answer(url, '+8613900139000', '1 4711'))).status).toBe(200)
      expect(facts).toEqual([])
      for (let nth = 0; nth < 2; nth++) expect((await call(answer(url, phone, '1 4711'))).status).toBe(200)
      expect(facts).toMatchObject([
        { kind: 'acknowledged', incident: 4711, who: phone, details: { by: id, receivers: ['my ops'] } },
      ])
      await call(answer(url, phone, '1 4712'))
      await call(answer(url, phone, '1 7'))
      expect(facts).toHaveLength(1)
      const text = await own.text()
      for (const [outcome, count] of [
        ['stranger', 1],
        ['acknowledged', 2],
        ['no_incident', 1],
        ['over', 1],
      ])
        expect(text).toContain(`plimsoll_alerter_inbound_total{outcome="${outcome}"} ${count}`)
    })

    test('whatever comes, nothing throws, and nothing is believed without the proof', () => {
      const { hears } = channel
      const { tail, headers } = caller.receipt(url)
      const form = fc.dictionary(fc.string(), fc.string()).map(found => new URLSearchParams(found).toString())
      const texts = fc.oneof(fc.string(), fc.json(), form)
      const noise = fc.dictionary(fc.constantFrom(...Object.keys(headers), 'x-twilio-signature'), fc.string())
      fc.assert(
        fc.property(texts, texts, noise, (body, key, found) => {
          const one: Callback = { url: `${url}?${key}`, key, headers: found, body }
          expect(hears!.isFrom(one, settings)).toBe(false)
          const all = (hears!.read(one) ?? []) satisfies readonly Inbound[]
          expect(all.length).toBeLessThanOrEqual(1_000)
          const { body: thanks } = hears!.thanks(one, { text: key, isDone: false })
          expect(thanks).toMatch(caller.thanks)
          expect(JSON.stringify(thanks)).not.toContain(tail.length > 1 ? tail.slice(1) : '\0')
        }),
        { numRuns: 60 },
      )
    })
  })
}
