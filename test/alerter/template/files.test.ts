import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readTemplateFiles } from '../../../alerter/template/files.ts'
import { openTemplates } from '../../../alerter/template.ts'
import { messageOf } from '../messages.ts'

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-templates-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(folder, name), text)

write('b.tmpl', '{{ define "who" }}b{{ end }}')
write('a.tmpl', '{{ define "who" }}a{{ end }}')
write('z.txt', 'not asked for')
write('bytes.bad', Uint8Array.of(0xff, 0xfe))
mkdirSync(join(folder, 'folder.bad'))

test('files come in the order of the patterns, and of their names', () => {
  const names = (...patterns: string[]) =>
    readTemplateFiles(patterns.map(each => join(folder, each))).files.map(({ name }) =>
      name.slice(folder.length + 1),
    )

  expect(names('*.tmpl')).toEqual(['a.tmpl', 'b.tmpl'])
  expect(names('b.tmpl', '*.tmpl')).toEqual(['b.tmpl', 'a.tmpl', 'b.tmpl'])
  expect(names('none.tmpl', 'no*')).toEqual([])
})

test('what they define can be used', () => {
  const { files } = readTemplateFiles([join(folder, 'b.tmpl'), join(folder, 'a.tmpl')])
  expect(openTemplates(files).render('{{ template "who" }}', messageOf(), 'text')).toBe('a')
})

test('what cannot be read is named, and the others are read', () => {
  const { files, problems } = readTemplateFiles([join(folder, '*.{bad,tmpl}')])
  expect(files).toHaveLength(2)
  expect(problems.map(({ file, wanted }) => [file.slice(folder.length + 1), wanted])).toEqual([
    ['bytes.bad', 'text in UTF-8'],
    ['folder.bad', 'a readable file'],
  ])
})
