// `plimsoll capacity export`: the capacity report of the running service, as a file. Called by run.ts.
import { writeFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { type Call, type Command, Stop } from '../command.ts'
import { askPlan } from '../plan-ask.ts'

const formats = ['html', 'pdf', 'xlsx', 'csv', 'json']
// Bytes that are no text.
const binary = ['pdf', 'xlsx']

export const command: Command = async call => {
  const { text, on, io } = call
  const out = text['out']
  const format = formatOf(call)
  if (out === undefined && binary.includes(format)) throw new Stop(`${format} wants --out FILE`, 2)
  const { month, language } = text
  const asked = new URLSearchParams({ format, ...(month && { month }), ...(language && { language }) })
  const bytes = await askPlan(call, ask => ask.bytes(`/api/plimsoll/v1/capacity/report?${asked}`))
  if (out === undefined) {
    io.out(Buffer.from(bytes).toString())
    return 0
  }
  const path = resolve(io.cwd, out)
  await writeFile(path, bytes).catch((error: Error) => {
    throw new Stop(`${path} cannot be written: ${error.message}`)
  })
  if (on.has('json')) io.out(`${JSON.stringify({ file: path, format, bytes: bytes.length })}\n`)
  else io.err(`Written: ${path}, ${format}, ${Math.max(1, Math.round(bytes.length / 1_000))} kB.\n`)
  return 0
}

function formatOf({ text, on }: Pick<Call, 'text' | 'on'>): string {
  const { out, format } = text
  const ending = out === undefined ? '' : extname(out).slice(1).toLowerCase()
  const said = format ?? (ending === 'htm' ? 'html' : ending)
  if (formats.includes(said)) return said
  // What `--json` asks of other commands.
  if (said === '' && out === undefined && on.has('json')) return 'json'
  const wanted = `wanted one of ${formats.join(', ')}`
  if (format !== undefined) throw new Stop(`--format: ${wanted}, found ${format}`, 2)
  if (out === undefined) throw new Stop(`${wanted} by --format, or --out FILE with such an ending`, 2)
  throw new Stop(`${out}: ${wanted} as its ending, or --format`, 2)
}
