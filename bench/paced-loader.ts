// Sends line protocol at a steady rate, in a process of its own so that its work is not that of whoever measures: a
// hundred hosts of ten fields a body, spread evenly. Started by flow.ts; ends with its standard input, and
// prints then what came of it, as JSON.
//   URL SAMPLES-A-SECOND HOSTS
import { Agent, request } from 'node:http'
import { fields } from './load-fields.ts'

const [url = '', rate = '50000', hosts = '10000'] = process.argv.slice(2)

const linesEach = 100
const inFlightMax = 8

const agent = new Agent({ keepAlive: true, maxSockets: inFlightMax })
const sum = { values: 0, refused: 0, late: 0 }
let inFlight = 0
let turn = 0

function body(nowMs: number): string {
  const lines: string[] = []
  for (let each = 0; each < linesEach; each++) {
    const host = (turn * linesEach + each) % Number(hosts)
    const values = fields.map((field, at) => `${field}=${((host + turn + at * 7) % 7_000) / 100}`)
    lines.push(`load,host=host_${host},dc=dc${host % 5} ${values.join()} ${nowMs}`)
  }
  turn++
  return lines.join('\n')
}

function post(text: string): void {
  inFlight++
  const sent = request(url, { method: 'POST', agent, headers: { 'content-type': 'text/plain' } }, answer => {
    answer.resume()
    answer.on('end', () => {
      inFlight--
      if (answer.statusCode === 204) sum.values += linesEach * fields.length
      else sum.refused++
    })
  })
  sent.on('error', error => {
    throw error
  })
  sent.end(text)
}

const beganMs = performance.now()
const eachMs = (linesEach * fields.length * 1_000) / Number(rate)
let sent = 0
const ticking = setInterval(() => {
  while (beganMs + sent * eachMs <= performance.now()) {
    sent++
    if (inFlight >= inFlightMax) sum.late++
    else post(body(Date.now()))
  }
}, 2)

process.stdin.resume()
process.stdin.on('end', () => {
  clearInterval(ticking)
  const seconds = (performance.now() - beganMs) / 1_000
  process.stdout.write(`${JSON.stringify({ ...sum, seconds })}\n`, () => process.exit(0))
})
