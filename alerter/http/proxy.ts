// By which proxy does a request leave, if by one? As HTTP_PROXY, HTTPS_PROXY and NO_PROXY say it. Called by lines.ts.
import { BlockList, isIP } from 'node:net'

// As in the environment: HTTP_PROXY and so on.
export type ProxyNames = Readonly<Record<string, string | undefined>>

export function proxyFor(url: URL, names: ProxyNames): URL | undefined {
  const of = (name: string): string => names[name.toLowerCase()] || names[name] || ''
  const proxy = of(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  if (proxy === '' || isExcepted(url, of('NO_PROXY'))) return undefined
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol))
    throw Object.assign(new Error(), { code: 'the address of the proxy is no URL' })
  return new URL(proxy)
}

// Hosts, with a port or without; domains with all that is below them; networks; or everything.
function isExcepted(url: URL, except: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return except
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(each => each !== '')
    .some(each => {
      const [, name = each, only = port] = /^(.*[^:]):(\d+)$/.exec(isIP(each) === 0 ? each : '') ?? []
      return only === port && isNamed(host, name.replace(/^\[|\]$/g, ''))
    })
}

function isNamed(host: string, entry: string): boolean {
  if (entry === '*' || entry === host) return true
  const [net = '', prefix] = entry.split('/')
  if (prefix !== undefined && isIP(net) !== 0) return isInNet(host, net, Number(prefix))
  const domain = entry.replace(/^\*?\./, '')
  return isIP(host) === 0 && domain !== '' && host.endsWith(`.${domain}`)
}

function isInNet(host: string, net: string, prefix: number): boolean {
  const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(host) === 0 || !(prefix >= 0 && prefix <= (family === 'ipv6' ? 128 : 32))) return false
  const list = new BlockList()
  list.addSubnet(net, prefix, family)
  return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}

export const basicOf = ({ username, password }: URL): string | undefined => {
  if (username === '' && password === '') return undefined
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
