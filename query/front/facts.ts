// Everything that the front page says, gathered before a word of it is written. Made by front-page.ts, read by
// view.ts and the files of its parts.
import type { Config } from '#core/config.ts'
import type { Language } from '#core/http/language.ts'
import type { Labels, Principal } from '#core/model.ts'
import type { EmbeddedStore } from '#core/store/embedded.ts'
import type { Machine } from './machine.ts'
import type { Others } from './others.ts'

// What the page needs of the configuration.
export type FrontConfig = Pick<
  Config,
  'listen' | 'externalUrl' | 'timezone' | 'language' | 'data' | 'auth' | 'agent'
>

// `sinceMs` is when it began to fire; `held` why nobody is told of it just now.
export type ShownAlert = Readonly<{
  fingerprint: string
  labels: Labels
  annotations: Labels
  sinceMs: number
  held?: 'silenced' | 'inhibited' | 'muted'
}>

// The worst of those that fire, how many there are, and the numbers of the incidents that people were told of, by
// fingerprint.
export type Firing = Readonly<{
  worst: readonly ShownAlert[]
  count: number
  incidents: ReadonlyMap<string, number>
}>

// That the front page leads to, where they are.
export const pages = ['/capacity', '/push', '/runbooks'] as const
export type Page = (typeof pages)[number]

export type Facts = Readonly<{
  nowMs: number
  startedMs: number
  version: string
  config: FrontConfig
  language: Language
  principal: Principal
  // Where the reader has reached this service.
  url: string
  series: number
  // Of an embedded store.
  size: Awaited<ReturnType<EmbeddedStore['size']>> | undefined
  machine: Machine
  others: Others
  // Where somebody knows of alerts.
  firing: Firing | undefined
  // Other pages of this process, by their paths.
  pages: readonly Page[]
  isHeld: boolean
  renewsEveryS: number
}>
