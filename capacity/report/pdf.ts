// A page as PDF, printed by a Chromium that is installed on this machine: without network, in a folder of its own that is
// gone afterwards, within a deadline. Where there is none, a Failure says what to install. Called by routes.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from '#core/errors.ts'

export type PdfOptions = Readonly<{
  // A program or its path; left out: the first of the usual names on PATH.
  browser?: string | undefined
  deadlineMs?: number
  signal?: AbortSignal
}>

const usualNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const deadlineUsualMs = 60_000
// Of what it says before it fails.
const saidMost = 2_000

export async function reportPdf(page: string, options: PdfOptions = {}): Promise<Uint8Array> {
  const { browser, deadlineMs = deadlineUsualMs, signal } = options
  const ends = [AbortSignal.timeout(deadlineMs), ...(signal === undefined ? [] : [signal])]
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-pdf-'))
  try {
    await writeFile(join(folder, 'report.html'), page)
    const names = browser === undefined ? usualNames : [browser]
    for (const name of names) {
      if (await isPrinted(name, folder, AbortSignal.any(ends))) return await pdfOf(folder, name)
    }
    throw new Failure(
      'pdf_unavailable',
      `no browser that prints was found: looked for ${names.join(', ')} on PATH. The same report is there as html.`,
    )
  } finally {
    // Its children may write a moment longer than it lives.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

async function pdfOf(folder: string, name: string): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, 'report.pdf')).catch(() => undefined)
  if (bytes?.subarray(0, 5).toString('latin1') === '%PDF-') return new Uint8Array(bytes)
  throw new Failure('pdf_failed', `${name} ended well and left no PDF`)
}

const flagsOf = (folder: string): string[] => [
  '--headless',
  '--disable-gpu',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-extensions',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  // Whatever it wants to look up is not there.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--proxy-server=127.0.0.1:9',
  // The administrator may not use the sandbox; the page is ours and has no scripts.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  `--user-data-dir=${join(folder, 'profile')}`,
  '--no-pdf-header-footer',
  `--print-to-pdf=${join(folder, 'report.pdf')}`,
  pathToFileURL(join(folder, 'report.html')).href,
]

// False: there is no such program.
function isPrinted(name: string, folder: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // In a group of its own, so that its children end with it.
    const child = spawn(name, flagsOf(folder), { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    const end = (): void => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    child.once('error', error => {
      signal.removeEventListener('abort', end)
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') resolve(false)
      else reject(new Failure('pdf_failed', `${name} cannot be started: ${error.message}`, { cause: error }))
    })
    // Where no more files may be open, it has none.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-saidMost)
    })
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', end)
      if (signal.aborted) reject(new Failure('pdf_failed', `${name} did not end in time and was stopped`))
      else if (code === 0) resolve(true)
      else reject(new Failure('pdf_failed', `${name} ended with ${code ?? killedBy}: ${lastLine(said)}`))
    })
  })
}

const lastLine = (said: string): string => said.trim().split('\n').at(-1) || 'it said nothing'
