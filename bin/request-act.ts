// Does something to requests by number, each with the version that was seen. Called by the commands that are one act:
// `capacity submit`, `approve` and their like, and by those that change one.
import { type Ask, openAsk } from './ask.ts'
import { type Call, type Command, Stop } from './command.ts'
import { type RequestLine, type RequestStory, requestPath, requestsText } from './requests-view.ts'

export function numberOf(text: string | undefined): string {
  if (text !== undefined && /^[1-9]\d{0,14}$/.test(text)) return text
  throw new Stop(
    `wanted the number of a request, as \`plimsoll capacity requests\` shows it, found ${text ?? 'none'}`,
    2,
  )
}

export function wholeOf(text: string, at: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Stop(`${at}: wanted a whole number like 5, found ${text}`, 2)
}

export function dayOf(text: string | undefined, at: string): string | undefined {
  if (text === undefined || /^\d{4}-\d\d-\d\d$/.test(text)) return text
  throw new Stop(`${at}: wanted a day like 2026-12-31, found ${text}`, 2)
}

// None at all has come where a delivery is corrected.
function unitsOf(text: string | undefined, act: string): number | undefined {
  if (text === undefined) return undefined
  return act === 'correct' && text === '0' ? 0 : wholeOf(text, '--units')
}

// As it is now, unless the person says what he saw.
export async function versionOf(ask: Ask, number: string, seen: string | undefined): Promise<number> {
  if (seen !== undefined) return wholeOf(seen, '--seen')
  const { request } = (await ask.send('GET', requestPath(number))) as RequestStory
  return request.version
}

export function showChanged({ on, io }: Call, requests: readonly RequestLine[]): 0 {
  if (on.has('json')) io.out(`${JSON.stringify({ requests }, null, 2)}\n`)
  else io.out(requestsText(requests))
  return 0
}

// One after the other: what was done before one that is refused stays done, and is shown.
export const actCommand =
  (act: string): Command =>
  async call => {
    const { args, text } = call
    const numbers = args.map(numberOf)
    const units = unitsOf(text['units'], act)
    const due = dayOf(text['due'], '--due')
    if (numbers.length > 1 && (units !== undefined || text['seen'] !== undefined))
      throw new Stop('--units and --seen are for one NUMBER', 2)
    const ask = openAsk(call)
    const done: RequestLine[] = []
    try {
      for (const number of numbers) {
        const version = await versionOf(ask, number, text['seen'])
        const body = { act, version, due, units, why: text['why'] }
        const answer = (await ask.send('POST', `${requestPath(number)}/act`, body)) as RequestStory
        done.push(answer.request)
      }
    } catch (cause) {
      if (done.length > 0 && cause instanceof Stop) showChanged(call, done)
      throw cause
    }
    return showChanged(call, done)
  }
