// Fetches or builds the real servers that the live tests start, into the cache, and says what it did in how long:
//   bin/runtime test/engines/prepare.ts [kafka influxdb postgres victoria alertmanager]
// Run by `npm run test:live` before the tests, so that a download that fails is told as such.
import { prepareAlertmanager } from './alertmanager.ts'
import { cacheFolder, type Prepared } from './cache.ts'
import { prepareInfluxdb } from './influxdb.ts'
import { prepareKafka } from './kafka.ts'
import { preparePostgres } from './postgres.ts'
import { prepareVictoria } from './victoria.ts'

const engines: Readonly<Record<string, () => Promise<Prepared>>> = {
  kafka: prepareKafka,
  postgres: preparePostgres,
  victoria: prepareVictoria,
  alertmanager: prepareAlertmanager,
  // Minutes, once: last, so that what fails fails before.
  influxdb: prepareInfluxdb,
}

const asked = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(engines)
const unknown = asked.filter(each => engines[each] === undefined)
if (unknown.length > 0) {
  console.error(`unknown engine ${unknown.join(', ')}; there are ${Object.keys(engines).join(', ')}`)
  process.exit(2)
}
console.log(`engines in ${cacheFolder}`)
for (const name of asked) {
  try {
    const { did, tookMs } = await engines[name]!()
    console.log(`${name}: ${did}${tookMs < 100 ? '' : ` in ${(tookMs / 1_000).toFixed(1)} s`}`)
  } catch (error) {
    console.error(`${name}: cannot be prepared: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
