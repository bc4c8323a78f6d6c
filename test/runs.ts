// How often a property is tried: a few times in `npm test`, as often as PLIMSOLL_RUNS says where there is time for it:
// vitest.config.ts tries each file that calls this once more, as `long`.
const factor = Number(process.env['PLIMSOLL_RUNS'] ?? 1)

export const runs = (usual: number): number => Math.max(1, Math.round(usual * factor))
