// Text that Chinese providers let pass: no URL, no address, no name with dots, no brackets of signatures; hosts are kept
// by their first name. Called for texts and variables of SMS and voice in China.
import { isIPv6 } from 'node:net'

const url = /[a-z][a-z0-9+.-]*:\/\/[^\s，。；）)]*/gi
const mail = /([\w.+-]+)@[\w-]+(?:\.[\w-]+)+/g
// With or without a port or a length of a network.
const ipv4 = /(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?::\d+|\/\d+)?(?![\w.])/g
const ipv6 = /\[?(?<![\w:])([0-9a-f]*:[0-9a-f:]*[0-9a-f:])(?![\w:])(?:\](?::\d+)?)?/gi
const dotted = /(?<![\w.-])[\p{L}\d_-]+(?:\.[\p{L}\d_-]+)+(?::\d+)?(?![\w-])/gu
const number = /^[\d.]+%?$/
const top = /^(?:www|m|api)$/i

// `db-7.prod.example.org` is known as db-7; `java.lang.Error` and `nginx.conf` are known by all of it.
const hostLike = /^(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)+\.[a-z]{2,}(?::\d+)?$/

export const withoutAddresses = (text: string): string =>
  text
    .replace(url, '')
    .replace(mail, (_, name: string) => name)
    .replace(ipv4, (_, address: string) => address.replaceAll('.', '-'))
    .replace(ipv6, (found, address: string) => (isIPv6(address) ? bare(address) : found))
    .replace(dotted, found => (number.test(found) ? found : shortName(found)))
    .replace(/:\/{2,}/g, ': ')
    // Whatever is left that somebody could take for an address.
    .replace(/\d+(?:\.\d+){3,}/g, found => found.replaceAll('.', '-'))
    .replace(/(?<=[\p{L}\p{N}_-])\.(?=[\p{L}_-])/gu, '-')
    .replace(/www\./gi, 'www-')
    .replace(/[【】]/g, found => (found === '【' ? '(' : ')'))
    .replace(/[ \t]{2,}/g, ' ')
    .trim()

const bare = (address: string): string => address.replace(/:+/g, '-').replace(/^-|-$/g, '')

function shortName(name: string): string {
  const [port] = /:\d+$/.exec(name) ?? ['']
  const labels = name.slice(0, name.length - port.length).split('.')
  if (!hostLike.test(name)) return labels.join('-')
  const first = labels.find(label => !top.test(label)) ?? labels[0] ?? ''
  return first
}
