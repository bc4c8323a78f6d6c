// A fact as one line for people. Called by the page of an incident.
import { annotationIn } from '#core/annotations.ts'
import { durationText } from '#core/duration.ts'
import type { Language } from '#core/http/language.ts'
import { noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { type Fact, type FactKind, foundByOthers, notReportedAgain } from '../fact.ts'
import { detailsOf, holdIn, isIn, textIn, textsIn } from '../fact-details.ts'
import { matchersText } from '../matcher.ts'
import type { Silence } from '../silences/silence.ts'
import { tidy } from '../words/tidy.ts'
import { clockText } from './clock-text.ts'
import type { Known } from './known-facts.ts'
import { holdOf } from './why.ts'
import { alertName, holdText, type Speech } from './why-words.ts'

type Words = Readonly<{
  title: Readonly<Record<FactKind, string>>
  endedByTime: string
  endedForOne: string
  stale: string
  told(firing: number, ended: number): string
  delivered: string
  accepted: string
  lost(reasons: string): string
  givenUp: string
  triedAgain: string
  outcome: Readonly<Record<string, string>>
  late(after: string): string
  until(at: string): string
  comma: string
}>

const en: Words = {
  title: {
    fired: 'fires',
    resolved: 'works again',
    noticed: 'a notice came',
    told: 'told',
    failed: 'not told',
    held: 'held back',
    released: 'held back no more',
    merged: 'merged with a message that waited',
    digested: 'told together with others',
    seen: 'seen',
    acknowledged: 'acknowledged',
    escalated: 'escalated',
    action_run: 'action run',
    judged: 'judged',
    folded: 'folded into another one',
    snoozed: 'snoozed',
    silenced: 'silenced',
    unsilenced: 'silence ended',
    receipt: 'receipt',
    canary: 'test message',
  },
  endedByTime: 'works again, or nobody reports it any more',
  endedForOne: 'ended for one who reported it, a rule still finds it',
  stale: 'its data stopped coming; whether it works nobody knows',
  told: (firing, ended) =>
    [...(firing > 0 ? [`${firing} firing`] : []), ...(ended > 0 ? [`${ended} ended`] : [])].join(', '),
  delivered: 'delivered',
  accepted: 'accepted by the service',
  lost: reasons => `not all have it (${reasons})`,
  givenUp: 'given up',
  // Also read later, when another way has told it.
  triedAgain: 'the next way or another try follows',
  outcome: { delivered: 'delivered', failed: 'did not arrive', seen: 'picked up or read' },
  late: after => `${after} after the service took it`,
  until: at => `until ${at}`,
  comma: ', ',
}

const zh: Words = {
  title: {
    fired: '告警',
    resolved: '恢复',
    noticed: '收到通知',
    told: '已告知',
    failed: '未能告知',
    held: '暂不告知',
    released: '不再屏蔽',
    merged: '并入等待发送的消息',
    digested: '与其他告警合并告知',
    seen: '已查看',
    acknowledged: '已确认',
    escalated: '已升级',
    action_run: '已执行操作',
    judged: '已判定',
    folded: '并入其他告警',
    snoozed: '已推迟',
    silenced: '已静默',
    unsilenced: '静默结束',
    receipt: '回执',
    canary: '测试消息',
  },
  endedByTime: '恢复，或已无人上报',
  endedForOne: '其中一方已报恢复，仍有规则在触发',
  stale: '数据中断，是否恢复尚不清楚',
  told: (firing, ended) =>
    [...(firing > 0 ? [`正在告警 ${firing} 条`] : []), ...(ended > 0 ? [`${ended} 条已恢复`] : [])].join(
      '，',
    ),
  delivered: '已送达',
  accepted: '服务商已接收',
  lost: reasons => `部分未送达（${reasons}）`,
  givenUp: '已放弃',
  triedAgain: '将改走下一通道或重试',
  outcome: { delivered: '已送达', failed: '未送达', seen: '已接听或已读' },
  late: after => `距服务商接收 ${after}`,
  until: at => `至 ${at}`,
  comma: '，',
}

const words: Readonly<Record<Language, Words>> = { en, zh }

export type FactLine = Readonly<{
  title: string
  // What it is about: an alert with its place, or whoever was told.
  about: string
  // The rest, in a softer voice.
  more: string
  mood: 'bad' | 'good' | 'plain'
}>

const moods: Readonly<Partial<Record<FactKind, FactLine['mood']>>> = {
  fired: 'bad',
  failed: 'bad',
  escalated: 'bad',
  resolved: 'good',
  told: 'good',
  acknowledged: 'good',
  seen: 'good',
}

export function factLine(fact: Fact, known: Known, speech: Speech): FactLine {
  const say = words[speech.language]
  const isEnd = fact.kind === 'resolved'
  const unusual = isEnd ? unusualEnd(textIn(fact, 'reason'), say) : undefined
  // Whether it works nobody knows.
  const isOpen = unusual !== undefined || (isEnd && isIn(fact, 'stale'))
  return {
    title: unusual ?? say.title[fact.kind] ?? fact.kind,
    about: tidy(aboutOf(fact, known, speech)),
    more: tidy(moreOf(fact, known, speech)),
    mood: isOpen ? 'plain' : moodOf(fact),
  }
}

function unusualEnd(reason: string | undefined, say: Words): string | undefined {
  if (reason === foundByOthers) return say.endedForOne
  return reason === notReportedAgain ? say.endedByTime : undefined
}

const aboutOf = ({ fingerprint, who }: Fact, { labelsOf }: Known, speech: Speech): string =>
  fingerprint === null ? who : alertName(fingerprint, labelsOf(fingerprint) ?? null, speech)

const moodOf = (fact: Fact): FactLine['mood'] => {
  const outcome = fact.kind === 'receipt' ? textIn(fact, 'outcome') : undefined
  if (outcome !== undefined) return outcome === 'failed' ? 'bad' : 'good'
  return moods[fact.kind] ?? 'plain'
}

function moreOf(fact: Fact, known: Known, speech: Speech): string {
  const say = words[speech.language]
  switch (fact.kind) {
    case 'fired':
      return summaryIn(fact, speech.language)
    case 'resolved':
      return isIn(fact, 'stale') ? say.stale : ''
    case 'told': {
      const counts = say.told(textsIn(fact, 'firing').length, textsIn(fact, 'resolved').length)
      const lost = textsIn(fact, 'lost').join('; ')
      const taken = isIn(fact, 'isCertain') ? say.delivered : say.accepted
      return [counts, taken, lost === '' ? '' : say.lost(lost)].filter(each => each !== '').join(say.comma)
    }
    case 'failed':
      return `${textIn(fact, 'why') ?? ''}${say.comma}${isIn(fact, 'isFinal') ? say.givenUp : say.triedAgain}`
    case 'held':
      return heldText(fact, known, speech)
    case 'receipt':
    case 'seen':
      return receiptText(fact, say)
    case 'acknowledged':
      return textIn(fact, 'by') ?? ''
    case 'silenced':
    case 'unsilenced':
      return silenceText(fact, say, speech)
    default:
      return [textIn(fact, 'outcome'), textIn(fact, 'why'), textIn(fact, 'text')]
        .filter(each => each !== undefined)
        .join(say.comma)
  }
}

function heldText(fact: Fact, known: Known, speech: Speech): string {
  const hold = holdOf(holdIn(fact), known)
  return hold === null ? '' : holdText(hold, speech)
}

function silenceText({ kind, who, details }: Fact, say: Words, speech: Speech): string {
  const { matchers, endsAtMs, createdBy, comment } = details as Silence
  const until = kind === 'silenced' ? say.until(clockText(endsAtMs, speech)) : ''
  const by = createdBy === who ? '' : createdBy
  return [until, matchersText(matchers), by, comment].filter(each => each !== '').join(say.comma)
}

// Sooner than that nobody asks how long it took.
const lateMs = 60_000

function receiptText(fact: Fact, say: Words): string {
  const outcome = textIn(fact, 'outcome') ?? ''
  const { afterMs } = detailsOf(fact)
  const isLate = typeof afterMs === 'number' && afterMs >= lateMs
  return [
    textIn(fact, 'to'),
    say.outcome[outcome] ?? outcome,
    textIn(fact, 'why'),
    isLate ? say.late(durationText(Math.round(afterMs / 1_000) * 1_000)) : undefined,
  ]
    .filter(each => each !== undefined && each !== '')
    .join(say.comma)
}

function summaryIn(fact: Fact, language: Language): string {
  const { annotations = noLabels } = detailsOf(fact) as { annotations?: Labels }
  return annotationIn(language, annotations, 'summary') || annotationIn(language, annotations, 'description')
}
