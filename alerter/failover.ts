// Several ways to tell somebody, of which the next is taken when one fails: an integration whose channel is `failover`.
// Made by channel-config.ts, followed by delivery.
import type { Integration } from './route.ts'

export type Failover = Readonly<{
  // Each is a way by itself; none is a failover again.
  order: readonly Integration[]
  // How long one may take before the next is tried.
  withinMs: number
  // How long the receipt of an urgent message may take before the next is tried; null: none is waited for.
  receiptMs: number | null
}>

export const failover = 'failover'

export const failoverOf = ({ channel, settings }: Integration): Failover | undefined =>
  channel === failover ? (settings as Failover) : undefined
