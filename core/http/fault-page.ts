// A failure for whoever followed an address in a browser: what is wrong, what it means, what to do, and the way home.
// Programs get the same as JSON. Called by fault.ts.
import { errors, type Failure } from '../errors.ts'
import { coded, frame, html } from './frame.ts'
import type { Language } from './language.ts'

const titles = {
  en: {
    404: 'Nothing is here',
    403: 'This is not open to you',
    ours: 'That did not work',
    theirs: 'That could not be answered',
    home: 'To the front page',
  },
  zh: {
    404: '这里没有内容',
    403: '您无权查看',
    ours: '出了问题',
    theirs: '无法处理该请求',
    home: '返回首页',
  },
} as const satisfies Record<Language, object>

export function faultPage({ code, detail }: Failure, language: Language): string {
  const { status, means, todo } = errors[code]
  const words = titles[language]
  const title = status === 404 || status === 403 ? words[status] : status < 500 ? words.theirs : words.ours
  // What errors mean is said in English alone.
  const body = html`<h1>${title}</h1>
<div class="card" lang="en"><p>${coded(detail)}</p><p class="soft">${coded(means)}</p><p>${coded(todo)}</p>
<p class="soft"><code>${status} ${code}</code></p></div>
<p><a href="/">${words.home}</a></p>`
  return frame({ title, language, body })
}
