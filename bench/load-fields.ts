// The fields of the lines that paced-loader.ts sends, for rules that look at them. Called by alert-latency.ts.
export const fields = 'user system idle nice iowait irq softirq steal guest guest_nice'.split(' ')
