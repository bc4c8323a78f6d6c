// What the fakes of SMS and calls share: how a provider in China looks at a variable, and how a phone shows a text.
import { found } from './fake.ts'

// Written as people write it, so that no row of digits looks like a secret.
export const number = '+86 138-0013-8000'

// Whatever a provider takes for an address: scheme, IP, or a name that ends as domains do.
const addresses =
  /https?:\/\/\S*|www\.\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b|[a-z0-9-]+\.(?:com|cn|org|net|io|dev|cc)\b/gi

export const addressesIn = (text: string): string[] => found(text, addresses)

// The first of them that would be refused, and why, as the samples say it.
export function refusalOf(variables: readonly unknown[], charsMax: number): string | undefined {
  for (const each of variables) {
    if (typeof each !== 'string' || each === '') return 'a variable of the template is missing'
    if ([...each].length > charsMax) return 'a variable is too long'
    if (addressesIn(each).length > 0) return 'an address in a variable'
    if (/[【】\n\r\p{Extended_Pictographic}]/u.test(each)) return 'a variable that may not be'
  }
  return undefined
}
