// Parameters that are said twice, as Alertmanager 0.31 reads them: the last one counts.
import { expect, test } from 'vitest'
import { openApiServer } from './server.ts'

test('of what is said twice the last counts', async () => {
  const config =
    'route: {receiver: r, routes: [{receiver: s, matchers: [a=b], continue: true}, {matchers: [a=b]}]}\nreceivers: [{name: r}, {name: s}]'
  await using server = await openApiServer({ config })
  await fetch(`${server.url}/api/v2/alerts`, { method: 'POST', body: '[{"labels":{"a":"b"}}]' })
  const t = async (path: string) => {
    const answer = await fetch(`${server.url}/api/v2/${path}`)
    return expect((await answer.json()) as readonly { receiver?: { name: string } }[], path)
  }

  ;(await t('alerts?active=true&active=false')).toHaveLength(0)
  ;(await t('alerts?active=false&active=true')).toHaveLength(1)
  // Nothing is as if it were left out.
  ;(await t('alerts?active=false&active=')).toHaveLength(1)
  ;(await t('alerts?receiver=nobody&receiver=r')).toHaveLength(1)
  ;(await t('alerts?receiver=r&receiver=nobody')).toHaveLength(0)
  ;(await t('alerts/groups?receiver=r&receiver=s')).toMatchObject([{ receiver: { name: 's' } }])
  ;(await t('alerts/groups?receiver=s&receiver=r')).toMatchObject([{ receiver: { name: 'r' } }])
})
