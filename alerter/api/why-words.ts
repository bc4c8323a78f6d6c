// Why somebody was told, or was not, in words: one sentence for each way to tell. Called by why-routes.ts and by the page
// of an incident.
import type { Language } from '#core/http/language.ts'
import type { Labels } from '#core/model.ts'
import type { Wait } from '../delivery/wait.ts'
import type { Silence } from '../silences/silence.ts'
import { placeOf } from '../words/place.ts'
import { tidy } from '../words/tidy.ts'
import { tongueOf } from '../words.ts'
import { clockText, type Here } from './clock-text.ts'
import type { Hold, Way, WhyGroup } from './why.ts'

type Arrived = NonNullable<Extract<Way, { is: 'told' }>['arrived']>

type Words = Readonly<{
  told(of: 'end' | 'beginning', at: string, by: string): string
  arrived: Readonly<Record<Arrived, string>>
  lost(reasons: string): string
  again(at: string): string
  acknowledged(by: string, at: string): string
  sending(since: string): string
  waiting(since: string): string
  // `by` is the way, where it is another one; `until` is nothing while a try is under way.
  wait: Readonly<{
    budget(left: number, until: string, by: string): string
    limit(until: string, by: string): string
    failures(why: string, until: string, by: string): string
    settings(why: string, until: string, by: string): string
  }>
  // `next` is nothing where something keeps it.
  tried(times: number, next: string): string
  // Of one that was told, and is held now.
  sinceThen(held: string): string
  failed(at: string, by: string): string
  waits: Readonly<Record<'group_wait' | 'group_interval', (until: string) => string>>
  unknown: string
  silence(id: string, until: string, who: string, comment: string): string
  held: Readonly<Record<string, (by: string) => string>>
  heldBy(kind: string, by: string): string
  colon: string
  comma: string
}>

const inBrackets = (by: string): string => (by === '' ? '' : ` (${by})`)
const inChineseBrackets = (by: string): string => (by === '' ? '' : `（${by}）`)
const lookedAt = (until: string): string => (until === '' ? 'a try is under way' : `tried again at ${until}`)

const en: Words = {
  told: (of, at, by) =>
    `${of === 'end' ? 'told of its end' : 'told'} at ${at}${by === '' ? '' : ` by ${by}`}`,
  arrived: {
    delivered: 'delivered',
    accepted: 'accepted by the service; whether it arrived nobody has said',
    seen: 'somebody has seen it',
    lost: 'the service took it, and it did not arrive',
  },
  lost: reasons => `not all have it (${reasons})`,
  again: at => `if it still fires, again at ${at}`,
  acknowledged: (by, at) => `acknowledged by ${by} at ${at}`,
  sending: since => `not yet: being sent since ${since}`,
  waiting: since => `not yet: waits since ${since}`,
  wait: {
    budget: (left, until, by) =>
      `over budget${inBrackets(by)}: ${left === 0 ? 'none left' : `${left} left, kept for urgent ones`}, the next may leave at ${until}`,
    limit: (until, by) => `its service${inBrackets(by)} takes no more until ${until}`,
    failures: (why, until, by) => `its service${inBrackets(by)} fails (${why}), ${lookedAt(until)}`,
    settings: (why, until, by) => `its settings${inBrackets(by)} are refused (${why}), ${lookedAt(until)}`,
  },
  tried: (times, next) =>
    `tried ${times === 1 ? 'once' : `${times} times`}${next === '' ? '' : `, next at ${next}`}`,
  sinceThen: held => `since then ${held}`,
  failed: (at, by) => `not told: given up at ${at} by ${by}`,
  waits: {
    group_wait: until => `not yet: its group waits for more until ${until} (group_wait)`,
    group_interval: until => `not yet: its group is looked at again at ${until} (group_interval)`,
  },
  unknown: 'nothing is known of a message',
  silence: (id, until, who, comment) =>
    `not told: silenced until ${until} by ${who}${comment === '' ? '' : ` (${comment})`}, silence ${id}`,
  held: {
    silenced: by => `not told: silenced by ${by}`,
    inhibited: by => `not told: another alert says the same and more (inhibited by ${by})`,
    muted: by => `not told: muted by the time interval ${by}`,
    inactive: by => `not told: its route is active only in the time interval ${by}`,
    nobody: by => `not told: the receiver ${by} has nobody to tell`,
    moved: () => 'not told here: since a reload its labels lead elsewhere',
    brief: () => 'not told: it ended before anybody was told',
    gone: by => `not told: ${by} is in the configuration no more`,
  },
  heldBy: (kind, by) => `not told: ${kind}${by === '' ? '' : ` (${by})`}`,
  colon: ': ',
  comma: ', ',
}

