// Whether the parts of a process work.
import { expect, test } from 'vitest'
import { openLog } from '#core/log.ts'
import { checksOf } from '../../bin/checks.ts'

const log = openLog({ write: () => {} })

test('however many ask while a part is looked at, it is looked at once, and again for who comes later', async () => {
  const looks: PromiseWithResolvers<{ writable: true } | { writable: false; reason: string }>[] = []
  const health = () => {
    looks.push(Promise.withResolvers())
    return looks.at(-1)!.promise
  }
  const { state } = checksOf({ state: { health } }, log)
  const asked = Array.from({ length: 100 }, () => state!())
  expect(looks).toHaveLength(1)
  looks[0]!.resolve({ writable: false, reason: 'a server is away' })
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['takes no writes; the log says why']))

  const later = state!()
  looks[1]!.resolve({ writable: true })
  expect(await later).toBeUndefined()
})
