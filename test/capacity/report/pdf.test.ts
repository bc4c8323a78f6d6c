import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { reportPdf } from '../../../capacity/report/pdf.ts'
import { folderWith } from '../../core/config/files.ts'

// A browser that does what the script says; `out` and `page` are the files that it is told.
function browserThat(script: string): string {
  const file = join(folderWith({}), 'browser')
  const read =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
    'for each; do case $each in --print-to-pdf=*) out=${each#*=};; --user-data-dir=*) profile=${each#*=};; file://*) page=${each#file://};; esac; done'
  writeFileSync(file, `#!/bin/sh\n${read}\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

// Where nobody asks for its exit code, a process that has ended stays as a zombie.
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'))
}

test('the page is printed from a file, and nothing of it stays behind', async () => {
  const mark = join(folderWith({}), 'profile')
  const browser = browserThat(
    `mkdir -p "$profile"; echo "$profile" > ${mark}; { printf "%%PDF-1.7 "; cat "$page"; } > "$out"`,
  )
  const pdf = await reportPdf('<h1>资源池</h1>', { browser })
  expect(Buffer.from(pdf).toString()).toBe('%PDF-1.7 <h1>资源池</h1>')
  const profile = readFileSync(mark, 'utf8').trim()
  expect(profile).toMatch(/plimsoll-pdf-\w+\/profile$/)
  expect(existsSync(dirname(profile))).toBe(false)
})

test('without a browser it says what was looked for', async () => {
  const printing = reportPdf('x', { browser: '/nonexistent/browser' })
  await expect(printing).rejects.toMatchObject({ code: 'pdf_unavailable' })
  await expect(printing).rejects.toThrow('looked for /nonexistent/browser')
})

test('a browser that fails, says nothing or leaves no PDF is a failure with its last line', async () => {
  const t = async (script: string, said: string) => {
    const printing = reportPdf('x', { browser: browserThat(script) })
    await expect(printing).rejects.toMatchObject({
      code: 'pdf_failed',
      detail: expect.stringContaining(said),
    })
  }
  await t('echo first >&2; echo "no usable sandbox" >&2; exit 21', 'ended with 21: no usable sandbox')
  await t('exit 3', 'it said nothing')
  await t('exit 0', 'left no PDF')
  await t('echo hello > "$out"', 'left no PDF')
})

test('one that hangs is ended with its children, at the deadline or when nobody wants it any more', async () => {
  const mark = join(folderWith({}), 'pid')
  const browser = browserThat(`sleep 60 & echo $! > ${mark}; wait`)
  await expect(reportPdf('x', { browser, deadlineMs: 300 })).rejects.toThrow('did not end in time')
  // Where the machine was too busy to begin within the deadline, there is no child.
  if (existsSync(mark)) await expect.poll(() => isAlive(Number(readFileSync(mark, 'utf8')))).toBe(false)
  const gone = AbortSignal.abort()
  await expect(reportPdf('x', { browser, signal: gone })).rejects.toMatchObject({ code: 'pdf_failed' })
})

test('where no more files may be open, it is a failure and the process goes on', () => {
  const program = `
    import { closeSync, openSync } from 'node:fs'
    import { reportPdf } from ${JSON.stringify(new URL('../../../capacity/report/pdf.ts', import.meta.url).href)}
    // What is loaded late is there.
    await reportPdf('x', { browser: '/nonexistent/browser' }).catch(() => {})
    const open = []
    try {
      for (;;) open.push(openSync('/dev/null', 'r'))
    } catch {}
    // Enough for the page, too little for a browser.
    closeSync(open.pop())
    const code = await reportPdf('x').catch(error => error.code)
    for (const each of open) closeSync(each)
    console.log(code, 'and goes on')`
  const few = ['-c', 'ulimit -n 128; exec "$0" "$@"']
  const { stdout, stderr } = spawnSync(
    '/bin/sh',
    [...few, process.execPath, '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  expect(stdout).toBe('pdf_failed and goes on\n')
})
