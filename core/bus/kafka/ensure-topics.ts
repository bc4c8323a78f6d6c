// Are the topics there, and as they must be? What is missing is made; what is there keeps its settings, and only a
// number of partitions that would tear hosts apart is refused. Called by ../kafka.ts when it opens.
import type { Admin } from 'kafkajs'
import type { Clock } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import type { Asking } from './asking.ts'
import { failureOf, hasType } from './failures.ts'
import { endsOf } from './positions.ts'
import type { KafkaSettings } from './settings.ts'
import { fullName, settingsOf, type TopicName, topicNames, topicTable, wantedText } from './topics.ts'

const lookMs = 100
const makeMs = 20_000

export async function ensureTopics(asking: Asking, settings: KafkaSettings, clock: Clock): Promise<void> {
  const missing = await missingOf(asking, settings)
  if (missing.length > 0) {
    await make(asking, settings, missing)
    for (const each of missing) await becomeReady(asking, fullName(settings, each), clock)
  }
  const samples = fullName(settings, 'samples')
  const { topics } = await asking.ask(`looking at ${samples}`, admin =>
    admin.fetchTopicMetadata({ topics: [samples] }),
  )
  const found = topics[0]?.partitions.length ?? 0
  const wanted = topicTable.samples.partitions
  if (found === wanted) return
  throw new Failure('bus_refused', `${samples} has ${found} partitions, wanted ${wanted}: ${remedy}`)
}

const remedy =
  'a host stays in its partition for life. Delete the topic, or name another `prefix`, and it is made as it must be'

// What the controller has made, the brokers hear of a moment later, and until then readers would come and go.
async function becomeReady(asking: Asking, topic: string, clock: Clock): Promise<void> {
  for (const untilMs = clock.monotonicMs() + makeMs; ; ) {
    try {
      await endsOf(asking, topic)
      return
    } catch (error) {
      if (clock.monotonicMs() > untilMs) throw error
    }
    await clock.sleep(lookMs)
  }
}

async function missingOf(asking: Asking, settings: KafkaSettings): Promise<TopicName[]> {
  const there = new Set(await asking.ask('listing topics', admin => admin.listTopics()))
  return topicNames.filter(each => !there.has(fullName(settings, each)))
}

// What another process makes at this moment counts as made.
async function make(asking: Asking, settings: KafkaSettings, missing: readonly TopicName[]): Promise<void> {
  const { replication } = settings
  const topics = missing.map(each => ({
    topic: fullName(settings, each),
    numPartitions: topicTable[each].partitions,
    ...(replication === undefined ? {} : { replicationFactor: replication }),
    configEntries: Object.entries(settingsOf(each, replication)).map(([name, value]) => ({ name, value })),
  }))
  const create = (admin: Admin): Promise<boolean> =>
    admin.createTopics({ topics, timeout: makeMs, waitForLeaders: false })
  try {
    await asking.ask('making topics', create)
  } catch (error) {
    const failure = failureOf(error, 'making topics')
    if (!hasType(failure, ...forbidden)) throw failure
    const wanted = missing.map(each => wantedText(settings, each)).join('; ')
    throw new Failure('bus_refused', `the brokers let us make no topics, so make these: ${wanted}`, {
      cause: error,
    })
  }
}

const forbidden = ['CLUSTER_AUTHORIZATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED', 'POLICY_VIOLATION']
