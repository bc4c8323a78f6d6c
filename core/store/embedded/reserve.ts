// Samples stop a little before the disk is full, so that there is room for what tells people: alerts, silences, and who
// was told what lie on the same disk. Called by whoever is about to write more than it frees: worker.ts, merge.ts.
import { statfsSync } from 'node:fs'
import { Failure } from '../../errors.ts'
import { sizeText } from '../../size.ts'

// Of a small disk, a twentieth.
const mebibyte = 2 ** 20
const reserveBytes = 64 * mebibyte
const share = 20

// Whether so many bytes more leave the reserve alone.
export function hasRoom(folder: string, bytes: number): boolean {
  const { free, reserve } = spaceOf(statfsSync(folder))
  return free - bytes >= reserve
}

export function refuseReserve(folder: string, bytes = 0): void {
  const { free, reserve } = spaceOf(statfsSync(folder))
  if (free - bytes >= reserve) return
  const kept = sizeText(Math.ceil(reserve / mebibyte) * mebibyte)
  throw new Failure('store_nearly_full', `${folder}: the last ${kept} of the disk are kept for alerts`)
}

// What there is comes in fragments, which some file systems have smaller than their blocks. Node before 24.16 does not
// tell their size, whatever its types say.
type Fragments = Readonly<{ bavail: number; blocks: number; bsize: number; frsize?: number }>

export function spaceOf({ bavail, blocks, bsize, frsize = bsize }: Fragments): Space {
  return { free: bavail * frsize, reserve: Math.min(reserveBytes, (blocks * frsize) / share) }
}

type Space = Readonly<{ free: number; reserve: number }>
