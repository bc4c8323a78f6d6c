// Held against what Telegraf writes: the same measurements, fields and types, for every name of the vocabulary.
import { expect, test } from 'vitest'
import { nameOf } from '#core/line-protocol/names.ts'
import { decodePoints } from '#core/line-protocol/points.ts'
import { metricField } from '#core/metric-fields.ts'
import { inputMetrics } from '#core/metrics-inputs.ts'

// Of Telegraf 1.36.4 with everything switched on that these inputs have, as its Kafka and InfluxDB outputs write it:
// unsigned integers as signed ones.
const telegraf = `
cpu,cpu=cpu-total time_active=13221.94,time_guest=0,time_guest_nice=0,time_idle=11251.67,time_iowait=92.86,time_irq=0,time_nice=1145.43,time_softirq=46.56,time_steal=280.09,time_system=2774.92,time_user=8882.08
cpu,cpu=cpu-total usage_active=1.9801980200213074,usage_guest=0,usage_guest_nice=0,usage_idle=98.0198019799787,usage_iowait=0,usage_irq=0,usage_nice=0,usage_softirq=0.9900990098994995,usage_steal=0,usage_system=0,usage_user=0.9900990099206047
mem active=1i,available=1i,available_percent=80.5,buffered=1i,cached=1i,commit_limit=1i,committed_as=1i,dirty=1i,free=1i,high_free=0i,high_total=0i,huge_page_size=1i,huge_pages_free=0i,huge_pages_total=0i,inactive=1i,low_free=0i,low_total=0i,mapped=1i,page_tables=1i,shared=1i,slab=1i,sreclaimable=1i,sunreclaim=1i,swap_cached=0i,swap_free=0i,swap_total=0i,total=1i,used=1i,used_percent=19.5,vmalloc_chunk=0i,vmalloc_total=1i,vmalloc_used=1i,write_back=0i,write_back_tmp=0i
swap free=0i,total=0i,used=0i,used_percent=0
swap in=0i,out=0i
disk,device=devtmpfs,fstype=devtmpfs,mode=rw,path=/dev free=12627623936i,inodes_free=3082802i,inodes_total=3082916i,inodes_used=114i,inodes_used_percent=0.0036977977992264464,total=12627623936i,used=0i,used_percent=0
diskio,name=vda io_await=0.5,io_svctm=0.25,io_time=229072i,io_util=1.5,iops_in_progress=0i,merged_reads=46679i,merged_writes=599243i,read_bytes=5676446720i,read_time=69325i,reads=203384i,weighted_io_time=631387i,write_bytes=74755850240i,write_time=446268i,writes=1105595i
net,interface=eth0 bytes_recv=3341455432i,bytes_sent=10044163i,drop_in=0i,drop_out=0i,err_in=0i,err_out=0i,packets_recv=130763i,packets_sent=93682i,speed=-1i
system load1=0.02,load15=0.43,load5=0.05,n_cpus=2i,n_physical_cpus=2i,n_unique_users=1i,n_users=1i
system uptime=12235i
processes blocked=0i,dead=0i,idle=36i,paging=0i,parked=0i,running=0i,sleeping=53i,stopped=0i,total=89i,total_threads=133i,unknown=0i,zombies=0i
`

// Those that Telegraf lacks.
const ours = ['disk_responding', 'processes_pid_max']

test('every name of the vocabulary stands under the measurement, field and type that Telegraf writes', () => {
  const { points, errors } = decodePoints(Buffer.from(telegraf))
  expect(errors).toEqual([])
  const wanted = points.flatMap(({ measurement, fields }) =>
    fields.map(([field, value]) => {
      const isWhole = 'int' in value
      return [nameOf(measurement, field), { measurement, field, isWhole }] as const
    }),
  )

  const names = Object.keys(inputMetrics).filter(name => !ours.includes(name))
  expect(Object.fromEntries(names.map(name => [name, metricField(name)]))).toEqual(Object.fromEntries(wanted))
})

test('what Telegraf lacks stands beside its kin', () => {
  expect(ours.map(metricField)).toEqual([
    { measurement: 'disk', field: 'responding', isWhole: true },
    { measurement: 'processes', field: 'pid_max', isWhole: true },
  ])
})

test('measurement and field make the name again', () => {
  for (const name of [...Object.keys(inputMetrics), 'up', 'prometheus', 'a_b_value']) {
    const { measurement, field } = metricField(name)
    expect(nameOf(measurement, field), name).toBe(name)
  }
})

test('any other name is its own measurement, and a float', () => {
  for (const name of ['up', 'cpu', 'cpu_usage', 'cpu_usage_idle_x', 'http_requests_total', 'toString', '']) {
    expect(metricField(name), name).toEqual({ measurement: name, field: 'value', isWhole: false })
  }
})
