// A program that a test has started is gone with it, however the test ends: its input is a pipe that only the test holds.
// Called by owner.ts and member.ts.
export function endsWithParent(): void {
  process.stdin.on('end', () => process.exit(1)).resume()
  // It keeps nobody from ending.
  process.stdin.unref()
}
