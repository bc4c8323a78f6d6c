// What an alert about a heartbeat says. Called by judge.ts.
import type { Message } from '../message.ts'
import { lengthText, momentText } from '../words/moment.ts'
import { tongueOf } from '../words.ts'
import type { Beats } from './beats.ts'
import type { Heartbeat } from './settings.ts'

export type Speech = Pick<Message, 'language' | 'timeZone'>

type About = Readonly<{ heartbeat: Heartbeat; beats: Beats; nowMs: number }>

const en = {
  failed: (name: string) => `${name} says that it failed`,
  missing: (name: string, since: string, every: string) =>
    `${name} was not heard of since ${since}; it should be every ${every}`,
  never: (name: string, every: string) => `${name} was never heard of; it should be every ${every}`,
}
const zh: typeof en = {
  failed: name => `${name} 报告执行失败`,
  missing: (name, since, every) => `自 ${since} 起没有收到 ${name} 的心跳，应每 ${every}一次`,
  never: (name, every) => `从未收到 ${name} 的心跳，应每 ${every}一次`,
}

export function summaryOf(
  alertname: 'HeartbeatFailed' | 'HeartbeatMissing',
  { heartbeat: { name, everyMs }, beats: { beatMs }, nowMs }: About,
  { language, timeZone }: Speech,
): string {
  const [say, tongue] = [language === 'zh' ? zh : en, tongueOf({ language })]
  if (alertname === 'HeartbeatFailed') return say.failed(name)
  const every = lengthText(everyMs, tongue)
  if (beatMs === null) return say.never(name, every)
  return say.missing(name, momentText(beatMs, { timeZone, atMs: nowMs }, tongue), every)
}