const zh: Words = {
  told: (of, at, by) => `已于 ${at} ${by === '' ? '' : `通过 ${by} `}${of === 'end' ? '告知恢复' : '告知'}`,
  arrived: {
    delivered: '已送达',
    accepted: '服务商已接收，尚无送达回执',
    seen: '已有人查看',
    lost: '服务商已接收，但未送达',
  },
  lost: reasons => `部分未送达（${reasons}）`,
  again: at => `若仍在告警，将于 ${at} 再次告知`,
  acknowledged: (by, at) => `${by} 已于 ${at} 确认`,
  sending: since => `尚未告知：自 ${since} 起发送中`,
  waiting: since => `尚未告知：自 ${since} 起等待`,
  wait: {
    budget: (left, until, by) =>
      `超出限额${inChineseBrackets(by)}：${left === 0 ? '已无余量' : `剩余 ${left} 条，留给紧急告警`}，下一条可于 ${until} 发出`,
    limit: (until, by) => `服务商${inChineseBrackets(by)}限流，至 ${until}`,
    failures: (why, until, by) =>
      `服务商${inChineseBrackets(by)}故障（${why}），${until === '' ? '正在试探' : `将于 ${until} 再试`}`,
    settings: (why, until, by) =>
      `配置${inChineseBrackets(by)}被拒绝（${why}），${until === '' ? '正在试探' : `将于 ${until} 再试`}`,
  },
  tried: (times, next) => `已尝试 ${times} 次${next === '' ? '' : `，下次于 ${next}`}`,
  sinceThen: held => `此后${held}`,
  failed: (at, by) => `未能告知：${by} 于 ${at} 放弃`,
  waits: {
    group_wait: until => `尚未告知：同组等待更多告警，至 ${until}（group_wait）`,
    group_interval: until => `尚未告知：同组将于 ${until} 再次检查（group_interval）`,
  },
  unknown: '没有相关消息的记录',
  silence: (id, until, who, comment) =>
    `未告知：被 ${who} 静默至 ${until}${comment === '' ? '' : `（${comment}）`}，静默 ${id}`,
  held: {
    silenced: by => `未告知：被静默 ${by} 屏蔽`,
    inhibited: by => `未告知：已有更严重的告警（被 ${by} 抑制）`,
    muted: by => `未告知：处于静音时段 ${by}`,
    inactive: by => `未告知：路由仅在时段 ${by} 内生效`,
    nobody: by => `未告知：接收者 ${by} 没有任何通知方式`,
    moved: () => '此处未告知：重新加载配置后，其标签指向别处',
    brief: () => '未告知：在告知之前已恢复',
    gone: by => `未告知：${by} 已不在配置中`,
  },
  heldBy: (kind, by) => `未告知：${kind}${by === '' ? '' : `（${by}）`}`,
  colon: '：',
  comma: '，',
}

const words: Readonly<Record<Language, Words>> = { en, zh }

export type Speech = Here & Readonly<{ language: Language }>

// Where there is nobody to tell, the sentence stands for the group.
export function groupText({ hold, ways }: Pick<WhyGroup, 'hold' | 'ways'>, speech: Speech): string {
  if (hold !== null) return holdText(hold, speech)
  return ways.length === 0 ? words[speech.language].unknown : ''
}

