// How advice reads to a person, in both languages. Called by notice.ts, the routes and the command `capacity advice`.
import type { Language } from '#core/http/language.ts'
import type { Way } from './hive.ts'
import type { AdvisedPool, Judged, Placed } from './judged.ts'

type Words = Readonly<{
  seconds(busySeconds: number, processes: number, bearable: number): string
  enough: string
  may: Readonly<Record<Way, (time: string) => string>>
  atMost(most: number): string
  advised(from: number, to: number): string
  missing(what: string): string
  place: Readonly<Record<Way, (host: string, proxy: string, count: number) => string>>
  left: Readonly<Record<Way, (count: number) => string>>
  unplaced(why: string): string
  title(pool: string, from: number, to: number): string
}>

const en: Words = {
  seconds: (busy, processes, bearable) =>
    `${figure(busy)} s of handling in the last minute; ${processes} processes should not have more than ${figure(bearable)} s.`,
  enough: 'No more and no fewer are needed.',
  may: {
    grow: time => `More are advised if this lasts ${time}.`,
    shrink: time => `Fewer are advised if this lasts ${time}.`,
  },
  atMost: most => `More are needed, and ${most} is the most that may be.`,
  advised: (from, to) => `Advice: ${to} processes instead of ${from}.`,
  missing: what => `No advice, because there is no measurement: ${what}.`,
  place: {
    grow: (host, proxy, count) => `+${count} on ${host}${proxy === '' ? '' : ` behind ${proxy}`}`,
    shrink: (host, proxy, count) => `−${count} on ${host}${proxy === '' ? '' : ` behind ${proxy}`}`,
  },
  left: {
    grow: count => `${count} fit on no machine: each takes at most min(100, 2 × cores).`,
    shrink: count => `${count} were not found on any machine.`,
  },
  unplaced: why => `Where is not known: ${why}.`,
  title: (pool, from, to) => `${pool}: ${to} processes instead of ${from}`,
}

const zh: Words = {
  seconds: (busy, processes, bearable) =>
    `最近一分钟处理耗时 ${figure(busy)} 秒；${processes} 个进程不应超过 ${figure(bearable)} 秒。`,
  enough: '无需增减进程。',
  may: {
    grow: time => `若持续 ${time}，将建议扩容。`,
    shrink: time => `若持续 ${time}，将建议缩容。`,
  },
  atMost: most => `需要更多进程，但已达上限 ${most}。`,
  advised: (from, to) => `建议：进程数由 ${from} 调整为 ${to}。`,
  missing: what => `缺少测量数据，不给出建议：${what}。`,
  place: {
    grow: (host, proxy, count) => `${host}${proxy === '' ? '' : `（代理 ${proxy}）`} +${count}`,
    shrink: (host, proxy, count) => `${host}${proxy === '' ? '' : `（代理 ${proxy}）`} −${count}`,
  },
  left: {
    grow: count => `${count} 个进程无处安放：每台机器最多 min(100, 2 × 核数) 个。`,
    shrink: count => `有 ${count} 个进程在各机器上均未找到。`,
  },
  unplaced: why => `位置未知：${why}。`,
  title: (pool, from, to) => `${pool}：进程数 ${from} → ${to}`,
}

const words: Readonly<Record<Language, Words>> = { en, zh }

// Three digits that mean something.
const figure = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))

const minutes = (ms: number): string => `${figure(ms / 60_000)} min`

// One line: what was measured and what follows from it.
export function reasonText({ advice: rule }: AdvisedPool, judged: Judged, language: Language): string {
  const say = words[language]
  const { missing, busySeconds, processes, advice, why } = judged
  if (missing !== null || busySeconds === null || processes === null) return say.missing(missing ?? '')
  const { concurrency, share, growAfterMs, shrinkAfterMs, most } = rule
  const measured = say.seconds(busySeconds, processes, processes * concurrency * 60 * share)
  const follows =
    advice !== null
      ? say.advised(advice.from, advice.to)
      : why === 'may_grow'
        ? say.may.grow(minutes(growAfterMs))
        : why === 'may_shrink'
          ? say.may.shrink(minutes(shrinkAfterMs))
          : why === 'at_most'
            ? say.atMost(most)
            : say.enough
  return language === 'zh' ? measured + follows : `${measured} ${follows}`
}

export function placedLines(way: Way, { places, left, why }: Placed, language: Language): string[] {
  const say = words[language]
  return [
    ...places.map(({ host, proxy, count }) => say.place[way](host, proxy, count)),
    ...(left === 0 ? [] : [say.left[way](left)]),
    ...(why === null ? [] : [say.unplaced(why)]),
  ]
}

export const titleText = (pool: string, from: number, to: number, language: Language): string =>
  words[language].title(pool, from, to)
