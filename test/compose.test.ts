// docker-compose.yml cannot be started here, so its form is checked: the parts of the compose specification that
// it uses, strictly, and that everything it names exists. Also the Dockerfile, as far as text shows it.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readConfig } from '#core/config.ts'
import { readRoles, roleNames } from '../bin/roles.ts'

const duration = z.string().regex(/^(?:\d+h)?(?:\d+m)?(?:\d+s)?$/)
const texts = z.array(z.string().min(1)).min(1)

// https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json, what of it is in use.
const service = z.strictObject({
  profiles: texts.optional(),
  image: z
    .string()
    .regex(/^[a-z0-9./-]+:[\w.-]+$/)
    .optional(),
  build: z.string().optional(),
  init: z.boolean().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  read_only: z.boolean().optional(),
  tmpfs: texts.optional(),
  cap_drop: texts.optional(),
  security_opt: texts.optional(),
  stop_grace_period: duration.optional(),
  // Numbers and booleans are quoted, so that nothing is left to YAML.
  command: texts.optional(),
  networks: z.strictObject({ default: z.strictObject({ aliases: texts }) }).optional(),
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'published on the loopback only')).optional(),
  volumes: z.array(z.string().regex(/^(?:\.\/)?[\w/.-]+:\/[\w/.-]+(?::ro)?$/)).optional(),
  healthcheck: z
    .strictObject({
      test: texts.refine(words => words[0] === 'CMD'),
      interval: duration,
      timeout: duration,
      retries: z.int().positive(),
    })
    .optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
})

const compose = z.strictObject({
  // Anchors, for what several services share.
  'x-plimsoll': z.unknown().optional(),
  'x-fleet': z.unknown().optional(),
  services: z.record(z.string().regex(/^[a-z]+$/), service),
  volumes: z.record(z.string(), z.null()),
})

const text = readFileSync('docker-compose.yml', 'utf8')
const dockerfile = readFileSync('Dockerfile', 'utf8')
const { services, volumes } = compose.parse(parse(text, { merge: true }))
const all = Object.entries(services)

test('the form is that of the specification', () => {
  const t = (more: object) =>
    expect(() =>
      compose.parse({ services: { a: { image: 'a:1', restart: 'no', ...more } }, volumes: {} }),
    ).toThrow()

  t({ ports: ['1876:1876'] })
  t({ ports: ['0.0.0.0:1876:1876'] })
  t({ image: 'a' })
  t({ prots: [] })
  t({ environment: { A: 1 } })
})

test('every service has one source, and every engine its version', () => {
  for (const [name, { image, build }] of all) {
    expect(
      [image, build].filter(each => each !== undefined),
      name,
    ).toHaveLength(1)
  }
  expect(services['kafka']?.image).toBe('apache/kafka:4.3.0')
  expect(services['influxdb']?.image).toBe('influxdb:2.7')
  expect(services['postgres']?.image).toBe('postgres:15')
})

test('every service tells its health', () => {
  const mute = all.filter(([, { healthcheck, build }]) => healthcheck === undefined && build === undefined)
  expect(mute).toEqual([])
  expect(dockerfile).toMatch(/^HEALTHCHECK /m)
})

test('what a service names exists', () => {
  const kept = new Set<string>()
  for (const [name, each] of all) {
    for (const other of Object.keys(each.depends_on ?? {})) {
      expect(services, `${name} waits for ${other}`).toHaveProperty(other)
      // One that is always there: a profile must not be needed for another's sake.
      expect(services[other]?.profiles ?? each.profiles, `${name} waits for ${other}`).toEqual(each.profiles)
    }
    for (const volume of each.volumes ?? []) {
      const [from = ''] = volume.split(':')
      if (from.startsWith('./')) expect(existsSync(from), `${name}: ${from}`).toBe(true)
      else kept.add(from)
    }
  }
  expect([...kept].sort()).toEqual(Object.keys(volumes).sort())
})

test('no two services of one profile share a port of the machine', () => {
  for (const profile of ['one', 'fleet', 'grafana']) {
    const published = all
      .filter(([, { profiles }]) => profiles?.includes(profile))
      .flatMap(([, { ports = [] }]) => ports.map(port => port.split(':')[1]))
    expect(published, profile).toEqual([...new Set(published)])
    expect(published.includes('1876'), profile).toBe(profile !== 'grafana')
  }
})

test('the processes of the fleet have roles and engines that there are', () => {
  const given = { INFLUX_TOKEN: 't', POSTGRES_PASSWORD: 'p' }
  const read = readConfig({ path: 'docs/fleet.yml', env: given })
  expect(read.ok ? [] : read.problems).toEqual([])
  if (!read.ok) return
  const { bus, store, state } = read.config.engines ?? {}
  const url = new URL(state?.postgres.reveal() ?? '')
  const hosts = [
    bus?.kafka.brokers[0]?.split(':')[0],
    new URL(store?.influxdb?.url ?? '').hostname,
    url.hostname,
  ]
  expect(hosts).toEqual(['kafka', 'influxdb', 'postgres'])
  const done = new Set<string>()
  for (const [name, { command, environment, volumes: mounted }] of all) {
    if (command === undefined) continue
    expect(command.slice(0, 2), name).toEqual(['up', '--roles'])
    for (const role of readRoles(command[2])) done.add(role)
    expect(Object.keys(environment ?? {}), name).toEqual(Object.keys(given))
    expect(mounted, name).toContain('./docs/fleet.yml:/app/plimsoll.yml:ro')
  }
  // Machines have their own agents.
  expect([...done].sort()).toEqual(roleNames.filter(each => each !== 'agent').toSorted())
})

test('secrets are asked for by name, never written down', () => {
  const named = new Set([...text.matchAll(/\$\{(\w+):[?-]/g)].map(([, name]) => name))
  const example = readFileSync('.env.example', 'utf8')
  for (const [service, { environment = {} }] of all) {
    for (const [name, value] of Object.entries(environment)) {
      if (!/PASSWORD|TOKEN|SECRET/.test(name)) continue
      expect(value, `${service}: ${name}`).toMatch(/^\$\{\w+:(?:\?.+|-)\}$/)
    }
  }
  for (const [, name] of example.matchAll(/^(\w+)=(.*)$/gm)) expect(named, name).toContain(name)
  expect(example).not.toMatch(/^\w+=.+$/m)
})

test('Grafana is told where Plimsoll is, with a token from the environment', () => {
  const { datasources } = parse(readFileSync('dashboards/provisioning/datasources/plimsoll.yml', 'utf8'))
  const url = new URL(datasources[0].url)
  expect(services).toHaveProperty(url.hostname)
  const [name] = /\$(\w+)/.exec(datasources[0].secureJsonData.httpHeaderValue1)?.slice(1) ?? []
  expect(services['grafana']?.environment).toHaveProperty(name ?? '')
})

test('the image runs as nobody in particular, with what is let in', () => {
  const stages = dockerfile.split(/^FROM /m)
  expect(stages).toHaveLength(3)
  expect(stages[2]).toMatch(/^USER node$/m)
  expect(stages[1]).toContain('npm ci --omit=dev')
  const letIn = readFileSync('.dockerignore', 'utf8').split('\n')
  expect(letIn).toContain('*')
  for (const room of ['bin', 'core', 'collector', 'package.json', 'package-lock.json', '.npmrc']) {
    expect(letIn, room).toContain(`!${room}`)
  }
})
