// What is said when something is missing, which half of the road is silent, and that it is over. Called by watchdog.ts.
import type { Message } from '../message.ts'
import { lengthText, momentText } from '../words/moment.ts'
import { tongueOf } from '../words.ts'
import type { Road } from './watch.ts'

export type Language = Message['language']

// What is known about the road while no alert comes out of it.
export type Inside =
  | Readonly<{ kind: 'samples'; atMs: number; lagMs: number | undefined }>
  | Readonly<{ kind: 'silence'; atMs: number | undefined }>
  | Readonly<{ kind: 'store'; reason: string }>
  | Readonly<{ kind: 'unknown' }>

export type Missing = Readonly<{
  sinceMs: number
  nowMs: number
  timeZone: string
}> &
  Readonly<
    | { kind: 'rules'; inside: Inside; slowMs: number | undefined }
    | { kind: 'receiver'; name: string; way: string; why: string }
  >

export type Words = Readonly<{ title: string; text: string }>

const en = {
  inner: 'Plimsoll does not alert just now',
  innerSince: (since: string) => `No test alert has come out of the rules since ${since}.`,
  samples: (at: string) =>
    `Samples go in (the last one ${at}); the rules, or what carries their alerts, stand still.`,
  lag: (length: string) => `The rules look at what came ${length} ago.`,
  silence: (at: string | undefined) =>
    at === undefined
      ? 'Its samples are not stored either: look at the agent, the bus and the store.'
      : `Its samples are not stored since ${at} either: look at the agent, the bus and the store.`,
  store: (reason: string) =>
    `Whether samples go in is not known, because the store does not answer: ${reason}`,
  unknown: 'Whether samples go in is not known in this process.',
  slow: (length: string) => `The last one took ${length}.`,
  innerOver: 'Plimsoll alerts again',
  innerOverText: (length: string) => `Test alerts come out of the rules again, after ${length}.`,
  receiver: (name: string) => `${name} cannot be reached by Plimsoll`,
  receiverText: (way: string, since: string) =>
    `A test message by ${way} was not taken since ${since}; alerts may not arrive there either.`,
  why: (reason: string) => `The service says: ${reason}`,
  receiverOver: (name: string) => `${name} can be reached again`,
  receiverOverText: (way: string, length: string) => `A test message by ${way} was taken, after ${length}.`,
}

const zh: typeof en = {
  inner: 'Plimsoll 目前无法告警',
  innerSince: since => `自 ${since} 起，规则没有产生测试告警。`,
  samples: at => `数据仍在写入（最近一次 ${at}），但规则或告警的传递已停滞。`,
  lag: length => `规则正在处理 ${length}前收到的数据。`,
  silence: at =>
    at === undefined
      ? '测试数据也没有写入：请检查 agent、总线和存储。'
      : `测试数据自 ${at} 起也没有写入：请检查 agent、总线和存储。`,
  store: reason => `无法确认数据是否写入，因为存储没有应答：${reason}`,
  unknown: '本进程无法确认数据是否写入。',
  slow: length => `最近一次耗时 ${length}。`,
  innerOver: 'Plimsoll 恢复告警',
  innerOverText: length => `规则重新产生测试告警，中断 ${length}。`,
  receiver: name => `Plimsoll 无法通知 ${name}`,
  receiverText: (way, since) => `自 ${since} 起，经 ${way} 的测试消息未被接收；告警可能也无法送达。`,
  why: reason => `服务的答复：${reason}`,
  receiverOver: name => `可以重新通知 ${name}`,
  receiverOverText: (way, length) => `经 ${way} 的测试消息已被接收，中断 ${length}。`,
}

export function missingWords(missing: Missing, language: Language): Words {
  const { say, moment, length } = speech(missing, language)
  const since = moment(missing.sinceMs)
  const join = (...parts: readonly string[]): string => parts.filter(each => each !== '').join('\n')
  if (missing.kind === 'receiver') {
    const { name, way, why } = missing
    const text = join(say.receiverText(way, since), why === '' ? '' : say.why(why))
    return { title: say.receiver(name), text }
  }
  const { inside, slowMs } = missing
  const slow = slowMs === undefined ? '' : say.slow(length(slowMs))
  return {
    title: say.inner,
    text: join(say.innerSince(since), ...insideWords(inside, { say, moment, length }), slow),
  }
}

type Speech = ReturnType<typeof speech>

function insideWords(inside: Inside, { say, moment, length }: Speech): readonly string[] {
  switch (inside.kind) {
    case 'samples': {
      const { atMs, lagMs } = inside
      return [say.samples(moment(atMs)), ...(lagMs === undefined ? [] : [say.lag(length(lagMs))])]
    }
    case 'silence':
      return [say.silence(inside.atMs === undefined ? undefined : moment(inside.atMs))]
    case 'store':
      return [say.store(inside.reason)]
    case 'unknown':
      return [say.unknown]
  }
}

export function overWords(
  { road, tookMs }: Readonly<{ road: Road; tookMs: number }>,
  language: Language,
): Words {
  const { say, length } = speech({ nowMs: 0, timeZone: 'UTC' }, language)
  const took = length(tookMs)
  if (road.kind === 'rules') return { title: say.innerOver, text: say.innerOverText(took) }
  return { title: say.receiverOver(road.name), text: say.receiverOverText(road.way, took) }
}

function speech({ nowMs, timeZone }: Readonly<{ nowMs: number; timeZone: string }>, language: Language) {
  const tongue = tongueOf({ language })
  return {
    say: language === 'zh' ? zh : en,
    moment: (tMs: number): string => momentText(tMs, { timeZone, atMs: nowMs }, tongue),
    length: (ms: number): string => lengthText(ms, tongue),
  }
}
