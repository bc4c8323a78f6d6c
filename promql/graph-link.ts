// Where an expression can be looked at, as Prometheus writes it into alerts. Called by the rules and by the alerter.
import { escapeQuery } from './template/escape.ts'

export function graphLink(externalUrl: string, expr: string): string {
  if (last.externalUrl !== externalUrl || last.expr !== expr)
    last = { externalUrl, expr, link: linkOf(externalUrl, expr) }
  return last.link
}

// Of a storm all alerts are of one rule, or of few.
let last = { externalUrl: '', expr: '', link: linkOf('', '') }

function linkOf(externalUrl: string, expr: string): string {
  return `${externalUrl}/graph?g0.expr=${escapeQuery(expr)}&g0.tab=1`
}
