// The first start after an installation or an update has to compile every file, and Node's compiler of types stays in
// memory for good: 15 MiB and more. So that start only fills the cache of compiled code, and gives its place to a second
// one: for the system it stays the same process. Called by the command `up` before it does anything.
import { flushCompileCache, getCompileCacheDir } from 'node:module'
import { join } from 'node:path'

// Tells the second one that it is the second, also where the cache cannot be written.
const mark = 'PLIMSOLL_STARTED_AGAIN'

// Does not return when it starts again. Where anything is missing for that, the first start goes on as it is.
export async function startAgainCompiled(): Promise<void> {
  const { env, execPath, execArgv, argv } = process
  const isSecond = env[mark] !== undefined
  delete env[mark]
  const isOurs = argv[1] === join(import.meta.dirname, 'main.ts')
  if (isSecond || !isOurs || !hasCompiled() || getCompileCacheDir() === undefined) return
  if (process.execve === undefined) return
  // What only a thread loads; where it is none, it refuses to run.
  await import('#core/store/embedded/worker.ts').catch(() => {})
  flushCompileCache()
  process.execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, [mark]: 'yes' })
}

// Node tells which parts of itself it has loaded.
function hasCompiled(): boolean {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] }
  return moduleLoadList.some(each => each.includes('/amaro/'))
}
