// The pages that messages about alerts lead to.
import { expect, test } from 'vitest'
import { markdownHtml } from '../../rules/runbooks/markdown.ts'
import { runbookRoutes } from '../../rules/runbooks.ts'
import { ask, bearer, openStand } from '../core/http/ask.ts'
import { expectClosedWithoutLogin } from '../core/http/every-route.ts'

test('a runbook is a page in the language of the reader, and one that is none is not there', async () => {
  await using stand = await openStand(runbookRoutes({ language: 'en' }))
  const read = (name: string, language?: string) => {
    const headers = { ...bearer('read'), ...(language && { 'accept-language': language }) }
    return ask(stand.http, `/runbooks/${name}`, { headers })
  }
  const english = await read('agent-silent', 'en')
  expect(english.status).toBe(200)
  expect(english.text).toContain('<html lang="en">')
  expect(english.text).toContain('<h1>AgentSilent</h1>')
  expect(english.text).toContain('<h2>First looks</h2>')
  expect(english.text).toMatch(/<pre><code>[^<]*plimsoll query/)
  expect(english.text).not.toContain('`')
  const chinese = await read('agent-silent', 'zh-CN,zh;q=0.9')
  expect(chinese.text).toContain('<html lang="zh">')
  expect(chinese.text).toContain('<h2>先看什么</h2>')
  // What nobody asked for, as services and old browsers do not.
  expect((await read('agent-silent')).text).toContain('First looks')
  for (const none of ['nobody', 'zh', '..%2fmetrics', 'zh%2fagent-silent', 'agent-silent.md', '%00'])
    expect((await read(none, 'en')).status, none).toBe(404)
})

test('all of them stand on one page', async () => {
  await using stand = await openStand(runbookRoutes({ language: 'zh' }))
  const headers = bearer('read')
  const { text } = await ask(stand.http, '/runbooks', { headers })
  expect(text).toContain('<h1>处理手册</h1>')
  const links = [...text.matchAll(/<a href="(\/runbooks\/[^"]+)">(\w+)<\/a>/g)]
  expect(links.length).toBeGreaterThan(70)
  expect(links.map(([, , alert]) => alert)).toContain('FileSystemFullSoon')
  const stuck = await ask(stand.http, '/runbooks/plimsoll-store-stuck', { headers })
  expect(stuck.text).toContain('<a href="/runbooks/file-system-full">FileSystemFull</a>')
  const all = await Promise.all(links.map(([, path]) => ask(stand.http, path!, { headers })))
  expect(all.map(({ status }) => status)).toEqual(links.map(() => 200))
  for (const [nth, [, , alert]] of links.entries()) expect(all[nth]!.text).toContain(`<h1>${alert}</h1>`)
})

test('nobody reads them without a login', () => expectClosedWithoutLogin(runbookRoutes({ language: 'en' })))

test('Markdown as runbooks are written', () => {
  const t = (text: string, wanted: string) =>
    expect(markdownHtml(text).html.replaceAll('\n', '|')).toBe(wanted)

  t('# A\n\n## B\n', '<h1>A</h1>|<h2>B</h2>|')
  t('one\ntwo `x <y>`\n\nthree', '<p>one two <code>x &lt;y&gt;</code></p>|<p>three</p>|')
  t('- a\n- b\n  more', '<ul><li>a</li><li>b more</li></ul>|')
  t('第一行，\n第二行\n行 `a`\n而后', '<p>第一行，第二行行 <code>a</code> 而后</p>|')
  const linked = markdownHtml('See DiskFull, `DiskFull` or DiskFuller.', alert =>
    alert === 'DiskFull' ? '/d' : undefined,
  )
  const link = '<a href="/d">DiskFull</a>'
  expect(linked.html).toBe(`<p>See ${link}, <code>${link}</code> or DiskFuller.</p>\n`)
  t('```\na\n\n- b `c`\n```\n\nd', '<pre><code>a||- b `c`</code></pre>|<p>d</p>|')
})
