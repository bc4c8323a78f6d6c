// Aliyun's callbacks: SmsReport, SmsUp and VoiceReport, lists of JSON; and what Aliyun wants to hear back. It signs none
// of them. Called by the channels of Aliyun.
import { hasKey, type Keyed } from '../callback-key.ts'
import type { Hears } from '../channel.ts'
import type { Inbound } from '../inbound.ts'
import { type Fields, isJson, objectsOf, textOf } from './form.ts'

// Anything else, and it is sent again.
export const aliyunThanks = '{"code":0,"msg":"ok"}'

export const aliyunHears: Hears<Keyed> = {
  isFrom: (call, settings) => hasKey(call, settings.callback_key),
  read: ({ body }) => (isJson(body) ? readAliyun(body) : undefined),
  thanks: () => ({ type: 'application/json; charset=utf-8', body: aliyunThanks }),
}

export const readAliyun = (body: string): Inbound[] => objectsOf(body).flatMap(readOne)

const toOf = (number: string): Readonly<{ to?: string }> => (number === '' ? {} : { to: number })

function readOne(fields: Fields): Inbound[] {
  const number = textOf(fields, 'phone_number')
  const biz = textOf(fields, 'biz_id')
  if (biz !== '' && typeof fields['success'] === 'boolean') {
    const to = toOf(number)
    if (fields['success']) return [{ kind: 'receipt', receipt: biz, outcome: 'delivered', reason: '', ...to }]
    const reason = [textOf(fields, 'err_code'), textOf(fields, 'err_msg')]
      .filter(text => text !== '')
      .join(': ')
    return [{ kind: 'receipt', receipt: biz, outcome: 'failed', reason, ...to }]
  }
  const call = textOf(fields, 'call_id')
  const state = textOf(fields, 'status_code')
  if (call !== '' && state !== '') {
    // 200000: picked up; 2001xx: refused, busy, off.
    const wasTaken = state === '200000'
    const reason = wasTaken
      ? ''
      : [state, textOf(fields, 'status_msg')].filter(text => text !== '').join(': ')
    const to = toOf(textOf(fields, 'callee'))
    return [{ kind: 'receipt', receipt: call, outcome: wasTaken ? 'seen' : 'failed', reason, ...to }]
  }
  const content = textOf(fields, 'content')
  return number !== '' && content !== '' ? [{ kind: 'reply', from: number, text: content }] : []
}
