// How full the mounted file systems are, in bytes and files, and whether they answer at all.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import { Failure } from '#core/errors.ts'
import { type Gathered, inputKind, type Named } from '../../input.ts'
import type { Space } from '../../machine.ts'
import { type Answer, openAsking } from './asking.ts'
import { chooseMounts, ignoredByDefault, type Mount, mayHang, readMounts } from './mounts.ts'

const options = z.strictObject({
  mount_points: z
    .array(text.startsWith('/', { error: 'a path that begins with /' }))
    .optional()
    .describe('Only these, of whatever type and however often mounted.'),
  ignore_fs: z
    .array(text)
    .default(ignoredByDefault)
    .describe('Types of file system that are left out; a `*` at the end is allowed.'),
  ignore_mount_opts: z
    .array(text)
    .default([])
    .describe('Mount options that leave a mount out; `bind` is a mount of a part.'),
  bind_mounts: z.boolean().default(false).describe('Every mount of a file system, not only one.'),
})

const patienceMaxMs = 1_000

export const disk = inputKind({
  options,
  platforms: ['linux'],
  open(chosen, { machine, clock, deadlineMs }) {
    const ask = openAsking(machine.space, clock, Math.min(patienceMaxMs, deadlineMs / 4))
    const choice = {
      mountPoints: chosen.mount_points,
      ignoreTypes: chosen.ignore_fs,
      ignoreOptions: chosen.ignore_mount_opts,
      bindMounts: chosen.bind_mounts,
    }
    return {
      async gather(into) {
        const silent: string[] = []
        for (const mount of chooseMounts(readMounts(machine), choice)) {
          const answer = await ask({ path: mount.path, mayHang: mayHang(mount) })
          if (!addAnswer(into, mount, answer)) silent.push(mount.path)
        }
        if (silent.length > 0) throw new Failure('unreadable', `${silent.join(', ')}: no answer to statfs`)
      },
    }
  },
})

// Not for us to see, or gone since the table was read.
const notOurs = new Set(['EACCES', 'EPERM', 'ENOENT'])

// False when the mount is in trouble.
function addAnswer(into: Gathered, mount: Mount, answer: Answer): boolean {
  const { device, fstype, mode, path, label } = mount
  const labels = { device, fstype, mode, path, label }
  if (answer.is === 'spared') return true
  if (answer.is === 'failed' && notOurs.has(answer.error.code ?? '')) return true
  if (answer.is !== 'space') {
    into.add('disk_responding', 0, labels)
    return false
  }
  // Without blocks it is no disk, but another window of the kernel.
  if (answer.space.blocks > 0) addSpace(into, answer.space, labels)
  return true
}

// What root alone may still use is neither free nor used, as for df.
function addSpace(into: Gathered, space: Space, labels: Named): void {
  const { bsize, blocks, bfree, bavail, files, ffree } = space
  const used = (blocks - bfree) * bsize
  const free = bavail * bsize
  into.add('disk_responding', 1, labels)
  into.add('disk_total', blocks * bsize, labels)
  into.add('disk_used', used, labels)
  into.add('disk_free', free, labels)
  into.add('disk_used_percent', used + free > 0 ? (100 * used) / (used + free) : 0, labels)
  // File systems like btrfs make them as needed.
  if (files === 0) return
  into.add('disk_inodes_total', files, labels)
  into.add('disk_inodes_used', files - ffree, labels)
  into.add('disk_inodes_free', ffree, labels)
  into.add('disk_inodes_used_percent', (100 * (files - ffree)) / files, labels)
}
