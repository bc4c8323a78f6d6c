// `kill -9` in a storm: how many alerts, all of them answered, nobody is ever told of, and how many are told twice?
// Called by storm.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Hook, openHook, timesHeard } from './hook.ts'
import { type Notifier, type notifiers, type RunningNotifier, startNotifier } from './notifiers.ts'
import { bodiesOf, postAlerts } from './posting.ts'
import { freePort } from './process.ts'

const alerts = 50_000
// Longer than it takes to post all of them, so that each group is told once. On a machine that is too busy for that, what
// comes later waits for the next message of its group, which tells of all of them.
const waitMs = 4_000
const routing = { groupBy: ['rack'], groupWait: `${waitMs}ms`, groupInterval: '5s' }
// Nothing more comes when nothing has come for so long.
const quietMs = 7_000

type Kill = Readonly<{ title: string; share: number; isPostedAgain: boolean }>

const kills: readonly Kill[] = [
  { title: 'as soon as all are answered', share: 0, isPostedAgain: false },
  { title: 'when half is told', share: 0.5, isPostedAgain: false },
  { title: 'when half is told, all posted again', share: 0.5, isPostedAgain: true },
]

export async function showKilled(all: ReturnType<typeof notifiers>, rounds: number): Promise<void> {
  console.log(
    `kill -9, started again at once; ${alerts} alerts in 100 groups, ${rounds} times (to meet: 0 lost; told again only what was on its way: 16 messages of 500)`,
  )
  for (const kill of kills) {
    const found = new Map<Notifier, string[]>(all.map(each => [each, []]))
    for (let round = 0; round < rounds; round++)
      for (const [notifier, lines] of found) lines.push(await measure(notifier, kill))
    console.log(`  ${kill.title}: lost / told again, of each round`)
    for (const [{ name }, lines] of found) console.log(`    ${name.padEnd(12)} ${lines.join('   ')}`)
  }
}

async function measure(notifier: Notifier, { share, isPostedAgain }: Kill): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const hook = await openHook()
  const port = await freePort()
  const settings = { folder, port, hook: hook.url, ...routing }
  let running = await startNotifier(notifier, settings)
  try {
    const bodies = bodiesOf(alerts, 1_000)
    const beganMs = performance.now()
    const refused = await postAlerts(running.origin, bodies)
    const isSlow = performance.now() - beganMs > waitMs
    if (refused > 0) throw new Error(`${refused} POSTs were refused by ${notifier.name}`)
    if (share > 0) await hook.until(() => hook.heard.size >= alerts * share, 30_000)
    await running.kill()
    running = await startNotifier(notifier, settings)
    if (isPostedAgain) await postAgain(running, bodies)
    await untilQuiet(hook)
    const again = isSlow ? '? (posted too slowly to tell)' : String(timesHeard(hook) - hook.heard.size)
    return `${alerts - hook.heard.size} / ${again}`
  } finally {
    await running.stop()
    hook.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

// The connections of before are broken, so the first tries may be.
async function postAgain({ origin }: RunningNotifier, bodies: readonly Buffer[]): Promise<void> {
  for (let tries = 0; tries < 3; tries++) if ((await postAlerts(origin, bodies)) === 0) return
  throw new Error('what is posted again is refused')
}

async function untilQuiet(hook: Hook): Promise<void> {
  for (let before = -1; before !== hook.messages; ) {
    before = hook.messages
    await sleep(quietMs)
  }
}
