// The URL of the state in PostgreSQL: what it means, and that what is wrong with it is told without its password.
import { expect, test } from 'vitest'
import { Secret } from '#core/secret.ts'
import { addressOf } from '#core/state/postgres-url.ts'

test('says where, who and into what', () => {
  const t = (url: string, address: object) => expect(addressOf(url), url).toMatchObject(address)

  t('postgres://ann:pw@db.example.org:6543/plimsoll', {
    host: 'db.example.org',
    port: 6543,
    user: 'ann',
    database: 'plimsoll',
    place: 'postgres://db.example.org:6543/plimsoll',
  })
  t('postgresql://ann@127.0.0.1/plimsoll', { port: 5432, password: undefined })
  t('postgres://ann@[::1]:5433/p', { host: '::1', place: 'postgres://[::1]:5433/p' })
  t('postgres://ann@%2Frun%2Fpostgresql/p', { host: '/run/postgresql', ssl: false })
  t('postgres://a%40b@h/p%2Fq', { user: 'a@b', database: 'p/q' })
})

test('the password is a secret, whole', () => {
  const address = addressOf(new Secret('postgres://ann:p%40%3A%25w@h/p'))
  expect(address.password?.reveal()).toBe('p@:%w')
  expect(JSON.stringify(address)).not.toContain('p@:')
})

test('a server elsewhere must show its certificate, unless the URL says otherwise', () => {
  const t = (host: string, ssl: unknown) => expect(addressOf(`postgres://a@${host}`).ssl, host).toEqual(ssl)

  t('127.0.0.1/p', false)
  t('127.9.9.9/p', false)
  t('localhost/p', false)
  t('[::1]/p', false)
  t('db.example.org/p', {})
  t('10.0.0.1/p', {})
  t('127.0.0.1.example.org/p', {})
  t('db.example.org/p?sslmode=disable', false)
  t('db.example.org/p?sslmode=require', { rejectUnauthorized: false })
  t('127.0.0.1/p?sslmode=verify-full', {})
  t('db.example.org/p?sslmode=verify-ca', { checkServerIdentity: expect.any(Function) })
})

test('what is wrong is told, and never the password', () => {
  const t = (url: string, said: string) => {
    let error: unknown
    try {
      addressOf(url)
    } catch (thrown) {
      error = thrown
    }
    expect(error, url).toMatchObject({ code: 'bad_config' })
    expect(String((error as Error).stack), url).toContain(said)
    expect(String((error as Error).stack), url).not.toContain('s3cret')
  }

  t('s3cret', 'wanted postgres://USER:PASSWORD@HOST:5432/DATABASE')
  t('postgres://a:s3cret@h:port/p', 'found something else')
  t('mysql://a:s3cret@h/p', 'another protocol')
  t('postgres://a:s3cret@h', 'no database')
  t('postgres://h/p', 'no user')
  t('postgres:///p', 'no host')
  t('postgres://a:s3cret%@h/p', 'a % itself is %25')
  t('postgres://a:s3cret@h/p?sslmod=require', 'found sslmod')
  t('postgres://a:s3cret@h/p?sslmode=prefer', 'wanted one of disable, require')
  t('postgres://a:s3cret@h/p?sslmode=verify-full&sslrootcert=/nowhere', 'cannot be read')
})
