// What is known of pools with advice, on every engine of the state: test/capacity/advice/book.test.ts for SQLite,
// test/live/room-books.test.ts for PostgreSQL.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLog } from '#core/log.ts'
import type { State } from '#core/state.ts'
import { openAdviceBook } from '../../capacity/advice/book.ts'
import { freshHive, step } from '../../capacity/advice/hive.ts'
import { judgedOf, type Kept } from '../../capacity/advice/judged.ts'
import { poolOf, startMs } from './advice/world.ts'

type Engine = Readonly<{ state: State; other: State; dispose(): Promise<void> }>

export function adviceBookContract(name: string, open: () => Promise<Engine>): void {
  describe(`the book of advice in ${name}`, () => {
    let engine: Engine
    let lines: string[]
    const book = (state = engine.state) =>
      openAdviceBook(state, openLog({ write: line => void lines.push(line) }))
    beforeEach(async () => {
      lines = []
      engine = await open()
    })
    afterEach(() => engine.dispose())

    const keptOf = (pool: string, processes: number): Kept => {
      const measured = { busySeconds: 200.5, processes }
      const stepped = step({ ...poolOf().advice, growAfterMs: 0 }, freshHive, measured, startMs)
      const said = judgedOf(poolOf(pool), stepped, measured, startMs)
      const placed = { places: [{ host: '张三', proxy: "O'Brien", count: 1 }], left: 0, why: null }
      return { hive: stepped.state, judged: { ...said, placed }, isTold: processes > 3 }
    }

    test('comes back as it was saved, in another process too, and the later wins', async () => {
      const first = new Map(['a', 'b', '泳池'].map(pool => [pool, keptOf(pool, 2)] as const))
      await engine.state.write(book().saving(first))
      expect(await book(engine.other).read()).toEqual(first)
      const later = new Map([['b', keptOf('b', 4)] as const])
      await engine.state.write(book().saving(later))
      expect(await book(engine.other).read()).toEqual(new Map([...first, ...later]))
    })

    test('forgets some, and keeps many', async () => {
      const many = new Map([...Array(300).keys()].map(at => [`p${at}`, keptOf(`p${at}`, at)] as const))
      await engine.state.write(book().saving(many))
      await engine.state.write(book().forgetting(['p7', 'p8', 'unknown']))
      const left = await book().read()
      expect(left.size).toBe(298)
      expect(left.get('p299')).toEqual(many.get('p299'))
      expect(left.has('p7')).toBe(false)
    })

    test('what cannot be read is told, and the rest is read', async () => {
      await engine.state.write(book().saving(new Map([['a', keptOf('a', 2)]])))
      for (const [pool, kept] of [
        ['b', '{"hive":'],
        ['c', '{"hive":{},"judged":{"pool":"other"},"isTold":true}'],
        ['d', 'null'],
      ] as const)
        await engine.state.write([engine.state.db.insertInto('capacity_advice').values({ pool, kept })])
      expect([...(await book().read()).keys()]).toEqual(['a'])
      expect(lines.join()).toContain('advice of pool b')
    })
  })
}
