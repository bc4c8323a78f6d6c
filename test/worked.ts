// How long this thread has worked: what else the machine does does not count. Called by tests of what work may cost.

export function workedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
