// What to do about an alert of our packs: a page for each, in the language of the reader, which its message links to.
// Called by bin/.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '#core/errors.ts'
import { frame, type Html, html } from '#core/http/frame.ts'
import { type Language, languageOf } from '#core/http/language.ts'
import { page } from '#core/http/page.ts'
import { type Route, route } from '#core/http/route.ts'
import { markdownHtml } from './runbooks/markdown.ts'

// They are documents as well: docs/runbooks for whoever reads the repository.
const folder = join(import.meta.dirname, '../docs/runbooks')
const folders: Readonly<Record<Language, string>> = { en: folder, zh: join(folder, 'zh') }

const texts: Readonly<Record<Language, Readonly<{ title: string; all: string }>>> = {
  en: { title: 'Runbooks', all: 'All runbooks' },
  zh: { title: '处理手册', all: '全部处理手册' },
}

export type RunbookOptions = Readonly<{ language: Language }>

export const runbookRoutes = ({ language: fallback }: RunbookOptions): Route[] => [
  route({
    method: 'GET',
    path: '/runbooks',
    scope: 'read',
    summary: 'The pages that say what to do about each alert of the shipped rules.',
    async handle({ headers }) {
      const language = languageOf(headers['accept-language'], fallback)
      const { title } = texts[language]
      const links = (await namesIn(language)).map(
        name => html`<li><a href="/runbooks/${name}">${alertNamed(name)}</a></li>`,
      )
      return shown({ title, language, body: html`<h1>${title}</h1><ul>${links}</ul>` })
    },
  }),
  route({
    method: 'GET',
    path: '/runbooks/:name',
    scope: 'read',
    summary: 'What an alert of the shipped rules means, and what to do about it.',
    async handle({ params, headers }) {
      const { name = '' } = params
      const language = languageOf(headers['accept-language'], fallback)
      const names = await namesIn(language)
      if (!names.includes(name)) throw new Failure('not_found', `there is no runbook ${name}`)
      const alerts = new Map(names.map(each => [alertNamed(each), `/runbooks/${each}`]))
      const text = await readFile(join(folders[language], `${name}.md`), 'utf8')
      const all = html`<p><a href="/runbooks">${texts[language].all}</a></p>`
      return shown({
        title: alertNamed(name),
        language,
        body: html`${markdownHtml(text, alert => alerts.get(alert))}${all}`,
      })
    },
  }),
]

// None where the documents were left out of what was installed.
const namesIn = async (language: Language): Promise<string[]> =>
  (await readdir(folders[language]).catch(() => []))
    .filter(file => file.endsWith('.md'))
    .map(file => file.slice(0, -'.md'.length))
    .sort()

// `disk-full` is that of DiskFull.
const alertNamed = (name: string): string =>
  name.replaceAll(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase())

const style = html`<style>ul{margin:.5rem 0;padding-inline-start:1.3rem}li{margin:.25rem 0}</style>`

const shown = ({ title, language, body }: Readonly<{ title: string; language: Language; body: Html }>) =>
  page(frame({ title, language, body, head: style }))
