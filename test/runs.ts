// How often a property is tried: a few times in `npm test`, as often as PLIMSOLL_RUNS says where there is time for it.
// Called by the property tests that take longest.
const factor = Number(process.env['PLIMSOLL_RUNS'] ?? 1)

export const runs = (usual: number): number => Math.max(1, Math.round(usual * factor))
