// Apache Kafka 4.3.0 out of Maven's packages, one process as broker and controller (KRaft), on free ports of loopback.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { cached, type Prepared, run } from './cache.ts'
import { debian, onPath, says } from './debian.ts'
import { type Engine, freePort, startServer } from './engine.ts'

const version = '4.3.0'

export async function prepareKafka(): Promise<Prepared & Readonly<{ classPath: string }>> {
  await debian({ name: 'default-jre-headless', has: () => says('java', ['-version']) !== undefined })
  const { folder, ...prepared } = await cached(`kafka-${version}`, fetchJars)
  return { ...prepared, classPath: join(folder, '*') }
}

async function fetchJars(folder: string, log: string): Promise<void> {
  await debian({ name: 'maven', has: () => onPath('mvn') })
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(
    join(project, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>plimsoll</groupId>
  <artifactId>engines</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`,
  )
  await run(
    'mvn',
    ['-B', '-q', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars'],
    {
      log,
      cwd: project,
      limitMs: 600_000,
    },
  )
  const jars = join(project, 'jars')
  for (const jar of readdirSync(jars)) renameSync(join(jars, jar), join(folder, jar))
  rmSync(project, { recursive: true })
  const told = says('java', ['-cp', join(folder, '*'), 'kafka.Kafka', '--version']) ?? 'nothing'
  if (!told.includes(version)) throw new Error(`wanted Kafka ${version}, and it says: ${told}`)
}

export type Kafka = Engine & Readonly<{ brokers: readonly [string]; port: number }>

type Settings = Readonly<Record<string, string>>

// `settings` are lines of server.properties that outrank those below; `format` are words for `kafka-storage format`.
export async function startKafka(
  folder: string,
  settings: Settings | ((port: number, controller: number) => Settings) = {},
  format: readonly string[] = [],
): Promise<Kafka> {
  const { classPath } = await prepareKafka()
  const [port, controller] = [await freePort(), await freePort()]
  const file = join(folder, 'server.properties')
  mkdirSync(folder, { recursive: true })
  const given = typeof settings === 'function' ? settings(port, controller) : settings
  const all = { ...settingsOf(port, controller, join(folder, 'data')), ...given }
  writeFileSync(
    file,
    Object.entries(all)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  const java = (...args: string[]): [string, ...string[]] => ['java', '-Xmx512m', '-cp', classPath, ...args]
  if (!existsSync(join(folder, 'data', 'meta.properties'))) {
    const [program, ...args] = java(
      'kafka.tools.StorageTool',
      'format',
      '-t',
      newClusterId(),
      '-c',
      file,
      ...format,
    )
    await run(program, args, { log: join(folder, 'format.log'), cwd: folder })
  }
  const engine = await startServer({
    name: 'kafka',
    folder,
    command: java('kafka.Kafka', file),
    isReady: () => answers(port),
  })
  return { ...engine, brokers: [`127.0.0.1:${port}`], port }
}

const settingsOf = (port: number, controller: number, data: string): Readonly<Record<string, string>> => ({
  'node.id': '1',
  'process.roles': 'broker,controller',
  'controller.quorum.voters': `1@127.0.0.1:${controller}`,
  listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
  'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'controller.listener.names': 'CONTROLLER',
  'log.dirs': data,
  'auto.create.topics.enable': 'false',
  // One broker, and small.
  'offsets.topic.num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  // How long a broker that was killed counts as alive, and may not come back.
  'broker.session.timeout.ms': '3000',
})

// 16 bytes in base64 for addresses; one that begins with a dash would read as an option.
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? newClusterId() : id
}

// ApiVersions, version 0: what any client asks first. It listens before it takes part in its own cluster.
const hello = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff])

// Whether a broker answers there without an error.
export const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(hello))
    const finish = (isReady: boolean): void => {
      socket.destroy()
      resolve(isReady)
    }
    socket.setTimeout(2_000, () => finish(false))
    socket.on('error', () => finish(false))
    socket.on('close', () => finish(false))
    // Size, the number of the question, the code of the error.
    socket.on('data', bytes =>
      finish(bytes.length >= 10 && bytes.readInt32BE(4) === 7 && bytes.readInt16BE(8) === 0),
    )
  })
