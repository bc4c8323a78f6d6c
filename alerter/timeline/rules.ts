// By what the timeline decides: who is told of what, and what holds it back. A reload replaces all of it at once. Built
// from configuration and silences by the alerter, read by every stage.
import type { Labels } from '#core/model.ts'
import type { Inhibitor } from '../inhibition.ts'
import type { Receiver, Route } from '../route.ts'

export type TimelineRules = Readonly<{
  // Another object is another tree, and every group begins anew; a change of silences keeps the object.
  route: Route
  receivers: ReadonlyMap<string, Receiver>
  // Told of every alert as it is after merging, before anything is decided.
  inhibitor: Inhibitor
  // Ids of the silences that hold now.
  silencedBy(labels: Labels, nowMs: number): readonly string[]
  // A named time interval.
  isWithin(interval: string, atMs: number): boolean
}>
