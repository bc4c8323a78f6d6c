// How long until it is tried again: twice as long each time, up to a minute, and never all at the same moment. Called
// by delivery for messages that could not be sent and for facts that could not be written.

const firstMs = 1_000
const mostMs = 60_000

export const backoffMs = (tries: number, random: () => number): number =>
  Math.min(mostMs, Math.round(firstMs * 2 ** Math.min(tries, 20) * (1 + random() / 2)))
