// A page for people, without scripts, or with our own files of them: styles are named by their hash, so nothing else can
// slip in.
// Called by everyone who answers with HTML; the headers go with every other answer too.
import { createHash } from 'node:crypto'
import type { Answer } from './route.ts'

// form-action stands in every policy, as default-src does not cover it.
const policy = (more: string): string =>
  `default-src 'none'; ${more}img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

// Under `no-referrer` browsers send `Origin: null` with our own forms, and the door would refuse them.
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy(''),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
}

// `scripts`: files of this server may run, ask it and be told by it; nothing that stands in the page itself.
type More = Pick<Answer, 'status' | 'headers'> & Readonly<{ scripts?: boolean }>

const ownScripts = ['script-src', 'connect-src', 'worker-src', 'manifest-src']
  .map(name => `${name} 'self'; `)
  .join('')

// Inline `style` attributes do not work under this policy; <style> elements do.
export function page(html: string, { scripts = false, ...more }: More = {}): Answer {
  const styles = [...html.matchAll(/<style>(.*?)<\/style>/gs)].map(found => hashOf(found[1] ?? ''))
  const style = styles.length === 0 ? '' : `style-src ${styles.join(' ')}; `
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy(style + (scripts ? ownScripts : '')),
    ...more.headers,
  }
  return { ...more, headers, body: html }
}

const hashOf = (style: string): string => `'sha256-${createHash('sha256').update(style).digest('base64')}'`

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, found => escapes[found]!)
