// Preloaded by launcher.test.ts: makes this Node as poor as those before 22.15.
process.execve = undefined
