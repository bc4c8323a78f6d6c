// Does the last hour go along with a message? Where the channel takes pictures, while little waits, and until a try with
// one has failed. Called by flight.ts right before a message leaves, and when it has landed.
import type { LastHour } from '../last-hour.ts'
import type { Message } from '../message.ts'
import type { Item } from './item.ts'
import type { Result } from './verdicts.ts'
import type { Way } from './ways.ts'

export type Pictured = (message: Message, way: Way, first: Item) => Promise<Message>

// In a storm people want to be told, and pictures would hold them up.
const waitingMax = 20

type Asked = Readonly<{ waiting(): number; takesPicture(way: Way): boolean }>

export function openPictured(lastHour: LastHour | undefined, { waiting, takesPicture }: Asked): Pictured {
  return async (message, way, { bareBy }) => {
    if (lastHour === undefined || message.kind !== 'alerts' || waiting() > waitingMax) return message
    if (!takesPicture(way) || bareBy.includes(way.id)) return message
    const picture = await lastHour.pictureOf(message)
    return picture === null ? message : { ...message, picture }
  }
}

type Flown = Readonly<{ message: Message; way: Way; result: Result }>

// What is large may be why it did not get there. A limit says nothing of it, nor does another one who has it; and what goes
// after its message held up nothing.
export function noteFailed(first: Item, { message, way: { id, channel }, result }: Flown): void {
  if (message.kind !== 'alerts' || message.picture === null) return
  if (channel.kind === 'http' && channel.trail !== undefined) return
  if (result.kind === 'later' && !result.isLimit && result.told !== 'now')
    first.bareBy = [...first.bareBy, id]
}
