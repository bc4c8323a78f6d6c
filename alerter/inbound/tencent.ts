// Tencent Cloud's callbacks: states of SMS, replies, results of calls and keys pressed in them; and what Tencent wants to
// hear back. Called by the routes for inbound messages.
import type { Inbound } from '../inbound.ts'
import { type Fields, isFields, objectsOf, textOf } from './form.ts'

export const tencentThanks = '{"result":0,"errmsg":"OK"}'

export const readTencent = (body: string): Inbound[] => objectsOf(body).flatMap(readOne)

const numberOf = (fields: Fields): string => {
  const [country, mobile] = [textOf(fields, 'nationcode'), textOf(fields, 'mobile')]
  return country === '' ? mobile : `+${country}${mobile}`
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
    return [
      { kind: 'receipt', receipt: sid, outcome: isDone ? 'delivered' : 'failed', reason: isDone ? '' : why },
    ]
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
  return [{ kind: 'receipt', receipt, outcome: wasTaken ? 'seen' : 'failed', reason }]
}

const readKeys = (keys: Fields): Inbound[] => {
  const text = textOf(keys, 'keypress')
  return text === '' ? [] : [{ kind: 'reply', from: numberOf(keys), text }]
}
