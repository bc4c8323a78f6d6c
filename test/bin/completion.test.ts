import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { commands } from '../../bin/commands.ts'
import { world } from './world.ts'

const { run, cwd } = world({ 'some.yml': '', 'folder/x': '' })
const { out: script } = await run('completion', 'bash')

// What bash would offer after these words.
function offered(...words: string[]): string[] {
  const line = ['plimsoll', ...words].map(word => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _plimsoll; printf '%s\\n' "\${COMPREPLY[@]}"`
  const text = execFileSync('bash', ['--norc', '-c', `${script}\n${ask}`], { cwd, encoding: 'utf8' })
  return text.split('\n').filter(each => each !== '')
}

test('bash offers commands, their second words, flags and choices', () => {
  expect(offered('')).toEqual([...new Set(commands.map(({ name }) => name.split(' ')[0]))])
  expect(offered('qu')).toEqual(['query'])
  expect(offered('token', '')).toEqual(['create', 'list', 'revoke'])
  expect(offered('token', 'create', 'x', '--s')).toEqual(['--scopes'])
  expect(offered('token', 'create', 'x', '--scopes', 'w')).toEqual(['write'])
  expect(offered('query', '--c')).toEqual(['--csv', '--config'])
  expect(offered('query', 'x', '--at', '')).toEqual([])
  expect(offered('completion', 'z')).toEqual(['zsh'])
  expect(offered('help', 'ch')).toEqual(['check'])
  expect(offered('nonsense', '')).toEqual([])
})

test('bash offers files and folders where those are wanted', () => {
  expect(offered('check', 'so')).toEqual(['some.yml'])
  expect(offered('check', '--config', 'so')).toEqual(['some.yml'])
  expect(offered('backup', 'fo')).toEqual(['folder'])
  expect(offered('up', '--data', '')).toEqual(['folder'])
})

test('zsh and fish have theirs', async () => {
  expect((await run('completion', 'zsh')).out).toMatch(/^#compdef plimsoll\n/)
  const fish = (await run('completion', 'fish')).out
  expect(fish).toContain(
    "complete -c plimsoll -n __fish_use_subcommand -a check -d 'check the configuration and its rule files, and show every problem'",
  )
  expect(fish).toContain(
    "-n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from create' -l scopes",
  )
  const { exit, err } = await run('completion', 'zhs')
  expect([exit, err]).toEqual([
    2,
    'plimsoll completion: wanted bash, zsh or fish, found zhs. Did you mean zsh?\n',
  ])
})
