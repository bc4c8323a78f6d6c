import { existsSync, globSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { commands, everyFlag } from '../../bin/commands.ts'
import { world } from './world.ts'

const { run } = world()

test('without words, and with help, all commands are shown', async () => {
  const { exit, out, err } = await run()
  expect([exit, err]).toEqual([0, ''])
  await expect(out).toMatchFileSnapshot('samples/help.txt')
  expect((await run('help')).out).toBe(out)
  expect((await run('--help')).out).toBe(out)
  expect((await run('-h')).out).toBe(out)
})

test('help on a command is the same however it is asked for', async () => {
  const { exit, out } = await run('help', 'query')
  expect(exit).toBe(0)
  await expect(out).toMatchFileSnapshot('samples/help-query.txt')
  expect((await run('query', '--help')).out).toBe(out)
  expect((await run('query', 'up', '-h')).out).toBe(out)
  const tokens = await run('help', 'token')
  await expect(tokens.out).toMatchFileSnapshot('samples/help-token.txt')
  expect((await run('token', '--help')).out).toBe(tokens.out)
  expect((await run('help', 'token', 'list')).out).toContain('plimsoll token list')
})

test('wrong usage exits 2 and says what was probably meant', async () => {
  const t = async (line: string, said: string) => {
    const { exit, out, err } = await run(...line.split(' '))
    expect([exit, out], line).toEqual([2, ''])
    expect(err, line).toBe(`plimsoll: ${said}\n`)
  }

  await t('qurey', 'there is no command qurey. Did you mean query? `plimsoll help` shows what there is.')
  await t('frobnicate', 'there is no command frobnicate. `plimsoll help` shows what there is.')
  await t('help chek', 'there is no command chek. Did you mean check? `plimsoll help` shows what there is.')
  await t(
    'check --jsno',
    'there is no flag --jsno here. Did you mean --json? `plimsoll help check` shows what there is.',
  )
  await t('check -x', 'there is no flag -x here. `plimsoll help check` shows what there is.')
  // A flag of another command is none here.
  await t(
    'version --scopes read',
    'there is no flag --scopes here. `plimsoll help version` shows what there is.',
  )
  await t('query', 'query wants EXPR. `plimsoll help query` shows what there is.')
  await t('query up --at', '--at wants TIME. `plimsoll help query` shows what there is.')
  await t('query up --at --json', '--at wants TIME. `plimsoll help query` shows what there is.')
  await t(
    'query up --json=yes',
    '--json takes no value, found yes. `plimsoll help query` shows what there is.',
  )
  await t(
    'query a b',
    'query wants EXPR and no more, found b. EXPR with spaces needs quotes. `plimsoll help query` shows what there is.',
  )
  await t('token', 'token wants one of create, list, revoke. `plimsoll help` shows what there is.')
  await t(
    'token creat x',
    'token wants one of create, list, revoke, found creat. Did you mean create? `plimsoll help` shows what there is.',
  )
  await t(
    'token create x --scopes read,wirte',
    '--scopes wants read, write, operate, admin, found wirte. Did you mean write? `plimsoll help token create` shows what there is.',
  )
  await t('--json', 'a command comes first, found --json. `plimsoll help` shows what there is.')
  await t('constructor', 'there is no command constructor. `plimsoll help` shows what there is.')
})

test('versions', async () => {
  const { exit, out } = await run('version')
  expect(exit).toBe(0)
  expect(out).toMatch(/^Plimsoll \d+\.\d+\.\d+, Node\.js 2\d\.\d+\.\d+/)
  expect((await run('--version')).out).toBe(out)
  const { plimsoll, node } = JSON.parse((await run('version', '--json')).out)
  expect(out).toContain(`Plimsoll ${plimsoll}, Node.js ${node}`)
})

test('every command of the table has its file, and every file its command', () => {
  const files = globSync('bin/commands/*.ts').map(file => basename(file, '.ts'))
  const names = commands.map(({ name }) => name.replace(' ', '-')).filter(name => name !== 'help')
  expect(files.filter(file => !names.includes(file))).toEqual([])
  expect(names.filter(name => !existsSync(`bin/commands/${name}.ts`))).toEqual([])
})

test('a flag means the same in every command, as the parser needs', () => {
  const kinds = new Map<string, boolean>()
  for (const { flags } of commands) {
    for (const [name, { takes }] of Object.entries({ ...flags, ...everyFlag })) {
      expect(kinds.get(name) ?? takes === undefined, name).toBe(takes === undefined)
      kinds.set(name, takes === undefined)
    }
  }
})

test('colour only where it is wanted', async () => {
  const plain = await world({}, { hasColor: false }).run()
  const painted = await world({}, { hasColor: true }).run()
  expect(plain.out).not.toContain('\u001b')
  expect(painted.out).toContain('\u001b[1mPlimsoll\u001b[22m')
})
