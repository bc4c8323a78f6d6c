// The bus on a real broker: what every bus promises, and what only this one does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openKafkaBus } from '#core/bus/kafka.ts'
import { realClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { busContract } from '../core/bus.contract.ts'
import { type Kafka, startKafka } from '../engines/kafka.ts'

let folder: string
let kafka: Kafka
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-kafka-'))
  kafka = await startKafka(folder)
})
afterAll(async () => {
  await kafka?.kill()
  rmSync(folder, { recursive: true })
})

let opened = 0
busContract({
  name: 'kafka',
  keeps: true,
  open: table =>
    openKafkaBus({
      settings: { brokers: kafka.brokers, clientId: 'test', prefix: `contract${opened++}` },
      table,
      clock: realClock,
      own: openOwnMetrics(),
      log: openLog({ write: () => {} }),
    }),
})
