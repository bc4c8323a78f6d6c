// Every flag of Alertmanager 0.31, with its default there, and what becomes of it here. Called by commands.ts for the
// help, and by the command `alertmanager`.
import type { KingpinFlag } from './kingpin.ts'

const kept = 'accepted: '
const ofCluster = 'accepted: there is no cluster to join'

export const alertmanagerFlags = {
  'config.file': { takes: 'FILE', standard: 'alertmanager.yml', says: "Alertmanager's configuration file" },
  'storage.path': {
    takes: 'FOLDER',
    standard: 'data/',
    says: 'everything is kept in its subfolder plimsoll; what Alertmanager has there stays as it is',
  },
  'data.retention': {
    takes: 'DURATION',
    kind: 'duration',
    standard: '120h',
    says: 'how long ended silences, closed incidents and who was told what can be looked up; 1h at least',
  },
  'data.maintenance-interval': {
    takes: 'DURATION',
    kind: 'duration',
    says: `${kept}everything is saved at once`,
  },
  'silences.max-silences': {
    takes: 'NUMBER',
    kind: 'whole',
    isMissed: true,
    says: 'without effect: 50 000 at most',
  },
  'silences.max-silence-size-bytes': {
    takes: 'NUMBER',
    kind: 'whole',
    isMissed: true,
    says: 'without effect: a silence has 262 144 characters at most',
  },
  'alerts.gc-interval': {
    takes: 'DURATION',
    kind: 'duration',
    says: `${kept}alerts leave half an hour after their end`,
  },
  'alerts.per-alertname-limit': { takes: 'NUMBER', kind: 'whole', isMissed: true, says: 'without effect' },
  'dispatch.maintenance-interval': {
    takes: 'DURATION',
    kind: 'duration',
    says: `${kept}empty groups leave at once`,
  },
  'dispatch.start-delay': {
    takes: 'DURATION',
    kind: 'duration',
    isMissed: true,
    says: 'without effect: what fires is known across a restart',
  },
  'web.systemd-socket': { says: 'refused: name addresses by --web.listen-address' },
  'web.listen-address': {
    takes: 'HOST:PORT',
    standard: ':9093',
    isMany: true,
    says: 'listen here; may be said again. vsock:// is refused',
  },
  'web.config.file': {
    takes: 'FILE',
    says: 'refused unless the file is empty: TLS and logins of that file are not there, and without them a door would stand open',
  },
  'web.external-url': {
    takes: 'URL',
    says: "how people reach this: for links in messages; left out: http://, the machine's name and the port",
  },
  'web.route-prefix': {
    takes: 'PATH',
    says: 'the path below which every address is answered; left out: that of --web.external-url',
  },
  'web.get-concurrency': { takes: 'NUMBER', kind: 'whole', isMissed: true, says: 'without effect' },
  'web.timeout': {
    takes: 'DURATION',
    kind: 'duration',
    isMissed: true,
    says: 'without effect: a request has 60 s',
  },
  'auto-gomemlimit.ratio': { takes: 'NUMBER', kind: 'number', says: `${kept}that is Go's` },
  'cluster.listen-address': { takes: 'HOST:PORT', says: ofCluster },
  'cluster.advertise-address': { takes: 'HOST:PORT', says: ofCluster },
  'cluster.peer-name': { takes: 'NAME', says: ofCluster },
  'cluster.peer': { takes: 'HOST:PORT', isMany: true, says: `${ofCluster}, and the log says so` },
  'cluster.peer-timeout': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.peers-resolve-timeout': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.gossip-interval': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.pushpull-interval': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.tcp-timeout': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.probe-timeout': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.probe-interval': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.settle-timeout': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.reconnect-interval': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.reconnect-timeout': { takes: 'DURATION', kind: 'duration', says: ofCluster },
  'cluster.tls-config': { takes: 'FILE', says: ofCluster },
  'cluster.allow-insecure-public-advertise-address-discovery': { says: ofCluster },
  'cluster.label': { takes: 'NAME', says: ofCluster },
  'enable-feature': {
    takes: 'LIST',
    isMany: true,
    says: 'the names of 0.31 are accepted, without effect; the log names those that would matter',
  },
  'log.level': {
    takes: 'LEVEL',
    standard: 'info',
    values: ['debug', 'info', 'warn', 'error'],
    says: 'the least important messages that are written',
  },
  'log.format': {
    takes: 'FORMAT',
    standard: 'logfmt',
    values: ['logfmt', 'json'],
    says: 'logfmt is a short line for people',
  },
  version: { says: 'print the version' },
} as const satisfies Readonly<Record<string, KingpinFlag>>

export type AlertmanagerFlag = keyof typeof alertmanagerFlags

// Whether it would change what is matched, or what the numbers say.
export const features: Readonly<Record<string, Readonly<{ isMissed: boolean }>>> = {
  'alert-names-in-metrics': { isMissed: true },
  'receiver-name-in-metrics': { isMissed: true },
  'classic-mode': { isMissed: true },
  'utf8-strict-mode': { isMissed: true },
  'auto-gomemlimit': { isMissed: false },
  'auto-gomaxprocs': { isMissed: false },
}
