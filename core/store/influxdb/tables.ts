// Which series is a table of InfluxDB's answer, and what does it hold: samples, samples that are no numbers, or notes?
// Called by the readers for each table.
import { labelsOf } from '../../labels.ts'
import { nameOf, type Source, specialField } from '../../line-protocol/names.ts'
import type { Labels, Series } from '../../model.ts'
import type { SeriesTable } from '../../series.ts'
import type { Table } from './csv.ts'

export type Holds = 'numbers' | 'specials' | 'notes'

// `key` is the same in every answer that has this field of this series.
export type Found = Readonly<{ series: Series; holds: Holds; type: string; source: Source; key: string }>

export class Tables {
  readonly #known: Pick<SeriesTable, 'find' | 'get'>
  // Fields of one point have their labels in common.
  readonly #labels = new Map<string, Labels>()

  constructor(known: Pick<SeriesTable, 'find' | 'get'>) {
    this.#known = known
  }

  read({ columns, cells, type }: Table): Found {
    const measurementAt = columns.indexOf('_measurement')
    const fieldAt = columns.indexOf('_field')
    const measurement = cells[measurementAt] ?? ''
    const written = cells[fieldAt] ?? ''
    const isTag = (_: string, at: number): boolean => at !== measurementAt && at !== fieldAt
    const tags = columns.filter(isTag)
    const values = cells.filter(isTag)
    const place = JSON.stringify([tags, values])
    const special = type === 'string' ? specialField(written) : undefined
    const field = special ?? written
    const holds = special !== undefined ? 'specials' : type === 'string' ? 'notes' : 'numbers'
    return {
      series: this.#shared({ name: nameOf(measurement, field), labels: this.#labelsAt(place, tags, values) }),
      holds,
      type,
      source: { measurement, field },
      key: JSON.stringify([measurement, written, place]),
    }
  }

  #labelsAt(place: string, tags: readonly string[], values: readonly string[]): Labels {
    const known = this.#labels.get(place)
    if (known !== undefined) return known
    const labels = labelsOf(tags.map((tag, at) => [tag, values[at]!] as const))
    this.#labels.set(place, labels)
    return labels
  }

  // The process's own object where it has one. Reading makes no series.
  #shared(series: Series): Series {
    const id = this.#known.find(series)
    return id === undefined ? series : this.#known.get(id)
  }
}
