// Which mounts are worth asking how full they are? Read from mountinfo; called by index.ts. Each file system is
// told once, however often it is mounted, and a container that has nothing but an overlay still has its /.
import { demand, type Machine, type MachinePath } from '../../machine.ts'

export type Mount = Readonly<{
  // Which file system: major and minor number.
  id: string
  // What of it is mounted here; `/` is all of it.
  part: string
  path: string
  device: string
  label: string
  fstype: string
  mode: 'ro' | 'rw'
  options: readonly string[]
}>

export type Choice = Readonly<{
  mountPoints: readonly string[] | undefined
  ignoreTypes: readonly string[]
  ignoreOptions: readonly string[]
  bindMounts: boolean
}>

// Telegraf's own list.
const notDisks = ['tmpfs', 'devtmpfs', 'devfs', 'iso9660', 'overlay', 'aufs', 'squashfs']
// Elsewhere; asking may hang for as long as the other side is away.
const remote = [
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'smbfs',
  'ncpfs',
  'ceph',
  'lustre',
  'afs',
  '9p',
  'gfs2',
  'ocfs2',
]
export const ignoredByDefault = [...notDisks, ...remote, 'fuse.*']

// The kernel's windows, which hold nothing; and autofs, where asking mounts.
const pseudo = new Set(
  `autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts efivarfs fusectl hugetlbfs mqueue nsfs proc
  pstore ramfs rootfs rpc_pipefs securityfs selinuxfs sysfs tracefs`.split(/\s+/),
)

const isOfType = ({ fstype }: Mount, types: readonly string[]): boolean =>
  types.some(type => (type.endsWith('*') ? fstype.startsWith(type.slice(0, -1)) : fstype === type))

export const mayHang = (mount: Mount): boolean => isOfType(mount, [...remote, 'fuse*'])

export function chooseMounts(mounts: readonly Mount[], choice: Choice): Mount[] {
  // Of two at one place the later hides the earlier.
  const seen = [...new Map(mounts.map(mount => [mount.path, mount])).values()]
  const { mountPoints, ignoreTypes, ignoreOptions, bindMounts } = choice
  if (mountPoints !== undefined) return seen.filter(mount => mountPoints.includes(mount.path))
  const disks = seen.filter(
    mount =>
      !pseudo.has(mount.fstype) &&
      !isOfType(mount, ignoreTypes) &&
      !mount.options.some(option => ignoreOptions.includes(option)),
  )
  const chosen = bindMounts ? disks : eachOnce(disks)
  const root = seen.find(({ path }) => path === '/')
  const hasRoot = root === undefined || disks.includes(root)
  return hasRoot ? chosen : [root, ...chosen]
}

// The whole rather than a part, the shorter path rather than the longer.
function eachOnce(mounts: readonly Mount[]): Mount[] {
  const best = new Map<string, Mount>()
  for (const mount of mounts) {
    const other = best.get(mount.id)
    if (other === undefined || rank(mount) < rank(other)) best.set(mount.id, mount)
  }
  return [...best.values()]
}

const rank = ({ part, path }: Mount): number => (part === '/' ? 0 : 10_000) + path.length

export function readMounts(machine: Machine): Mount[] {
  const file: MachinePath = `/proc/${machine.eyes}/mountinfo`
  const lines = demand(machine.read(file), file, 'a table of mounts').split('\n')
  return lines.map(line => mountOf(line, machine)).filter(mount => mount !== undefined)
}

// 36 35 98:0 /part /path rw,noatime master:1 - ext3 /dev/sda1 rw,errors=continue
function mountOf(line: string, machine: Machine): Mount | undefined {
  const [, id, part, path, options, fstype, device, superOptions] =
    /^\d+ \d+ (\d+:\d+) (\S+) (\/\S*) (\S+) (?:\S+ )*?- (\S+) (\S+)(?: (\S+))?$/.exec(line) ?? []
  if (id === undefined || part === undefined || path === undefined || fstype === undefined) return undefined
  const flags = (options ?? '').split(',')
  // A file system that was made read-only after an error says so only in the last column.
  const readOnly = flags.includes('ro') || (superOptions ?? '').split(',').includes('ro')
  return {
    id,
    part: unescaped(part),
    path: unescaped(path),
    ...deviceOf(unescaped(device ?? ''), machine),
    fstype,
    mode: readOnly ? 'ro' : 'rw',
    options: part === '/' ? flags : [...flags, 'bind'],
  }
}

// Spaces and the like are written \040.
const unescaped = (text: string): string =>
  text.replace(/\\([0-3][0-7]{2})/g, (_found, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )

// Logical volumes go by their number, as in diskio, and have their name as label.
function deviceOf(device: string, machine: Machine): { device: string; label: string } {
  const [, volume] = /^\/dev\/(mapper\/[^/]+)$/.exec(device) ?? []
  const target = volume === undefined ? undefined : machine.link(`/dev/${volume}`)
  const name = target === undefined ? device.replaceAll('/dev/', '') : (target.split('/').at(-1) ?? '')
  const label = /^dm-\d+$/.test(name) ? machine.read(`/sys/block/${name}/dm/name`)?.trim() : undefined
  return { device: name, label: label ?? '' }
}
