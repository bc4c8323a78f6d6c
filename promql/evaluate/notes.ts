// What an answer says beside its values: warnings (it may not be what was meant) and infos (the data or the expression
// look odd), each once, in Prometheus' words. Called by whoever in this folder notices something.

export class Notes {
  readonly warnings = new Set<string>()
  readonly infos = new Set<string>()

  warn(what: string): void {
    this.warnings.add(`PromQL warning: ${what}`)
  }

  inform(what: string): void {
    this.infos.add(`PromQL info: ${what}`)
  }

  quantile(q: number): void {
    if (q >= 0 && q <= 1) return
    const found = q === Number.POSITIVE_INFINITY ? '+Inf' : q === Number.NEGATIVE_INFINITY ? '-Inf' : q
    this.warn(`quantile value should be between 0 and 1, got ${found}`)
  }
}
