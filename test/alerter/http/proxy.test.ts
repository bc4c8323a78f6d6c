import { expect, test } from 'vitest'
import { basicOf, proxyFor } from '../../../alerter/http/proxy.ts'

const names = { HTTP_PROXY: 'http://plain:3128', HTTPS_PROXY: 'http://secure:3128' }

test('each protocol has its proxy; small letters come first', () => {
  const t = (url: string, given: Record<string, string>, proxy: string | undefined) =>
    expect(proxyFor(new URL(url), given)?.href, url).toBe(proxy)

  t('http://a/', names, 'http://plain:3128/')
  t('https://a/', names, 'http://secure:3128/')
  t('https://a/', { HTTP_PROXY: 'http://plain:3128' }, undefined)
  t('http://a/', { ...names, http_proxy: 'http://small:1' }, 'http://small:1/')
  t('http://a/', {}, undefined)
})

test('whoever is excepted is reached without it', () => {
  const t = (except: string, url: string, isExcepted: boolean) =>
    expect(proxyFor(new URL(url), { ...names, NO_PROXY: except }) === undefined, `${except} ${url}`).toBe(
      isExcepted,
    )

  t('', 'http://a.example.org/', false)
  t('*', 'http://a.example.org/', true)
  t('a.example.org', 'http://a.example.org/', true)
  t('b, A.example.org', 'http://a.example.org/', true)
  t('example.org', 'http://a.example.org/', true)
  t('.example.org', 'http://a.example.org/', true)
  t('*.example.org', 'http://a.example.org/', true)
  t('example.org', 'http://badexample.org/', false)
  t('example.org', 'http://example.org.evil.net/', false)
  t('a.example.org:80', 'http://a.example.org/', true)
  t('a.example.org:443', 'https://a.example.org/', true)
  t('a.example.org:81', 'http://a.example.org/', false)
  t('127.0.0.1', 'http://127.0.0.1:9/', true)
  t('127.0.0.1:8', 'http://127.0.0.1:9/', false)
  t('10.0.0.0/8', 'http://10.1.2.3/', true)
  t('10.0.0.0/8', 'http://11.1.2.3/', false)
  t('10.0.0.0/99', 'http://10.1.2.3/', false)
  t('10.0.0.0/8', 'http://a.example.org/', false)
  t('::1', 'http://[::1]/', true)
  t('[::1]:80', 'http://[::1]/', true)
  t('fd00::/8', 'http://[fd00::1]/', true)
  // No domain ends with an address.
  t('0.0.1', 'http://127.0.0.1/', false)
})

test('what is no address of a proxy is refused', () => {
  expect(() => proxyFor(new URL('http://a/'), { HTTP_PROXY: 'socks5://x' })).toThrow()
  expect(() => proxyFor(new URL('http://a/'), { HTTP_PROXY: 'nonsense' })).toThrow()
})

test('a login is taken from an address', () => {
  expect(basicOf(new URL('http://a'))).toBeUndefined()
  expect(basicOf(new URL('http://us%20er:p%40ss@a'))).toBe(`Basic ${btoa('us er:p@ss')}`)
  expect(basicOf(new URL('http://user@a'))).toBe(`Basic ${btoa('user:')}`)
})
