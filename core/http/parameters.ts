// What a caller may say once or several times in a query: for the schemas of routes that read it as Prometheus does.
// Called by the routes of the rooms that answer Prometheus' API.
import { z } from 'zod'

// Of one that is said twice the first counts; empty is as good as nothing.
export const text = (says: string) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform(said => [said].flat()[0] || undefined)
    .describe(says)

export const texts = (says: string) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform(said => [said ?? []].flat())
    .describe(says)
