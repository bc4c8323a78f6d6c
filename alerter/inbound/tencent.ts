// Tencent Cloud's callbacks: states of SMS, replies, results of calls and keys pressed in them; and what Tencent wants to
// hear back. It signs none of them. Called by the channels of Tencent.
import { hasKey, type Keyed } from '../callback-key.ts'
import type { Hears } from '../channel.ts'
import type { Inbound } from '../inbound.ts'
import { type Fields, isFields, isJson, objectsOf, textOf } from './form.ts'

export const tencentThanks = '{"result":0,"errmsg":"OK"}'

export const tencentHears: Hears<Keyed> = {
  isFrom: (call, settings) => hasKey(call, settings.callback_key),
  read: ({ body }) => (isJson(body) ? readTencent(body) : undefined),
  thanks: () => ({ type: 'application/json; charset=utf-8', body: tencentThanks }),
}

export const readTencent = (body: string): Inbound[] => objectsOf(body).flatMap(readOne)

const numberOf = (fields: Fields): string => {
  const [country, mobile] = [textOf(fields, 'nationcode'), textOf(fields, 'mobile')]
  return country === '' ? mobile : `+${country}${mobile}`
}

const toOf = (fields: Fields): Readonly<{ to?: string }> => {
  const to = numberOf(fields)
  return to === '' ? {} : { to }
}

function readOne(fields: Fields): Inbound[] {
  const call = fields['voiceprompt_callback']
  if (isFields(call)) return readCall(call)
  const keys = fields['voicekey_callback']
  if (isFields(keys)) return readKeys(keys)
  const [sid, status] = [textOf(fields, 'sid'), textOf(fields, 'report_status')]
  if (sid !== '' && status !== '') {
    const isDone = status === 'SUCCESS'
    const why = [textOf(fields, 'errmsg'), textOf(fields, 'description')]
      .filter(text => text !== '')
      .join(': ')
    const outcome = isDone ? 'delivered' : 'failed'
    return [{ kind: 'receipt', receipt: sid, outcome, reason: isDone ? '' : why, ...toOf(fields) }]
  }
  const text = textOf(fields, 'text')
  return text !== '' && textOf(fields, 'mobile') !== ''
    ? [{ kind: 'reply', from: numberOf(fields), text }]
    : []
}

function readCall(call: Fields): Inbound[] {
  const receipt = textOf(call, 'callid')
  if (receipt === '') return []
  const wasTaken = textOf(call, 'result') === '0'
  const reason = wasTaken ? '' : `result ${textOf(call, 'result')}`
  return [{ kind: 'receipt', receipt, outcome: wasTaken ? 'seen' : 'failed', reason, ...toOf(call) }]
}

// Which incident the call told of, the key does not say; the call does.
const readKeys = (keys: Fields): Inbound[] => {
  const receipt = textOf(keys, 'callid')
  const isTaken = textOf(keys, 'keypress') === '1' && receipt !== ''
  return isTaken ? [{ kind: 'taken', receipt, by: numberOf(keys), atMs: null }] : []
}
