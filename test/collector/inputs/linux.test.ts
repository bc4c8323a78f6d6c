// What the captured samples do not show: counters that go back, files that lack something, options.
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { cpu } from '../../../collector/inputs/cpu/index.ts'
import { diskio } from '../../../collector/inputs/diskio/index.ts'
import { mem } from '../../../collector/inputs/mem/index.ts'
import { net } from '../../../collector/inputs/net/index.ts'
import { processes, readStat } from '../../../collector/inputs/processes/index.ts'
import { pageSize, swap } from '../../../collector/inputs/swap/index.ts'
import { system } from '../../../collector/inputs/system/index.ts'
import { machineOf } from '../captured.ts'
import { linesOf, openReader } from '../gathering.ts'

test('cpu: counts guests once, and leaves out what went back or stood still', async () => {
  const files = { '/proc/stat': '' }
  const reader = openReader(cpu, machineOf(files), { percpu: true, totalcpu: false })
  const t = async (line: string, expected: string[]) => {
    files['/proc/stat'] = `${line}\n`
    const lines = linesOf(await reader.read())
    expect(
      lines.filter(each => !each.endsWith(' 0')),
      line,
    ).toEqual(expected)
  }
  await t('cpu0 100 0 0 100 0 0 0 0 0 0', [])
  await t('cpu0 150 0 0 150 0 0 0 0 20 0', [
    'cpu_usage_guest{cpu="cpu0"} 20',
    'cpu_usage_idle{cpu="cpu0"} 50',
    'cpu_usage_user{cpu="cpu0"} 30',
  ])
  // Nothing passed; then switched off and on.
  await t('cpu0 150 0 0 150 0 0 0 0 20 0', [])
  await t('cpu0 10 0 0 10 0 0 0 0 0 0', [])
  await t('cpu0 20 0 0 10 0 0 0 0 0 0', ['cpu_usage_user{cpu="cpu0"} 100'])
  // iowait was corrected downwards.
  await t('cpu0 30 0 0 20 5 0 0 0 0 0', [
    'cpu_usage_idle{cpu="cpu0"} 40',
    'cpu_usage_iowait{cpu="cpu0"} 20',
    'cpu_usage_user{cpu="cpu0"} 40',
  ])
  await t('cpu0 40 0 0 30 4 0 0 0 0 0', [])
  // A kernel of long ago knows four columns; a processor that is new has no share yet.
  await t('cpu0 50 0 0 40\ncpu1 5 0 0 5', [])
})

