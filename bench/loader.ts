// Sends line protocol over HTTP as fast as it is taken, in a process of its own so that its processor time is not
// the server's. Values are random walks of two decimals, as the peers were measured with; each batch has new
// times. Started by ingest.ts; prints one line of JSON.
//   URL SHAPE(single|wide) HOSTS LINES INFLIGHT SECONDS [TOKEN]
import { Agent, request } from 'node:http'

const [url = '', shape = 'wide', hosts = '10000', lines = '1000', inFlight = '4', seconds = '10', token] =
  process.argv.slice(2)

const fields =
  shape === 'single'
    ? ['v']
    : 'user system idle nice iowait irq softirq steal guest guest_nice'
        .split(' ')
        .map(each => `usage_${each}`)

// Text with places for values (five bytes) and times (nineteen bytes), filled in anew for each batch.
type Template = Readonly<{
  text: Buffer
  values: Int32Array
  valuePlaces: Int32Array
  timePlaces: Int32Array
}>

function templateOf(from: number, count: number): Template {
  const [valuePlaces, timePlaces]: [number[], number[]] = [[], []]
  let text = ''
  for (let host = from; host < from + count; host++) {
    text += `cpu,host=host_${String(host).padStart(6, '0')},dc=dc${host % 5},rack=r${host % 97} `
    for (const [at, field] of fields.entries()) {
      text += `${at === 0 ? '' : ','}${field}=`
      valuePlaces.push(text.length)
      text += '00.00'
    }
    timePlaces.push(text.length + 1)
    text += ' 0000000000000000000\n'
  }
  return {
    text: Buffer.from(text, 'latin1'),
    values: Int32Array.from(valuePlaces, () => Math.random() * 10_000),
    valuePlaces: Int32Array.from(valuePlaces),
    timePlaces: Int32Array.from(timePlaces),
  }
}

const templates: Template[] = []
for (let from = 0; from < Number(hosts); from += Number(lines)) {
  templates.push(templateOf(from, Math.min(Number(lines), Number(hosts) - from)))
}

const startMs = Date.now() - 3_600_000 * 6
let turn = 0
let seed = 12_345

function nextBody(): { body: Buffer; count: number } {
  const { text, values, valuePlaces, timePlaces } = templates[turn % templates.length]!
  const step = Math.floor(turn++ / templates.length)
  const body = Buffer.from(text)
  for (let at = 0; at < values.length; at++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0
    const value = Math.min(9_999, Math.max(0, values[at]! + ((seed >> 16) % 50)))
    values[at] = value
    const place = valuePlaces[at]!
    body[place] = 48 + Math.floor(value / 1_000)
    body[place + 1] = 48 + (Math.floor(value / 100) % 10)
    body[place + 3] = 48 + (Math.floor(value / 10) % 10)
    body[place + 4] = 48 + (value % 10)
  }
  const time = Buffer.from(`${startMs + step * 100}000000`, 'latin1')
  for (const place of timePlaces) body.set(time, place)
  return { body, count: values.length }
}

const agent = new Agent({ keepAlive: true, maxSockets: Number(inFlight) })

function post(body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'text/plain',
      ...(token === undefined ? {} : { authorization: `Token ${token}` }),
    }
    const sent = request(url, { method: 'POST', agent, headers }, answer => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function load(
  untilMs: number,
): Promise<{ values: number; bytes: number; refused: number; tookMs: number[] }> {
  const sum = { values: 0, bytes: 0, refused: 0, tookMs: [] as number[] }
  const one = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const { body, count } = nextBody()
      const began = performance.now()
      const status = await post(body)
      sum.tookMs.push(performance.now() - began)
      if (status === 204) {
        sum.values += count
        sum.bytes += body.length
      } else sum.refused++
    }
  }
  await Promise.all(Array.from({ length: Number(inFlight) }, one))
  return sum
}

// Two seconds that make the series known and the code warm.
await load(performance.now() + 2_000)
process.stdout.write('warm\n')
const [began, before] = [performance.now(), process.cpuUsage()]
const { values, bytes, refused, tookMs } = await load(began + Number(seconds) * 1_000)
const took = (performance.now() - began) / 1_000
const { user, system } = process.cpuUsage(before)
tookMs.sort((a, b) => a - b)
const quantile = (q: number): number =>
  tookMs[Math.min(tookMs.length - 1, Math.floor(q * tookMs.length))] ?? 0
const result = {
  values,
  bytes,
  refused,
  seconds: took,
  loaderCpu: (user + system) / 1e6,
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
}
process.stdout.write(`${JSON.stringify(result)}\n`)
agent.destroy()
