// A failure for whoever followed an address in a browser: what is wrong, what it means, what to do, and the way home.
// Programs get the same as JSON. Called by fault.ts.
import { type ErrorCode, errors, type Failure } from '../errors.ts'
import { coded, frame, type Html, html } from './frame.ts'
import type { Language } from './language.ts'

type Words = Readonly<{
  // By status, else by whose fault it is.
  titles: Readonly<{ 404: string; 403: string; ours: string; theirs: string }>
  // Instead of what errors.ts says, which is English and speaks to whoever writes programs.
  means: Partial<Readonly<Record<ErrorCode, string>>>
  home: string
}>

const words: Readonly<Record<Language, Words>> = {
  en: {
    titles: {
      404: 'Nothing is here',
      403: 'This is not open to you',
      ours: 'That did not work',
      theirs: 'That could not be answered',
    },
    means: {
      not_found: 'There is nothing at this address, or no longer.',
      forbidden: 'Whoever administers this service can give you the right to it.',
    },
    home: 'To the front page',
  },
  zh: {
    titles: { 404: '这里没有内容', 403: '您无权查看', ours: '出了问题', theirs: '无法处理该请求' },
    means: {
      not_found: '此地址没有内容，或内容已不存在。',
      forbidden: '请向本服务的管理员申请权限。',
      bad_request: '请求的内容不符合此地址的要求，请按下面的说明修改。',
      method_not_allowed: '此地址不接受这种请求。',
      internal: '服务内部出错，日志中有同一编号的详情。',
      overloaded: '服务正忙，请稍后再试。',
    },
    home: '返回首页',
  },
}

export function faultPage({ code, detail }: Failure, language: Language): string {
  const { status } = errors[code]
  const { titles, means, home } = words[language]
  const title = status === 404 || status === 403 ? titles[status] : status < 500 ? titles.theirs : titles.ours
  const own = means[code]
  const body = html`<h1>${title}</h1>
<div class="card">${own !== undefined && html`<p>${own}</p>`}
<div lang="en"><p>${coded(detail)}</p>${own === undefined && explained(code)}
<p class="soft"><code>${status} ${code}</code></p></div></div>
<p><a href="/">${home}</a></p>`
  return frame({ title, language, body })
}

function explained(code: ErrorCode): Html {
  const { means, todo } = errors[code]
  return html`<p class="soft">${coded(means)}</p><p>${coded(todo)}</p>`
}
