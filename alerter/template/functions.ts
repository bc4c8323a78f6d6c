// The table of functions that Alertmanager 0.31 gives to its templates, beside Go's own; times are told by the clock of
// the message. Called through template.ts, and by html/ for the names of what is HTML already.
import { durationOfMs } from '#promql/template/duration.ts'
import { humanizeDuration, toNumber } from '#promql/template/humanize.ts'
import { lowerCase, titleCase } from '#promql/template/letter-case.ts'
import { CallRefused } from '#promql/template/state.ts'
import { textFunction, textFunctions } from '#promql/template/text-functions.ts'
import { formatTime } from '#promql/template/time-layout.ts'
import {
  type Functions,
  func,
  type List,
  marked,
  type Run,
  type Time,
  type Value,
  variadic,
} from '#promql/template/value.ts'
import { textsValue } from './data.ts'
import { jsonOf } from './json.ts'
import { zoneOf } from './zone.ts'

export type MessageWorld = Readonly<{ nowMs: number }>

export const htmlType = 'template.HTML'
export const urlType = 'template.URL'

const space = /^[\s\u0085]+|[\s\u0085]+$/g

function queryUnescape(text: string): Value {
  const wrong = /%(?![\da-f]{2})(.{0,2})/is.exec(text)
  if (wrong !== null) throw new CallRefused(`invalid URL escape ${JSON.stringify(`%${wrong[1]}`)}`)
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/(?:%[\da-f]{2})+/gi, found => Buffer.from(found.replaceAll('%', ''), 'hex').toString('utf8'))
  return bytes
}

function inZone(name: string, time: Time): Time {
  if (name === '' || name === 'UTC') return { ...time, zone: undefined }
  if (name === 'Local') return { ...time, zone: time.local }
  try {
    return { ...time, zone: zoneOf(name) }
  } catch {
    throw new CallRefused(`unknown time zone ${name}`)
  }
}

export const messageFunctions: Functions<MessageWorld> = {
  ...textFunctions,
  // Of each word the first letter is made large and the others small.
  title: func(['string'], ([text], run) => {
    run.spend(text.length)
    return titleCase(lowerCase(text))
  }),
  trimSpace: textFunction(text => text.replaceAll(space, '')),
  join: func(['string', '[]string'], ([between, texts], { lengthMax }) =>
    joined(((texts as List | undefined)?.items ?? []) as readonly string[], between, lengthMax),
  ),
  safeHtml: textFunction(text => marked(text, htmlType)),
  safeUrl: textFunction(text => marked(text, urlType)),
  urlUnescape: textFunction(queryUnescape),
  stringSlice: variadic([], 'string', given => textsValue(given as readonly string[])),
  date: func(['string', 'time.Time'], ([layout, { tMs, zone }]) => formatTime(tMs, layout, zone)),
  tz: func(['string', 'time.Time'], ([name, time]) => inZone(name, time)),
  since: func(['time.Time'], ([{ tMs }], { world }: Run<MessageWorld>) => durationOfMs(world.nowMs - tMs)),
  humanizeDuration: func(['any'], ([value]) => humanizeDuration(toNumber(value))),
  toJson: func(['any'], ([value], { lengthMax }) => jsonOf(value, lengthMax)),
}

function joined(texts: readonly string[], between: string, lengthMax: number): string {
  const length = texts.reduce((sum, each) => sum + each.length + between.length, 0)
  if (length > lengthMax + between.length) {
    throw new CallRefused(`its text is longer than ${lengthMax} characters`)
  }
  return texts.join(between)
}
