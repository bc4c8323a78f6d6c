// The whole service in the test's own process, on a folder and a port of its own. Called by the acceptance tests.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, realClock } from '#core/clock.ts'
import { readConfig } from '#core/config.ts'
import { openLog } from '#core/log.ts'
import { everyRole } from '../../bin/roles.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { type Service, startService } from '../../bin/start.ts'

export type World = AsyncDisposable &
  Readonly<{
    service: Service
    data: string
    log: readonly string[]
    ask(path: string, init?: RequestInit): Promise<Response>
    write(
      body: string | Uint8Array<ArrayBuffer>,
      query?: string,
      headers?: Record<string, string>,
    ): Promise<Response>
    // The values that a selector finds, newest of each series, or all of a range.
    values(selector: string): Promise<unknown[]>
    restart(): Promise<void>
  }>

// `files` lie where the service finds its configuration.
export async function world(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
  clock: Clock = realClock,
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-world-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const data = join(folder, 'data')
  const log: string[] = []
  const start = async (): Promise<Service> => {
    const overrides = { listen: '127.0.0.1:0', data }
    const read = readConfig({ cwd: folder, env: settings, overrides, rooms: roomSchemas })
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    return startService({
      config: { ...read.config, agent: { ...read.config.agent, enabled: false } },
      roles: everyRole,
      clock,
      log: openLog({ write: line => void log.push(line) }),
      reload: async () => [],
      onAgentChange: () => {},
      onReload: () => {},
    })
  }
  let service = await start()
  const token = (): string => readFileSync(join(data, 'token'), 'utf8').trim()
  const ask: World['ask'] = (path, init = {}) =>
    fetch(service.origin + path, {
      ...init,
      headers: { authorization: `Bearer ${token()}`, ...init.headers },
    })
  return {
    get service() {
      return service
    },
    data,
    log,
    ask,
    write: (body, query = '', headers = {}) =>
      ask(`/api/v2/write${query}`, { method: 'POST', body, headers }),
    async values(selector) {
      const answer = await ask(`/api/v1/query?${new URLSearchParams({ query: selector })}`)
      const { data } = (await answer.json()) as {
        data: { result: { value?: unknown[]; values?: unknown[][] }[] }
      }
      return data.result.map(({ value, values }) => value?.[1] ?? values?.map(pair => pair[1]))
    },
    async restart() {
      await service[Symbol.asyncDispose]()
      service = await start()
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
