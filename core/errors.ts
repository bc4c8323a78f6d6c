// Every error that a person may meet: its code, the HTTP status where it is an answer, what it means and
// what to do. docs/errors.md is generated from this table. Thrown as Failure by everyone; a bug is an
// ordinary Error.

export const errors = {
  bad_backup: {
    status: 400,
    means: 'The folder is not a whole backup, or cannot become one. Nothing was changed.',
    todo: 'Name a new or empty folder to back up into, or a folder whose manifest.json `plimsoll backup` wrote to restore from.',
  },
  bad_config: {
    status: 400,
    means: 'The configuration has problems. Each is listed with file, line, column and what was wanted.',
    todo: 'Mend the lines named; `plimsoll check` shows them again. A running service keeps its old configuration.',
  },
  bad_duration: {
    status: 400,
    means: 'A text that should tell how long something is does not.',
    todo: 'Write numbers with units from large to small, each once: ms, s, m, h, d, w, y. For example 10s, 5m or 1h30m.',
  },
  bad_import: {
    status: 400,
    means:
      'A file of history, or an answer with it, cannot be read. The message says where and what was wanted.',
    todo: 'Export it again as CSV of time and value, CSV of days, or as Zabbix answers trend.get; `plimsoll help capacity import` shows each.',
  },
  bad_matcher: {
    status: 400,
    means: 'A text that should say which labels are meant does not.',
    todo: 'Write a name, one of = != =~ !~ and a value, several with commas between: `team="base", severity!~"info|debug"`. Names with other characters than letters, digits and _ need quotes.',
  },
  bad_pattern: {
    status: 400,
    means:
      'A regular expression is not one that RE2 accepts. Look-around and back-references are not part of RE2.',
    todo: 'Rewrite the expression; https://github.com/google/re2/wiki/Syntax lists what there is.',
  },
  bad_query: {
    status: 400,
    means: 'The expression cannot be read, or asks for something that this service does not have yet.',
    todo: 'The message names line and column, what was found there and what was wanted. https://prometheus.io/docs/prometheus/latest/querying/basics describes the language.',
  },
  bad_request: {
    status: 400,
    means:
      'The request does not have the form that this address takes. The message says where and what was wanted.',
    todo: 'Correct the request; GET /api/plimsoll/v1/openapi.json describes every address.',
  },
  bad_template: {
    status: 400,
    means: 'The text of a label, annotation or message is a template that cannot be read.',
    todo: 'Mend what the message points to, by line and column. The syntax is that of Go templates; write {{ "{{" }} for two braces.',
  },
  conflict: {
    status: 409,
    means: 'There is one with this name or id already.',
    todo: 'Choose another name, or change the one that is there.',
  },
  data_folder_not_ours: {
    status: 503,
    means:
      'The data folder, or a file in it, belongs to somebody else, or may not be written, or was deleted while the service ran, or lies on a file system that is mounted read-only.',
    todo: 'Start the service as the owner of the folder, give it away with `chown -R`, or name another by `data:`, PLIMSOLL_DATA or `--storage.path`. A file system that is mounted read-only must be mounted for writing first; the kernel log says whether a failing disk made it so. What was deleted comes back by `plimsoll restore FOLDER`, with the service stopped.',
  },
  not_stored: {
    status: 503,
    means: 'A batch could not be made durable, so it was not acknowledged.',
    todo: 'Senders repeat by themselves after Retry-After. If it lasts, look at the disk, and at what the message says.',
  },
  overloaded: {
    status: 503,
    means: 'More arrives than can be made durable, so this batch was not taken.',
    todo: 'Senders repeat by themselves after Retry-After. If it lasts, look at plimsoll_store_append_seconds and the disk.',
  },
  request_changed: {
    status: 409,
    means: 'Somebody has changed this request for capacity since you looked at it, so nothing was done.',
    todo: 'The answer has the request as it is now. Look whether what you want still fits, and do it again.',
  },
  request_not_now: {
    status: 409,
    means: 'A request for capacity is not in the state for this: what was rejected cannot be ordered.',
    todo: 'The message says where it stands and what may follow. `plimsoll capacity request NUMBER` shows how it got there.',
  },
  backup_elsewhere: {
    status: 409,
    means: 'The data lies in servers that have backups of their own; this program copies files only.',
    todo: 'Run `pg_dump --format=custom` (or the backups that PostgreSQL has anyway) for the state, and `influx backup` or what belongs to your database for the samples.',
  },
  restore_unfinished: {
    status: 503,
    means: 'A restore into the data folder was interrupted, so that a part of the data is there, or none.',
    todo: 'Run `plimsoll restore FOLDER` again, with --replace where a part of the data has its place already. Its other parts, if the backup is lost, are in the folder that is named.',
  },
  state_corrupt: {
    status: 503,
    means:
      'The file of the state (users, tokens, incidents, audit) cannot be read: it is damaged, or not ours.',
    todo: 'Restore the newest backup by `plimsoll restore FOLDER`, or move the file, its -wal and its -ahead away and begin without what they hold. Where only the -ahead is named, moving that away loses what was written in the last second. Where only the -wal is damaged, `sqlite3 FILE "pragma wal_checkpoint"` keeps what was committed before the damage.',
  },
  state_ended: {
    status: 503,
    means:
      'The thread that holds the file of the state ended, for want of memory or by a bug, and the process ends with it.',
    todo: 'Start it again, if nothing does so by itself: it goes on from what is durable. If this comes again, look at what memory there is, and report the line of the log with what was asked of the service.',
  },
  state_full: {
    status: 503,
    means:
      'The disk of the state is full. What would be written is refused, reading goes on, and nothing is damaged.',
    todo: 'Make space. A running service takes writes again by itself; one that could not start, start again then.',
  },
  state_newer: {
    status: 503,
    means: 'The state was written by a newer version of Plimsoll, and this one would misread it.',
    todo: 'Start the newer version again, or restore a backup that this version made by `plimsoll restore FOLDER`.',
  },
  state_refused: {
    status: 503,
    means: 'PostgreSQL is there and does not let this service in: password, role, database, rights or TLS.',
    todo: 'Correct the URL of the state or what the message names. Without `sslmode`, a server on another machine must show a certificate for its name.',
  },
  state_unavailable: {
    status: 503,
    means:
      'The state cannot be written just now: its disk fails, another process holds its file, or PostgreSQL does not answer in time.',
    todo: 'Callers repeat. Of a file, look at its disk and at other processes that have it open; of PostgreSQL, whether it runs and can be reached. It recovers by itself.',
  },
  stopping: {
    status: 503,
    means: 'The service is stopping and takes nothing new.',
    todo: 'Send again after Retry-After.',
  },
  store_failing: {
    status: 503,
    means: 'The disk of the data folder answers with errors, or takes no writes.',
    todo: 'Look at the kernel log for the disk. Writes are accepted again when it takes them.',
  },
  store_full: {
    status: 503,
    means: 'The disk of the data folder is full. Writes are refused, reads go on, and nothing is damaged.',
    todo: 'Make space or shorten `store.keep`. A running service takes writes again by itself; one that could not start, start again then.',
  },
  store_nearly_full: {
    status: 503,
    means:
      'The disk of the data folder is nearly full: its last 64 MiB (of a small one a twentieth) are kept for alerts. Samples are refused; reads, alerts and messages go on.',
    todo: 'Make space or shorten `store.keep`. Samples are taken again by themselves.',
  },
  store_held: {
    status: 503,
    means: 'Another process holds the store in this data folder.',
    todo: 'Stop the other one, or give this one another folder by `data:`, PLIMSOLL_DATA or `--storage.path`.',
  },
  store_corrupt: {
    status: 503,
    means: 'A file of the store cannot be read: it is damaged, or not ours.',
    todo: 'Restore the newest backup by `plimsoll restore FOLDER`, or move the named file away and lose what it holds. The segments are of no use without series.log: where that is lost, move store/segments away with it.',
  },
  unreadable: {
    status: 500,
    means:
      'An input of the agent cannot read what it measures: the file is refused, garbled, or did not answer in time.',
    todo: 'The message names the file. Look at its rights and, in a container, at what is mounted; switch the input off by `inputs: {NAME: false}` if this machine lacks it.',
  },
  query_canceled: {
    status: 499,
    means: 'Whoever asked went away before there was an answer, so the work on it was ended.',
    todo: 'Nothing. If it happens often, the caller waits for less time than its questions take.',
  },
  query_failed: {
    status: 422,
    means:
      'The expression is sound, but it has no answer on this data: two series would become one, or it is not clear which of them belong together.',
    todo: 'The message names the series or the labels. Say which labels count by `on`, `ignoring`, `by` or `without`, or keep the series apart by a label.',
  },
  rule_failed: {
    status: 422,
    means:
      'The results of a rule cannot be used: two of them would be one alert or one series, or there are more than `limit` allows. The alerts that it had stay as they were.',
    todo: 'The message names the labels or the count. Keep results apart by a label, or raise `limit` of the group.',
  },
  query_timeout: {
    status: 503,
    means: 'The question took longer to answer than one may.',
    todo: 'Ask for fewer series, a shorter range or a longer step, or record what is asked often by a rule.',
  },
  too_many_steps: {
    status: 400,
    means: 'A range of times has more steps than one answer may have for each series.',
    todo: 'Ask for a longer step or a shorter range, or raise `limits.query.points`.',
  },
  too_many_samples: {
    status: 422,
    means: 'The question covers more samples or series than one may.',
    todo: 'Ask for fewer series, a shorter range or a longer step, or raise `limits.query`.',
  },
  too_large: {
    status: 413,
    means: 'The body, or what it unpacks to, is over the limit.',
    todo: 'Send smaller batches, or raise `limits.body`.',
  },
  unsupported_format: {
    status: 415,
    means: 'The body is in a format, or packed in a way, that this address does not read.',
    todo: 'Send one of those that the message names; collector/gateway/README.md lists them.',
  },
  address_not_ours: {
    status: 503,
    means: 'The address to listen on does not belong to this machine, or its name is unknown.',
    todo: 'Correct `listen:`, PLIMSOLL_LISTEN or `--web.listen-address`. 127.0.0.1 is this machine alone, 0.0.0.0 is all its addresses.',
  },
  bus_refused: {
    status: 503,
    means: 'Kafka is there and does not let this service in, or its topics are not as they must be.',
    todo: 'Correct brokers, user, password or TLS under `engines.bus.kafka`, or the topic that the message names.',
  },
  bus_unavailable: {
    status: 503,
    means: 'Kafka did not take a batch in time, so it was not acknowledged.',
    todo: 'Senders repeat by themselves. Look whether the brokers run and can be reached; it recovers by itself.',
  },
  store_refused: {
    status: 503,
    means:
      'The database of samples is there and does not let this service in: token, organisation, bucket or address.',
    todo: 'Correct `engines.store`; `plimsoll setup influx` makes organisation, bucket and tokens. Samples wait on the bus meanwhile.',
  },
  store_unavailable: {
    status: 503,
    means: 'The database of samples does not answer, or asks to be left alone for a while.',
    todo: 'Look whether it runs and can be reached. Samples wait on the bus meanwhile and are written when it is back.',
  },
  lease_lost: {
    status: 503,
    means:
      'What this process owned (a share of the work that must have one owner) belongs to another one now, so its write was refused.',
    todo: 'Nothing: the other one goes on. If it happens often, look at plimsoll_lease_losses_total, the load of the machine and the road to the database of the state.',
  },
  cross_site: {
    status: 403,
    means: 'A browser sent this request for a page of another site, so it may not be what its user wanted.',
    todo: 'Use the pages of this service itself. Behind a proxy, set `external_url` to the address in the browser.',
  },
  forecast_failed: {
    status: 503,
    means: 'A thread that makes forecasts ended before it was done, for want of memory or by a bug.',
    todo: 'Ask again; the drafts of the month are tried again by themselves. If it lasts, look at what memory there is, and report what the log says.',
  },
  forged_callback: {
    status: 403,
    means: 'A call for a channel did not prove that it comes from the service of that channel.',
    todo: 'Enter the address at the service as docs/channels.md says; state the secrets that the proof needs beside the channel; `external_url` must be what the service calls, to the letter.',
  },
  forbidden: {
    status: 403,
    means: 'The login or token is good, but does not have the scope that this address wants.',
    todo: 'Use a token with that scope: `plimsoll token` makes one.',
  },
  headers_too_large: {
    status: 431,
    means: 'The head of the request, address included, is over the limit of 16 KiB.',
    todo: 'Send long queries by POST as a form; drop cookies and headers that are not needed.',
  },
  internal: {
    status: 500,
    means: 'Something happened that nobody planned for: a fault of this program.',
    todo: 'Look for the number of the message in the log, and report what stands there.',
  },
  method_not_allowed: {
    status: 405,
    means: 'This address exists, but does not take this method.',
    todo: 'Use one of the methods in the header Allow of the answer.',
  },
  not_found: {
    status: 404,
    means: 'There is nothing at this address, or no longer.',
    todo: 'GET /api/plimsoll/v1/openapi.json lists every address.',
  },
  not_ready: {
    status: 503,
    means: 'The service runs, but some of its parts do not work just now. The message names them.',
    todo: 'Wait a moment after a start. If it lasts, the log says what is wrong with the part named.',
  },
  port_forbidden: {
    status: 503,
    means: 'This user may not listen on that port. Ports below 1024 are kept for the administrator.',
    todo: 'Choose a port above 1023 by `listen:`, PLIMSOLL_LISTEN or `--web.listen-address`, or put a proxy in front.',
  },
  port_in_use: {
    status: 503,
    means: 'Another process listens on that address and port already; perhaps this service runs twice.',
    todo: 'Stop the other one (`ss -ltnp` shows it), or choose another port by `listen:`, PLIMSOLL_LISTEN or `--web.listen-address`.',
  },
  request_timeout: {
    status: 408,
    means: 'The request did not arrive completely in time, so it was dropped.',
    todo: 'Send again, in smaller pieces if the line is slow.',
  },
  too_many_attempts: {
    status: 429,
    means: 'Too many logins failed, from this address or for this name.',
    todo: 'Wait as long as Retry-After says. Whoever forgot the password asks an administrator.',
  },
  pdf_failed: {
    status: 503,
    means: 'The browser that prints reports ended badly or not in time.',
    todo: 'Ask again, or ask for html and print it from your own browser. The message has the last line that it said.',
  },
  pdf_unavailable: {
    status: 501,
    means: 'Reports become PDF by a Chromium on the machine of this service, and there is none.',
    todo: 'Install one there (`apt-get install chromium`), or ask for html and print it from your own browser.',
  },
  too_many_devices: {
    status: 409,
    means: 'Somebody wants to be told on more devices than one person may have.',
    todo: 'Remove a device that is not used any more: /push lists them.',
  },
  unauthorised: {
    status: 401,
    means: 'This address wants a login or a token.',
    todo: 'Send `Authorization: Bearer TOKEN`, or log in at /login. `plimsoll token` makes a token.',
  },
  wrong_host: {
    status: 421,
    means:
      'The request names a host that this service does not go by. On loopback only its own names are answered, so that a foreign page cannot reach it through a name of its own.',
    todo: 'Use 127.0.0.1 or localhost; behind a proxy, set `external_url` to the name that people use.',
  },
  unfit_text: {
    status: 400,
    means:
      'A name, label or value is one that line protocol cannot carry unchanged, and the bus and the stores speak it.',
    todo: 'Rename it: no control characters or newlines, no backslash at the end, nothing empty.',
  },
} as const satisfies Record<string, { status: number; means: string; todo: string }>

export type ErrorCode = keyof typeof errors

// An expected failure on its way to a person. `detail` says what was found where, and may be shown to anyone
// who may see the answer.
export class Failure extends Error {
  readonly code: ErrorCode
  readonly detail: string
  // How long the other side asked us to wait, where it said so.
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions & Readonly<{ retryAfterMs?: number }>) {
    super(`${code}: ${detail}`, options)
    this.code = code
    this.detail = detail
    this.retryAfterMs = options?.retryAfterMs
  }
}
