// A steady flow of samples into a service, by paced-loader.ts in a process of its own. Called by the benchmarks that ask
// how fast something is meanwhile.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

// Ends the flow, and tells in words what came of it.
export type Flow = Readonly<{ end(): Promise<string> }>

export function openFlow(origin: string, samplesPerSecond: number): Flow {
  const loader = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'paced-loader.ts'),
      `${origin}/api/v2/write?precision=ms`,
      String(samplesPerSecond),
      '10000',
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  let told = ''
  loader.stdout.on('data', part => {
    told += part
  })
  const ended = new Promise(resolve => loader.once('exit', resolve))
  return {
    async end() {
      loader.stdin.end()
      await ended
      const load = JSON.parse(told) as { values: number; refused: number; late: number; seconds: number }
      const rate = (load.values / load.seconds).toFixed(0)
      return `the load: ${rate} samples a second, ${load.refused} requests refused, ${load.late} not sent`
    },
  }
}
