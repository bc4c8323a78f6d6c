// How loaded the machine is, how many processors it has, who is logged in and how long it runs.
import { cpus, loadavg, uptime } from 'node:os'
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { inputKind } from '../../input.ts'
import { demand, type Machine, type MachinePath } from '../../machine.ts'

export const system = inputKind({
  options: z.strictObject({}),
  open: (_options, { machine }) => ({
    gather(into) {
      const [load1, load5, load15] = loads(machine)
      into.add('system_load1', load1)
      into.add('system_load5', load5)
      into.add('system_load15', load15)
      into.add('system_n_cpus', machine.platform === 'linux' ? logicalCpus(machine) : cpus().length)
      into.add('system_n_physical_cpus', physicalCpus(machine))
      const users = usersLoggedIn(machine)
      into.add('system_n_users', users?.length)
      into.add('system_n_unique_users', users === undefined ? undefined : new Set(users).size)
      into.add('system_uptime', machine.platform === 'linux' ? uptimeSeconds(machine) : Math.floor(uptime()))
    },
  }),
})

function loads(machine: Machine): readonly (number | undefined)[] {
  if (machine.platform !== 'linux') return loadavg()
  const path: MachinePath = '/proc/loadavg'
  const found = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(machine.read(path) ?? '')
  return demand(found ?? undefined, path, 'three numbers like 0.12')
    .slice(1)
    .map(Number)
}

// A container with a view of its own (lxcfs) has its own lines here.
const logicalCpus = (machine: Machine): number | undefined =>
  machine.read('/proc/stat')?.match(/^cpu\d/gm)?.length

// Processors that share a core name the same list of siblings.
function physicalCpus(machine: Machine): number | undefined {
  const cores = new Set<string>()
  for (const name of machine.list('/sys/devices/system/cpu')) {
    if (!/^cpu\d+$/.test(name)) continue
    const siblings = machine.read(`/sys/devices/system/cpu/${name}/topology/thread_siblings_list`)
    if (siblings !== undefined) cores.add(siblings)
  }
  return cores.size === 0 ? undefined : cores.size
}

function uptimeSeconds(machine: Machine): number | undefined {
  const [, seconds] = /^(\d{1,12})\.\d+ /.exec(machine.read('/proc/uptime') ?? '') ?? []
  return seconds === undefined ? undefined : Number(seconds)
}

// utmp(5): records of 384 bytes, type at 0, name at 44. Systems without the file have given it up.
const record = { size: 384, name: 44, nameEnd: 76, loggedIn: 7 }

// Where this process may not read it, it is as if there were none: that lasts, and all else is there.
function utmp(machine: Machine): Buffer | undefined {
  try {
    return machine.bytes('/run/utmp')
  } catch (error) {
    if (error instanceof Failure && error.code === 'unreadable') return undefined
    throw error
  }
}

function usersLoggedIn(machine: Machine): string[] | undefined {
  const file = utmp(machine)
  if (file === undefined) return undefined
  const users: string[] = []
  for (let at = 0; at + record.size <= file.length; at += record.size) {
    if (file.readInt16LE(at) !== record.loggedIn) continue
    const name = file.toString('utf8', at + record.name, at + record.nameEnd)
    users.push(name.split('\0', 1)[0] ?? '')
  }
  return users
}
