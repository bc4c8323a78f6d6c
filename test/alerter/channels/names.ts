// What names lead to, for tests of channels that connect by themselves: here, and some to a metadata service too, so that
// no name server is asked.
import type { LookupAddress, lookup } from 'node:dns'
import { guardedLookup } from '#core/guard.ts'

type Done = (error: null, found: readonly LookupAddress[]) => void

const bad = new Map([
  ['aws.test', { address: '169.254.169.254', family: 4 }],
  ['aws6.test', { address: 'fd00:ec2::254', family: 6 }],
])

// `asked` are the names that were looked up.
export function openNames() {
  const asked: string[] = []
  const resolve = (name: string, _: unknown, done: Done): void => {
    asked.push(name)
    const also = bad.get(name)
    process.nextTick(done, null, [{ address: '127.0.0.1', family: 4 }, ...(also === undefined ? [] : [also])])
  }
  return { asked, lookup: guardedLookup('operator', resolve as unknown as typeof lookup) }
}

// By its address, and by names that lead to it among others.
export const metadataHosts = [
  '169.254.169.254',
  '[fd00:ec2::254]',
  '100.100.100.200',
  'aws.test',
  'aws6.test',
]
