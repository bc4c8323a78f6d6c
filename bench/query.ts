// What does the query API cost beside the evaluation: finding series by a pattern, and writing a large answer as JSON?
// And how long is nobody else served meanwhile?
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { successJson, valueJson } from '../query/answer-json.ts'
import { median } from './median.ts'

type Cost = Readonly<{ title: string; ms: number; longestMs: number }>

// A million samples: 1 000 series of 1 000 points each.
export function writingCost(): Cost {
  const tMs = Float64Array.from({ length: 1_000 }, (_, at) => 1_795_147_200_000 + at * 15_000)
  const series = Array.from({ length: 1_000 }, (_, at) => ({
    series: { name: 'cpu_usage_idle', labels: labelsOf([['host', `h${at}`], ['cpu', 'cpu-total']]) }, // biome-ignore format: a row
    tMs,
    values: Float64Array.from({ length: 1_000 }, (_, point) => 50 + 50 * Math.sin(at + point / 7)),
  }))
  const pieces: number[] = []
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    let last = start
    for (const piece of successJson(valueJson({ kind: 'matrix', series }))) {
      Buffer.from(piece)
      const now = performance.now()
      pieces.push(now - last)
      last = now
    }
    return performance.now() - start
  })
  return { title: 'a million samples as JSON', ms: median(times), longestMs: Math.max(...pieces) }
}

// Ten metrics of each of 30 000 hosts.
export async function findingCosts(): Promise<Cost[]> {
  const table = new SeriesTable()
  for (let host = 0; host < 30_000; host++) {
    const labels = labelsOf([['host', `web-${host}.example.org`], ['rack', `r${host % 97}`]]) // biome-ignore format: a row
    for (let each = 0; each < 10; each++) table.intern(`metric_${each}`, labels)
  }
  const costs: Cost[] = []
  for (const value of ['web-.*', 'web-[0-9]+5\\.example\\..*', '(w|x)(.*)+7.example.org']) {
    let last = performance.now()
    let longestMs = 0
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last - 1)
      last = performance.now()
    }, 1)
    const start = performance.now()
    const found = await table.selectInBreaths([{ name: 'host', op: '=~', value }])
    const ms = performance.now() - start
    clearInterval(beat)
    costs.push({ title: `host=~"${value}" among ${table.size} series finds ${found.length}`, ms, longestMs })
  }
  return costs
}

if (import.meta.main) {
  console.log('the query API beside the evaluation')
  for (const { title, ms, longestMs } of [writingCost(), ...(await findingCosts())]) {
    console.log(`  ${title}: ${ms.toFixed(0)} ms, at most ${longestMs.toFixed(1)} ms at a stretch`)
  }
}
