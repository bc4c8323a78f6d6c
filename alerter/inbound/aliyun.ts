// Aliyun's callbacks: SmsReport, SmsUp and VoiceReport, lists of JSON; and what Aliyun wants to hear back. Called by the
// routes for inbound messages.
import type { Inbound } from '../inbound.ts'
import { type Fields, objectsOf, textOf } from './form.ts'

// Anything else, and it is sent again.
export const aliyunThanks = '{"code":0,"msg":"ok"}'

export const readAliyun = (body: string): Inbound[] => objectsOf(body).flatMap(readOne)

function readOne(fields: Fields): Inbound[] {
  const number = textOf(fields, 'phone_number')
  const biz = textOf(fields, 'biz_id')
  if (biz !== '' && typeof fields['success'] === 'boolean') {
    if (fields['success']) return [{ kind: 'receipt', receipt: biz, outcome: 'delivered', reason: '' }]
    const reason = [textOf(fields, 'err_code'), textOf(fields, 'err_msg')]
      .filter(text => text !== '')
      .join(': ')
    return [{ kind: 'receipt', receipt: biz, outcome: 'failed', reason }]
  }
  const call = textOf(fields, 'call_id')
  const state = textOf(fields, 'status_code')
  if (call !== '' && state !== '') {
    // 200000: picked up; 2001xx: refused, busy, off.
    const wasTaken = state === '200000'
    const reason = wasTaken
      ? ''
      : [state, textOf(fields, 'status_msg')].filter(text => text !== '').join(': ')
    return [{ kind: 'receipt', receipt: call, outcome: wasTaken ? 'seen' : 'failed', reason }]
  }
  const content = textOf(fields, 'content')
  return number !== '' && content !== '' ? [{ kind: 'reply', from: number, text: content }] : []
}
