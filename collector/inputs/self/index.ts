// The service's own numbers, as at /metrics, into its own store: so that rules and dashboards see them too.
import { z } from 'zod'
import { inputKind } from '../../input.ts'

export const self = inputKind({
  options: z.strictObject({}),
  open: (_options, { own }) => ({
    gather(into) {
      for (const sample of own.samples(into.tMs)) into.pass(sample)
    },
  }),
})
