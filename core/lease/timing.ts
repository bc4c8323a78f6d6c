// How often an owner shows that it lives, and when others may conclude that it does not. Used by all of lease/.
//
// Two machines never compare clocks. The owner counts from before it sent its last renewal, the others from after
// they saw it, each on its own monotonic clock; so the owner stops a second before the first of them may begin, if
// no clock runs a sixth faster than another.
export const timing = {
  // Between two renewals, and between two looks at leases of others.
  beatMs: 2_000,
  silentMs: 6_000,
  // From the last renewal until the owner stops by itself.
  heldMaxMs: 5_000,
  // After a renewal or a look that failed.
  retryMs: 500,
  // How long stopping may take in all, and giving back of it: less than half of what core/run.ts allows everyone.
  stopMaxMs: 4_000,
  giveBackMs: 1_000,
} as const