export const acknowledgedText = ({ acknowledged }: Pick<WhyGroup, 'acknowledged'>, speech: Speech): string =>
  acknowledged === null
    ? ''
    : words[speech.language].acknowledged(acknowledged.by, clockText(acknowledged.atMs, speech))

export function holdText({ kind, by, silences, inhibitors }: Hold, speech: Speech): string {
  const say = words[speech.language]
  const [silence] = silences
  if (silence !== undefined) return silenceText(silence, speech)
  const alerts = inhibitors.map(({ fingerprint, labels }) => alertName(fingerprint, labels, speech))
  const names = (alerts.length > 0 ? alerts : by).join(say.comma)
  return say.held[kind]?.(names) ?? say.heldBy(kind, names)
}

// By its place and name, where these are known.
export function alertName(fingerprint: string, labels: Labels | null, speech: Speech): string {
  const { colon, unnamed } = tongueOf(speech)
  if (labels === null) return `${unnamed} ${fingerprint}`
  const [place, name] = [placeOf(labels), tidy(labels['alertname'] ?? unnamed)]
  return place === '' ? name : `${place}${colon}${name}`
}

const silenceText = ({ id, endsAtMs, createdBy, comment }: Silence, speech: Speech): string =>
  words[speech.language].silence(id, clockText(endsAtMs, speech), tidy(createdBy), tidy(comment))

export function wayText(way: Way, hold: Hold | null, speech: Speech): string {
  const say = words[speech.language]
  const at = (atMs: number): string => clockText(atMs, speech)
  switch (way.is) {
    case 'told':
      return toldText(way, hold === null ? '' : holdText(hold, speech), { say, at })
    case 'sending':
      return sendingText(way, say, at)
    case 'failed':
      return `${say.failed(at(way.atMs), way.by)}${say.colon}${way.why}`
    case 'held':
      return hold === null ? say.unknown : holdText(hold, speech)
    case 'waiting':
      return say.waits[way.for](at(way.untilMs))
    case 'unknown':
      return say.unknown
  }
}

function sendingText(way: Extract<Way, { is: 'sending' }>, say: Words, at: (atMs: number) => string): string {
  const { integration, atMs, tries, nextMs, why, wait } = way
  const isSaid = wait !== null && 'why' in wait && wait.why === why
  return [
    wait === null ? say.sending(at(atMs)) : say.waiting(at(atMs)),
    ...(wait === null ? [] : [waitText(wait, { integration, say, at })]),
    ...(why === null || isSaid ? [] : [why]),
    // When the next try is, whatever keeps it says.
    ...(tries === 0 ? [] : [say.tried(tries, wait === null ? at(nextMs) : '')]),
  ].join(say.comma)
}

type Around = Readonly<{ integration: string; say: Words; at(atMs: number): string }>

function waitText(wait: Wait, { integration, say, at }: Around): string {
  const by = wait.by === integration ? '' : wait.by
  const until = wait.untilMs === null ? '' : at(wait.untilMs)
  if (wait.for === 'budget') return say.wait.budget(wait.left, until, by)
  return wait.for === 'limit' ? say.wait.limit(until, by) : say.wait[wait.for](wait.why, until, by)
}

type Told = Extract<Way, { is: 'told' }>

function toldText(way: Told, held: string, { say, at }: Pick<Around, 'say' | 'at'>): string {
  const { of, atMs, by, integration, arrived, why, lost, repeatAtMs } = way
  return [
    say.told(of, at(atMs), by === null || by === integration ? '' : by),
    ...(arrived === null ? [] : [say.arrived[arrived]]),
    ...(why === null ? [] : [why]),
    ...(lost.length === 0 ? [] : [say.lost(lost.join('; '))]),
    ...(held !== '' ? [say.sinceThen(held)] : repeatAtMs === null ? [] : [say.again(at(repeatAtMs))]),
  ].join(say.comma)
}
