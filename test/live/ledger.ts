// Who owns which share of the rules, and how far each has read, as PostgreSQL has it. Called by rules-fleet.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

export class Ledger {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  // Of the process whose name has this.
  async sharesOf(name: string): Promise<Set<string>> {
    const rows = await this.#ask(`select name, owner from leases where name like 'rules/%'`)
    return new Set(rows.filter(({ owner }) => String(owner).includes(name)).map(each => String(each['name'])))
  }

  // Those that have something to read: what they save moves on within two seconds.
  async busy(): Promise<Set<string>> {
    const before = await this.#places()
    await sleep(2_000)
    const now = [...(await this.#places())]
    return new Set(now.filter(([key, next]) => next > (before.get(key) ?? next)).map(([key]) => shareOf(key)))
  }

  // Resolves when each of these shares has read on from where it was: with how long the first and the last of them
  // took.
  async readsOn(of: ReadonlySet<string>): Promise<Readonly<{ firstMs: number; lastMs: number }>> {
    const sinceMs = performance.now()
    const before = await this.#places()
    const took = new Map<string, number>()
    while (took.size < of.size && performance.now() - sinceMs < 30_000) {
      await sleep(100)
      for (const [key, next] of await this.#places()) {
        const share = shareOf(key)
        if (of.has(share) && next > (before.get(key) ?? 0) && !took.has(share))
          took.set(share, Math.round(performance.now() - sinceMs))
      }
    }
    const all = [...took.values()]
    if (took.size < of.size) throw new Error(`only ${took.size} of ${of.size} shares read on`)
    return { firstMs: Math.min(...all), lastMs: Math.max(...all) }
  }

  // What was saved of a place after more had been: nothing, if nobody writes after his successor.
  watch(): Readonly<{ stop(): Promise<readonly string[]> }> {
    const back: string[] = []
    let isOn = true
    const run = async (): Promise<void> => {
      let before = new Map<string, number>()
      while (isOn) {
        const now = await this.#places()
        for (const [key, next] of now) {
          if (next < (before.get(key) ?? 0)) back.push(`${key}: ${before.get(key)} to ${next}`)
        }
        before = now
        await sleep(50)
      }
    }
    const running = run()
    return {
      async stop() {
        isOn = false
        await running
        return back
      },
    }
  }

  async #places(): Promise<Map<string, number>> {
    const rows = await this.#ask('select part, partition, next from rule_places')
    return new Map(rows.map(({ part, partition, next }) => [`${part} ${partition}`, Number(next)]))
  }

  async #ask(text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.#url })
    await client.connect()
    return client
      .query(text)
      .then(({ rows }) => rows)
      .finally(() => client.end())
  }
}

const shareOf = (key: string): string => key.split(' ')[0]!
