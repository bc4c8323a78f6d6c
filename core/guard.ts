// Where may a request go? URLs of the operator's own file go anywhere but to the metadata services of clouds, which
// give credentials to whoever asks from inside; URLs by API or page only to public addresses. Called by whoever sends
// requests, and where addresses are read.
import { lookup as resolveName } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

// Who wrote the URL.
export type Trust = 'operator' | 'outsider'

const listOf = (nets: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const net of nets) {
    const [address = '', prefix = ''] = net.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(prefix), family)
  }
  return list
}

// AWS (instances, tasks, pods), Google, Azure and its wire server, Tencent, Aliyun, Oracle.
const metadata = listOf([
  '169.254.169.0/24',
  '169.254.170.0/24',
  '169.254.0.23/32',
  '168.63.129.16/32',
  '100.100.100.200/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
])
const metadataNames =
  /(?:^|\.)(?:metadata\.google\.internal|metadata\.goog|instance-data\.ec2\.internal|metadata\.tencentyun\.com|metadata\.oraclecloud\.com)$/
// Their short names, which may be a host of the operator's as well: what they resolve to is looked at when it is asked.
const shortNames = /(?:^|\.)(?:metadata|instance-data)$/

// What is not on the public Internet, by IANA's registries of special addresses.
const inner = listOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
])
const innerNames = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa)$/

// Why not, in words; nothing when it may. `host` is as URL gives it, so numbers in odd bases are addresses by now.
export function refusalOf(host: string, trust: Trust): string | undefined {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(name) !== 0) return addressRefusal(name, trust)
  const plain = name.replace(/\.+$/, '')
  if (metadataNames.test(plain) || (trust === 'outsider' && shortNames.test(plain)))
    return `${plain} is a metadata service`
  return trust === 'outsider' && innerNames.test(plain) ? `${plain} is not on the public Internet` : undefined
}

// A storm goes to one address ten thousand times.
let last: Readonly<{ found: string; trust: Trust; why: string | undefined }> | undefined

function addressRefusal(found: string, trust: Trust): string | undefined {
  if (last?.found !== found || last.trust !== trust) last = { found, trust, why: whyNot(found, trust) }
  return last.why
}

function whyNot(found: string, trust: Trust): string | undefined {
  // Without the interface that a local one is for.
  const address = found.replace(/%.*$/, '')
  const all = [address, ...embedded(address)]
  const isIn = (list: BlockList): boolean =>
    all.some(each => list.check(each, isIP(each) === 6 ? 'ipv6' : 'ipv4'))
  if (isIn(metadata)) return `${address} is a metadata service`
  return trust === 'outsider' && isIn(inner) ? `${address} is not on the public Internet` : undefined
}

// The IPv4 address that an IPv6 one leads to: mapped, compatible, NAT64, 6to4.
function embedded(address: string): string[] {
  if (isIP(address) !== 6) return []
  const parts = groupsOf(address)
  const ipv4 = (at: number): string =>
    [parts[at]! >> 8, parts[at]! & 255, parts[at + 1]! >> 8, parts[at + 1]! & 255].join('.')
  const begins = (...groups: readonly number[]): boolean => groups.every((each, at) => parts[at] === each)
  if (begins(0, 0, 0, 0, 0, 0xffff) || begins(0, 0, 0, 0, 0xffff, 0)) return [ipv4(6)]
  if (begins(0, 0, 0, 0, 0, 0) || begins(0x64, 0xff9b)) return [ipv4(6)]
  return begins(0x2002) ? [ipv4(1)] : []
}

function groupsOf(address: string): number[] {
  // URL writes it without dots.
  const host = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = host.split('::')
  const read = (text: string): number[] =>
    text === '' ? [] : text.split(':').map(each => Number.parseInt(each, 16))
  const [left, right] = [read(head), read(tail ?? '')]
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

export class Refused extends Error {}

export type Target = Readonly<{ host: string; port: number; lookup: LookupFunction }>

// Where the operator's file leads, as net.connect and tls.connect take it. Throws where nobody may go; a name is looked at
// when it is connected to.
export function guardedTarget(
  { host, port }: Pick<Target, 'host' | 'port'>,
  lookup = guardedLookup('operator'),
): Target {
  const why = refusalOf(host, 'operator')
  if (why !== undefined) throw new Refused(why)
  return { host, port, lookup }
}

// Looks at what a name resolves to in the very look-up that connects, so that nobody can give another answer the second
// time. One bad address among good ones is refused too.
export function guardedLookup(trust: Trust, resolve: typeof resolveName = resolveName): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '')
      const why = addresses
        .map(({ address }) => refusalOf(address, trust))
        .find(refusal => refusal !== undefined)
      if (why !== undefined) return done(new Refused(why), '')
      if (options.all === true) return done(null, addresses)
      const [first] = addresses
      done(null, first?.address ?? '', first?.family)
    })
  }
}
