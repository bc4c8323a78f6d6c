// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what the configuration expands
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expand } from '#core/config/expand.ts'
import { folderWith, good, problemsOf } from './files.ts'

const env = { NAME: 'web-1', EMPTY: '', ON: 'false', COUNT: '7', EVIL: 'x"}\nlisten: :1' }

test('puts in what the environment and files hold', () => {
  const folder = folderWith({ secret: 's3cret\n', two: 'a\nb\n\n' })
  const t = (text: string, result: string) =>
    expect(expand(text, folder, env), text).toMatchObject({ text: result, troubles: [] })

  t('plain', 'plain')
  t('$NAME', '$NAME')
  t('${NAME}', 'web-1')
  t('a-${NAME}-${NAME}', 'a-web-1-web-1')
  t('${EMPTY}', '')
  t('${EMPTY:-x}', 'x')
  t('${NIX:-x}', 'x')
  t('${NIX:-}', '')
  t('${NIX:-a:-b}', 'a:-b')
  t('${NAME:-x}', 'web-1')
  t('${file:secret}', 's3cret')
  t(`\${file:${folder}/secret}`, 's3cret')
  // One newline at the end is the editor's, a second one is meant.
  t('${file:two}', 'a\nb\n')
  t('$${NAME}', '${NAME}')
  t('$$${NAME}', '$${NAME}')
})

test('says what is wrong, and where in the text', () => {
  const folder = folderWith({ 'd/x': '' })
  const t = (text: string, at: number, wanted: string) => {
    const { troubles } = expand(text, folder, env)
    expect(troubles, text).toHaveLength(1)
    expect(troubles[0]?.at, text).toBe(at)
    expect(troubles[0]?.wanted, text).toContain(wanted)
  }

  t('${NIX}', 0, 'the environment variable NIX')
  t('a ${NIX}', 2, 'the environment variable NIX')
  t('${NAME', 0, 'a closing }')
  t('${}', 0, '${NAME}, ${NAME:-default} or ${file:path}')
  t('${1X}', 0, '${NAME}')
  t('${NAME-x}', 0, '${NAME}')
  t('${file:nix}', 0, 'a readable file')
  t('${file:d}', 0, 'a readable file')
})

test('problems point at the spot in the file', () => {
  expect(problemsOf('agent:\n  host: "a ${NAME} ${NIX}"', { env })).toEqual([
    'plimsoll.yml:2:20  agent.host: wanted the environment variable NIX, found none of that name',
  ])
  // A value that could not be made is complained of once.
  expect(problemsOf('listen: ${NIX}', { env })).toHaveLength(1)
  // Found is what stands in the file, since what came from outside may be secret.
  expect(problemsOf('listen: ${NAME}', { env })[0]).toContain('found "${NAME}"')
})

test('paths of files begin at the file that names them', () => {
  const files = {
    'plimsoll.yml': 'include: sub/a.yml',
    'sub/a.yml': 'agent: {host: "${file:name}"}',
    'sub/name': 'h1\n',
  }
  expect(good(files).agent.host).toBe('h1')
})

test('numbers and truths may come from outside too', () => {
  const config = good('agent: {enabled: "${ON}", tags: {n: "${COUNT}"}}\nlimits: {tags: "${COUNT}"}', { env })
  expect(config.agent).toMatchObject({ enabled: false, tags: { n: '7' } })
  expect(config.limits.tags).toBe(7)
  expect(problemsOf('agent:\n  enabled: ${NAME}', { env })[0]).toContain('wanted true or false')
})

test('what is put in cannot change the structure', () => {
  expect(good('agent: {host: "${EVIL}"}', { env }).agent.host).toBe(env.EVIL)
  expect(good('agent: {host: "${EVIL}"}', { env }).listen.port).toBe(1876)
})

test('text without a dollar stays as it is, and no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab${}:-f') }), text => {
      const { text: result, changed } = expand(text, '/nonexistent', {})
      if (!text.includes('${')) expect([result, changed]).toEqual([text, false])
    }),
  )
})