test('cpu: shares of a processor add up to 100, the counters are seconds', async () => {
  const files = { '/proc/stat': 'cpu 100 20 30 400 50 6 7 8 9 1\n' }
  const reader = openReader(cpu, machineOf(files), { collect_cpu_time: true, report_active: true })
  const first = linesOf(await reader.read())
  expect(first).toContain('cpu_time_user{cpu="cpu-total"} 1')
  expect(first).toContain('cpu_time_active{cpu="cpu-total"} 2.21')
  files['/proc/stat'] = 'cpu 190 40 60 800 100 12 14 16 18 2\n'
  const shares = (await reader.read()).filter(({ name }) => /^cpu_usage_(?!active)/.test(name))
  expect(shares).toHaveLength(10)
  expect(shares.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(100, 9)
})

test('every input says which file lacks what', async () => {
  const t = async (kind: typeof cpu, said: string) =>
    await expect(openReader(kind, machineOf({})).read(), said).rejects.toThrow(`unreadable: ${said}`)

  await t(cpu, '/proc/stat: wanted lines that begin with cpu, found none')
  await t(mem, '/proc/meminfo: wanted lines like `MemTotal: 1024 kB`, found none')
  await t(swap, '/proc/meminfo: wanted')
  await t(diskio, '/proc/diskstats: wanted a table of devices, found none')
  await t(net, '/proc/self/net/dev: wanted a table of interfaces, found none')
  await t(system, '/proc/loadavg: wanted three numbers like 0.12, found none')
  await t(processes, '/proc/: wanted processes, found none')
})

test('processes: the name of a program may hold anything', () => {
  const tail = ' 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 12 0 10 51023872'
  const t = (text: string | undefined, expected: object | undefined) =>
    expect(readStat(text), text).toEqual(expected)

  t(`7 (bash) S${tail}`, { state: 'S', threads: 12 })
  t(`7 (a b) R (c) D${tail}`, { state: 'D', threads: 12 })
  t(`7 (new\nline) Z${tail}`, { state: 'Z', threads: 12 })
  t(`7 () R${tail}`, { state: 'R', threads: 12 })
  t('7 (bash) S 1 1', undefined)
  t('7 (bash', undefined)
  t('', undefined)
  t(undefined, undefined)
})

test('processes: many are counted, and others get a turn in between', async () => {
  const numbers = Array.from({ length: 1_000 }, (_, at) => String(at + 1))
  const stat = '1 (x) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 2 0 10 51023872'
  const machine = machineOf({}, { list: () => [...numbers, 'self', 'cpuinfo'], read: () => stat })
  let turns = 0
  const turn = (): void => {
    turns += 1
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  const lines = linesOf(await openReader(processes, machine).read())
  clearImmediate(next)
  expect(lines).toContain('processes_sleeping 1000')
  expect(lines).toContain('processes_total_threads 2000')
  expect(turns).toBeGreaterThanOrEqual(5)
})

test('swap: counts pages in the size of this machine', () => {
  const pair = (type: number, value: number): Buffer => {
    const both = Buffer.alloc(16)
    both.writeBigUInt64LE(BigInt(type), 0)
    both.writeBigUInt64LE(BigInt(value), 8)
    return both
  }
  const t = (vector: Buffer, expected: number) =>
    expect(pageSize(machineOf({ '/proc/self/auxv': vector.toString('latin1') }))).toBe(expected)

  t(Buffer.concat([pair(33, 1), pair(6, 65_536), pair(0, 0)]), 65_536)
  t(Buffer.concat([pair(33, 1), pair(0, 0)]), 4_096)
  t(Buffer.concat([pair(6, 3)]), 4_096)
  t(Buffer.from('short'), 4_096)
  expect(pageSize(machineOf({}))).toBe(4_096)
})

const dev = (...lines: string[]) => `Inter-|   Receive\n face |bytes\n${lines.join('\n')}\n`

test('net: interfaces that are up, or those that are named', async () => {
  const sixteen = (from: number) => Array.from({ length: 16 }, (_, at) => from + at).join(' ')
  const files = {
    '/proc/self/net/dev': dev(
      `  lo: ${sixteen(0)}`,
      `eth0:${sixteen(100)}`,
      ` eth0.7: ${sixteen(200)}`,
      'bad: 1 2 3',
    ),
    '/sys/class/net/lo/flags': '0x9\n',
    '/sys/class/net/eth0/flags': '0x1003\n',
    '/sys/class/net/eth0/speed': '-1\n',
    '/sys/class/net/eth0.7/flags': '0x1002\n',
    '/sys/class/net/eth0.7/speed': '1000\n',
  }
  const t = async (options: object, expected: string[]) => {
    const found = await openReader(net, machineOf(files), options).read()
    const lines = linesOf(found).filter(line => /bytes_recv|drop_out|speed/.test(line))
    expect(lines, JSON.stringify(options)).toEqual(expected)
  }
  const eth0 = ['net_bytes_recv{interface="eth0"} 100', 'net_drop_out{interface="eth0"} 111']
  await t({}, eth0)
  await t({ interfaces: ['eth*'] }, [
    'net_bytes_recv{interface="eth0"} 100',
    'net_bytes_recv{interface="eth0.7"} 200',
    'net_drop_out{interface="eth0"} 111',
    'net_drop_out{interface="eth0.7"} 211',
    'net_speed{interface="eth0.7"} 1000',
  ])
  await t({ interfaces: ['eth??'] }, [])
  await t({ interfaces: ['eth[0-3]'] }, eth0)
  await t({ interfaces: [] }, [])
})

test('net: the speed is looked up once a minute', async () => {
  const files: Record<string, string> = {
    '/proc/self/net/dev': dev(`eth0: ${'1 '.repeat(16)}`),
    '/sys/class/net/eth0/flags': '0x1003',
    '/sys/class/net/eth0/speed': '1000',
  }
  const reader = openReader(net, machineOf(files))
  const speed = async () => (await reader.read()).find(({ name }) => name === 'net_speed')?.value
  expect(await speed()).toBe(1_000)
  files['/sys/class/net/eth0/speed'] = '10000'
  expect(await speed()).toBe(1_000)
  await reader.clock.runFor(50_000)
  expect(await speed()).toBe(10_000)
})

test('of another machine, mounts and interfaces are seen through its first process', async () => {
  const files = { '/proc/1/net/dev': dev(`eth0: ${'1 '.repeat(16)}`), '/sys/class/net/eth0/flags': '0x1003' }
  const found = await openReader(net, machineOf(files, { eyes: '1' })).read()
  expect(found).toHaveLength(8)
})

test('system: who may not read who is logged in is told all the rest', async () => {
  const files = { '/proc/loadavg': '0.10 0.20 0.30 1/2 3\n', '/proc/uptime': '77.12 5.00\n' }
  const machine = machineOf(files, {
    bytes(path) {
      throw new Failure('unreadable', `${path}: EACCES: permission denied`)
    },
  })
  const names = (await openReader(system, machine).read()).map(({ name }) => name)
  expect(names).toEqual(['system_load1', 'system_load5', 'system_load15', 'system_uptime'])
})

test('elsewhere than on Linux, cpu, mem and system tell what Node knows', async () => {
  const machine = machineOf({}, { platform: 'darwin' })
  const reader = openReader(cpu, machine)
  await reader.read()
  // Node's numbers move by themselves; the shares of whatever time passed add up.
  const total = (await reader.read()).filter(({ labels }) => labels['cpu'] === 'cpu-total')
  if (total.length > 0) expect(total.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(100, 6)
  const memory = await openReader(mem, machine).read()
  expect(memory.map(({ name }) => name)).toEqual([
    'mem_total',
    'mem_available',
    'mem_available_percent',
    'mem_used',
    'mem_used_percent',
  ])
  const names = (await openReader(system, machine).read()).map(({ name }) => name)
  expect(names).toEqual(['system_load1', 'system_load5', 'system_load15', 'system_n_cpus', 'system_uptime'])
})
