// Which mounts are told, and what happens when one of them hangs.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openAsking } from '../../../collector/inputs/disk/asking.ts'
import { disk } from '../../../collector/inputs/disk/index.ts'
import {
  type Choice,
  chooseMounts,
  ignoredByDefault,
  readMounts,
} from '../../../collector/inputs/disk/mounts.ts'
import type { Space } from '../../../collector/machine.ts'
import { machineOf } from '../captured.ts'
import { linesOf, openReader } from '../gathering.ts'

const space: Space = { bsize: 1, blocks: 100, bfree: 50, bavail: 50, files: 0, ffree: 0 }
const table = (...lines: string[]) => ({ '/proc/self/mountinfo': `${lines.join('\n')}\n` })
const byDefault: Choice = {
  mountPoints: undefined,
  ignoreTypes: ignoredByDefault,
  ignoreOptions: [],
  bindMounts: false,
}

test('each file system is told once: the whole of it, at the shortest path', () => {
  const t = (choice: Partial<Choice>, expected: string[], ...lines: string[]) => {
    const chosen = chooseMounts(readMounts(machineOf(table(...lines))), { ...byDefault, ...choice })
    expect(
      chosen.map(({ path }) => path),
      lines.join('\n'),
    ).toEqual(expected)
  }
  const root = '1 0 8:1 / / rw - ext4 /dev/sda1 rw'
  const whole = '2 1 8:2 / /srv/long/path rw - xfs /dev/sdb rw'
  const part = '3 1 8:2 /part /p rw - xfs /dev/sdb rw'

  t({}, ['/', '/srv/long/path'], root, whole, part)
  t({}, ['/', '/srv/long/path'], root, part, whole)
  t({}, ['/', '/p'], root, part)
  t({ bindMounts: true }, ['/', '/srv/long/path', '/p'], root, whole, part)
  t({ ignoreOptions: ['bind'], bindMounts: true }, ['/', '/srv/long/path'], root, whole, part)
  // What is mounted over something hides it.
  t({}, ['/'], root, whole, '4 1 0:9 / /srv/long/path rw - tmpfs none rw')
  // Any file system at / is better than none; elsewhere, types are kept out.
  t({}, ['/'], '1 0 0:1 / / rw - overlay overlay rw', '2 1 0:2 / /run rw - tmpfs none rw')
  t({}, ['/', '/d'], '1 0 0:1 / / rw - 9p none rw', '2 1 8:2 / /d rw - xfs /dev/sdb rw')
  t({}, ['/'], root, '2 1 0:5 / /n rw - nfs4 a:/ rw', '3 1 0:6 / /s rw - fuse.sshfs a: rw')
  t(
    { ignoreTypes: [] },
    ['/', '/n', '/t'],
    root,
    '2 1 0:5 / /n rw - nfs4 a:/ rw',
    '3 1 0:6 / /t rw - tmpfs t rw',
  )
  // Asking these would mount them, or tell nothing.
  t({ ignoreTypes: [] }, ['/'], root, '2 1 0:5 / /n rw - autofs a rw', '3 1 0:6 / /p rw - proc proc rw')
  // Who names a mount wants it.
  t({ mountPoints: ['/n', '/x'] }, ['/n'], root, '2 1 0:5 / /n rw - nfs4 a:/ rw')
  t({}, [], 'nonsense', '1 0 8:1 / / rw ext4 /dev/sda1 rw')
})

test('reads what the kernel escapes, and sees a disk that was made read-only after an error', () => {
  const t = (line: string, expected: object) =>
    expect(readMounts(machineOf(table(line))), line).toMatchObject([expected])

  t('1 0 8:1 / /a\\040b\\134c rw - ext4 /dev/sda1 rw', { path: '/a b\\c', device: 'sda1', mode: 'rw' })
  t('1 0 8:1 / / rw,noatime - ext4 /dev/sda1 ro,errors=remount-ro', { mode: 'ro' })
  t('1 0 8:1 / / ro,noatime - ext4 /dev/sda1 rw', { mode: 'ro' })
  t('1 0 8:1 / / rw shared:1 master:2 propagate_from:3 - ext4 /dev/sda1 rw', { fstype: 'ext4' })
  t('1 0 0:9 / / rw - tmpfs - rw', { device: '-' })
  t('1 0 8:1 /x / rw - ext4 /dev/sda1 rw', { options: ['rw', 'bind'] })
})

