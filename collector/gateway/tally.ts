// What became of the samples of one request: how many were taken, how many refused, and why the first one was.
// Filled by the decoders, read by intake.ts, which counts and answers.

// Each is a value of the label `reason` of plimsoll_gateway_rejected_total.
export const reasons = {
  malformed: 'it is not written as the format wants it',
  no_name: 'the series has no name',
  bad_labels: 'labels are doubled, or not text that can be stored',
  too_many_labels: 'the series has more labels, or longer ones, than `limits.tags` and `limits.line` allow',
  series_limit:
    'the sender has brought as many new series within a day as `limits.series_per_source` allows, or there are as many as `limits.series` allows',
  bad_time: 'the time is not one that can be meant, or older than `store.keep`',
  native_histogram: 'native and exponential histograms are not stored',
  no_value: 'the point has no value',
  temporality: 'a sum of changes that may be negative, or of no stated temporality',
  repeated: 'changes up to this time have been added already',
} as const

export type Reason = keyof typeof reasons

// What a sender of lines is told of `series_limit`.
export const noNewSeries =
  'the sender has brought as many new series within a day as it may, or there is room for no more'

export class Tally {
  taken = 0
  refused = 0
  // Where and what, of the first that was refused, or else left out.
  first = ''
  // Takes back what decoding has remembered, when the samples could not be stored and will be sent again.
  takeBack: () => void = () => {}
  readonly byReason = new Map<Reason, number>()

  refuse(reason: Reason, count: number, detail: () => string): void {
    if (count === 0) return
    if (this.refused === 0) this.first = detail()
    this.refused += count
    this.#count(reason, count)
  }

  // What is no sample of the sender's own: counted and told, but not as one that was refused.
  leaveOut(reason: Reason, count: number, detail: () => string): void {
    if (count === 0) return
    if (this.first === '') this.first = detail()
    this.#count(reason, count)
  }

  #count(reason: Reason, count: number): void {
    this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + count)
  }
}
