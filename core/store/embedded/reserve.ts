// Samples stop a little before the disk is full, so that there is room for what tells people: alerts, silences, and who
// was told what lie on the same disk. Called by worker.ts before each append.
import { statfsSync } from 'node:fs'
import { Failure } from '../../errors.ts'
import { sizeText } from '../../size.ts'

// Of a small disk, a twentieth.
const mebibyte = 2 ** 20
const reserveBytes = 64 * mebibyte
const share = 20

export function refuseReserve(folder: string): void {
  const { bavail, blocks, bsize } = statfsSync(folder)
  const kept = Math.min(reserveBytes, (blocks * bsize) / share)
  if (bavail * bsize >= kept) return
  const size = sizeText(Math.ceil(kept / mebibyte) * mebibyte)
  throw new Failure('store_full', `${folder}: the last ${size} of the disk are kept for alerts`)
}