test('a mount that hangs is not asked again until it answers', async () => {
  const clock = new SimulatedClock(0)
  const asked: string[] = []
  let answer = (_space: Space): void => {}
  const ask = openAsking(
    path => {
      asked.push(path)
      return new Promise(resolve => {
        answer = resolve
      })
    },
    clock,
    1_000,
  )
  const mount = { path: '/mnt', mayHang: true }
  const first = ask(mount)
  await clock.runFor(1_000)
  expect(await first).toEqual({ is: 'hanging' })
  expect(await ask(mount)).toEqual({ is: 'hanging' })
  expect(asked).toEqual(['/mnt'])

  answer(space)
  await clock.runFor(0)
  const again = ask(mount)
  answer(space)
  expect(await again).toEqual({ is: 'space', space })
  expect(asked).toEqual(['/mnt', '/mnt'])
})

test('two threads may hang on network mounts and three in all; then the others are spared', async () => {
  const clock = new SimulatedClock(0)
  let asked = 0
  const ask = openAsking(
    () => {
      asked += 1
      return new Promise(() => {})
    },
    clock,
    1_000,
  )
  const t = async (path: string, mayHang: boolean, is: string) => {
    const answer = ask({ path, mayHang })
    await clock.runFor(1_000)
    expect(await answer, path).toEqual({ is })
  }
  await t('/n1', true, 'hanging')
  await t('/n2', true, 'hanging')
  await t('/n3', true, 'spared')
  await t('/d1', false, 'hanging')
  await t('/d2', false, 'spared')
  await t('/n1', true, 'hanging')
  expect(asked).toBe(3)
})

test('a mount that hangs is told as not responding, and the others all the same', async () => {
  const files = table('1 0 8:1 / / rw - ext4 /dev/sda1 rw', '2 1 0:5 / /n rw - nfs4 a:/ rw')
  const machine = machineOf(files, {
    space: path => (path === '/n' ? new Promise(() => {}) : Promise.resolve(space)),
  })
  const { found, error } = await openReader(disk, machine, { ignore_fs: [] }).tryToRead(1_000)
  expect(error).toMatchObject({ message: 'unreadable: /n: no answer to statfs' })
  expect(linesOf(found)).toEqual([
    'disk_free{device="sda1",fstype="ext4",mode="rw",path="/"} 50',
    'disk_responding{device="a:/",fstype="nfs4",mode="rw",path="/n"} 0',
    'disk_responding{device="sda1",fstype="ext4",mode="rw",path="/"} 1',
    'disk_total{device="sda1",fstype="ext4",mode="rw",path="/"} 100',
    'disk_used_percent{device="sda1",fstype="ext4",mode="rw",path="/"} 50',
    'disk_used{device="sda1",fstype="ext4",mode="rw",path="/"} 50',
  ])
})

test('a stale handle is a mount in trouble; one that we may not see is none', async () => {
  const machine = machineOf(table('1 0 8:1 / / rw - ext4 /dev/sda1 rw'), {
    space: () => Promise.reject(Object.assign(new Error('stale'), { code: 'ESTALE' })),
  })
  const { found, error } = await openReader(disk, machine).tryToRead(0)
  expect(error).toMatchObject({ message: 'unreadable: /: no answer to statfs' })
  expect(linesOf(found)).toEqual(['disk_responding{device="sda1",fstype="ext4",mode="rw",path="/"} 0'])
  const closed = machineOf(table('1 0 8:1 / / rw - ext4 /dev/sda1 rw'), {
    space: () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })),
  })
  expect(linesOf(await openReader(disk, closed).read())).toEqual([])
})
