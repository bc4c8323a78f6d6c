// What a process is told to do, and what it may not be told.
import { expect, test } from 'vitest'
import { everyRole, type Role, readRoles, refuseLoneSenders, rolesNeed } from '../../bin/roles.ts'

test('roles are named in a list; left out, a process does everything', () => {
  const t = (text: string | undefined, ...wanted: Role[]) =>
    expect(readRoles(text), text).toEqual(new Set(wanted))

  t('sink', 'sink')
  t('gateway,query', 'gateway', 'query')
  t(' sink , query ', 'sink', 'query')
  t('sink,sink', 'sink')
  t(undefined, ...everyRole)
})

test('refuses what is no role', () => {
  const t = (text: string, said: string) => expect(() => readRoles(text), text).toThrow(said)

  t('', 'found nothing')
  t('sink,', 'found nothing')
  t('gatewy', 'found gatewy (did you mean gateway?)')
  t('Sink', 'found Sink')
})

test('a process opens what its roles need', () => {
  const t = (text: string, ...wanted: readonly string[]) => {
    const roles = readRoles(text)
    const found = (['bus', 'store', 'state'] as const).filter(each => rolesNeed(roles, each))
    expect(found, text).toEqual(wanted)
  }

  t('gateway', 'bus')
  t('agent', 'bus')
  t('alerter', 'bus', 'state')
  t('sink', 'bus', 'store', 'state')
  t('capacity', 'bus', 'store', 'state')
  t('query,console', 'store', 'state')
  t('gateway,query', 'bus', 'store', 'state')
})

test('without servers, nobody sends into a bus that has no sink', () => {
  const t = (text: string) => () => refuseLoneSenders(readRoles(text))

  expect(t('gateway')).toThrow('add sink to --roles')
  expect(t('agent,query')).toThrow('add sink to --roles')
  expect(t('capacity,query')).toThrow('capacity need the sink')
  expect(t('gateway,sink')).not.toThrow()
  expect(t('query,console')).not.toThrow()
})
