// 1 and 0 in turns, so that something comes out of the rules each time: see core/canary.ts.
import { z } from 'zod'
import { canarySeries } from '#core/canary.ts'
import { inputKind } from '../../input.ts'

export const canary = inputKind({
  options: z.strictObject({}),
  open: () => {
    let value = 0
    return {
      gather(into) {
        value = 1 - value
        into.pass({ series: canarySeries, tMs: into.tMs, value })
      },
    }
  },
})
