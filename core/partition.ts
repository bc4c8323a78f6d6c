// Which of the 64 partitions of plimsoll.samples is this host's? Kafka's own hash, so that other producers
// with the same key agree with us. Called once for each new series, and once a batch for its source.

// For life: another number would put a host's samples into two partitions.
export const partitions = 64

export const partitionOf = (key: string): number => (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions

// MurmurHash2, 32 bits, with the seed of Kafka's default partitioner.
export function murmur2(data: Uint8Array): number {
  const m = 0x5bd1e995
  let hash = 0x9747b28c ^ data.length
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const whole = data.length & ~3
  for (let at = 0; at < whole; at += 4) {
    let k = Math.imul(view.getInt32(at, true), m)
    k ^= k >>> 24
    hash = Math.imul(hash, m) ^ Math.imul(k, m)
  }
  const rest = data.length - whole
  if (rest >= 3) hash ^= (data[whole + 2] ?? 0) << 16
  if (rest >= 2) hash ^= (data[whole + 1] ?? 0) << 8
  if (rest >= 1) hash = Math.imul(hash ^ (data[whole] ?? 0), m)
  hash = Math.imul(hash ^ (hash >>> 13), m)
  return hash ^ (hash >>> 15)
}
