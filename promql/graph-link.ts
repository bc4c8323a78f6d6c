// Where an expression can be looked at, as Prometheus writes it into alerts. Called by the rules and by the alerter.
import { escapeQuery } from './template/escape.ts'

export const graphLink = (externalUrl: string, expr: string): string =>
  `${externalUrl}/graph?g0.expr=${escapeQuery(expr)}&g0.tab=1`
