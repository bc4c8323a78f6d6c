// `plimsoll demo`: twenty pools with a past of their own, their report, and a service to look around in. Called by run.ts;
// what is made is in ../demo.
import { relative, resolve } from 'node:path'
import { elapsedMs } from '#core/clock.ts'
import { openConfig } from '#core/config/open.ts'
import { openLog } from '#core/log.ts'
import { byUnit, units } from '../../capacity/report/figures.ts'
import { type Call, type Command, type Io, Stop } from '../command.ts'
import { openFeed } from '../demo/feed.ts'
import { prepareFolder } from '../demo/folder.ts'
import { type Made, makeDemo } from '../demo/make.ts'
import { demoPools } from '../demo/pools.ts'
import { settingsText } from '../demo/settings-text.ts'
import { paintFor } from '../paint.ts'
import { everyRole } from '../roles.ts'
import { roomSchemas } from '../room-schemas.ts'
import { liveOf, serve } from '../serve.ts'
import { startAgainCompiled } from '../start-again.ts'

const daysUsual = 75
const listenUsual = '127.0.0.1:0'

export const command: Command = async call => {
  await startAgainCompiled()
  const { text, on, io } = call
  const beganMs = elapsedMs()
  const days = daysOf(text['days'])
  const path = resolve(io.cwd, text['folder'] ?? 'demo')
  const folder = prepareFolder(path, settingsOf(call))
  // Neither the environment nor another file has a say in it.
  const source = {
    path: folder.config,
    cwd: path,
    env: {},
    overrides: { data: folder.data },
    rooms: roomSchemas,
  }
  const live = liveOf(openConfig(source))
  const config = live.current()
  using log = openLog({ level: 'warn', pretty: io.isTerminal, clock: io.clock })
  const onProgress = (what: string, share: number): void => {
    if (io.isTerminal) io.err(`\r${what} ${Math.round(share * 100)} %\u001b[K`)
  }
  const made = await makeDemo({ config, folder, days, clock: io.clock, log, onProgress })
  if (io.isTerminal) io.err('\r\u001b[K')
  const tookMs = elapsedMs() - beganMs
  if (on.has('json')) io.out(`${JSON.stringify(numbersOf(made, tookMs))}\n`)
  else io.out(madeText(made, { io, tookMs, days }))
  if (on.has('once')) return 0
  using feeds = new DisposableStack()
  const { fill, untilMs } = made
  await serve({
    ...{ live, io, roles: everyRole },
    welcome({ origin, welcome }, serviceLog) {
      feeds.use(openFeed({ origin, data: folder.data, fill, untilMs, clock: io.clock, log: serviceLog }))
      io.out(linksText(origin, welcome?.reveal(), io))
    },
  })
  return 0
}

function daysOf(text = String(daysUsual)): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 10 && days <= 365) return days
  throw new Stop(`--days: wanted a whole number from 10 to 365, found ${text}`, 2)
}

function settingsOf({ text, io }: Call): string {
  const listen = text['listen'] ?? listenUsual
  const language = text['language'] ?? ((io.env['LC_ALL'] || io.env['LANG'])?.startsWith('zh') ? 'zh' : 'en')
  const timezone = text['timezone'] ?? io.timeZone
  return settingsText({
    ...{ listen, timezone, language: language === 'zh' ? 'zh' : 'en' },
    // Who may listen to others may not open it to them.
    isOpen: /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(listen),
    pools: demoPools(io.clock.nowMs(), timezone),
  })
}

const numbersOf = ({ report, samples, files }: Made, tookMs: number) => ({
  samples,
  pools: report.pools.length,
  orders: report.summary.orders.length,
  orderUnits: byUnit(report.summary.orders),
  requests: report.requests.length,
  files,
  tookMs: Math.round(tookMs),
})

type Around = Readonly<{ io: Io; tookMs: number; days: number }>

function madeText({ report, samples, files }: Made, { io, tookMs, days }: Around): string {
  const { summary, pools, requests } = report
  const paint = paintFor(io)
  const shown = (file: string): string => `  ${relative(io.cwd, file) || file}\n`
  const wanted = byUnit(summary.orders).map(({ unit, units: some }) => units(some, unit, 'en'))
  return `${paint('bold', `${pools.length} pools, ${days} days, ${samples.toLocaleString('en')} samples`)} in ${(tookMs / 1_000).toFixed(1)} s: ${summary.orders.length} pools need ${wanted.join(', ')}; ${requests.length} requests drafted.
${files.map(shown).join('')}`
}

const linksText = (origin: string, welcome: string | undefined, io: Io): string => {
  const paint = paintFor(io)
  return `
  ${paint('bold', 'Report')}      ${origin}/capacity
  ${paint('bold', 'What if')}     ${origin}/capacity/what-if
  ${paint('bold', 'One pool')}    ${origin}/capacity/web
${welcome === undefined ? '' : `  ${paint('bold', 'Log in')}      ${origin}${welcome}\n`}  ${paint('bold', 'Commands')}    plimsoll capacity pools --url ${origin}
  ${paint('bold', 'Stop')}        Ctrl-C
`
}
