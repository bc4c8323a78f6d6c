// Every number this service writes, in one table, with unit and meaning. Inputs and rooms take their names
// from here; rule packs, dashboards and docs/metrics.md are held against it by tests.

import { inputMetrics } from './metrics-inputs.ts'

export type MetricKind = 'gauge' | 'counter' | 'histogram'

// `labels` are the names that tell its series apart; `buckets` are a histogram's bounds, if not the usual ones.
type Entry = Readonly<{
  kind: MetricKind
  unit: string
  meaning: string
  labels?: readonly string[]
  buckets?: readonly number[]
}>

// The service's own, at /metrics and in its own store.
const own = {
  plimsoll_gateway_lines_total: {
    kind: 'counter',
    unit: 'lines',
    meaning: 'lines of line protocol received',
  },
  plimsoll_gateway_requests_total: {
    kind: 'counter',
    unit: 'requests',
    meaning:
      'requests with samples, by format and outcome: stored, partial (some were refused), refused, later (to be sent again)',
    labels: ['format', 'outcome'],
  },
  plimsoll_gateway_values_total: {
    kind: 'counter',
    unit: 'values',
    meaning: 'samples and notes that were acknowledged, by format',
    labels: ['format'],
  },
  plimsoll_gateway_rejected_total: {
    kind: 'counter',
    unit: 'values',
    meaning: 'lines, samples and points that were refused, by format and reason',
    labels: ['format', 'reason'],
  },
  plimsoll_gateway_unpacked_bytes_total: {
    kind: 'counter',
    unit: 'bytes',
    meaning: 'bodies received, after unpacking, by format',
    labels: ['format'],
  },
  plimsoll_gateway_in_flight_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    meaning: 'unpacked bodies whose samples are not acknowledged yet',
  },
  plimsoll_gateway_delta_series: {
    kind: 'gauge',
    unit: 'series',
    meaning: 'series whose changes (OTLP delta temporality) are being added up',
  },
  plimsoll_gateway_delta_forgotten_total: {
    kind: 'counter',
    unit: 'series',
    meaning: 'sums of changes that were forgotten, because there were too many; they begin again at 0',
  },
  plimsoll_store_samples_total: { kind: 'counter', unit: 'samples', meaning: 'samples made durable' },
  plimsoll_store_series: { kind: 'gauge', unit: 'series', meaning: 'series that have a number' },
  plimsoll_series_numbers: {
    kind: 'gauge',
    unit: 'numbers',
    meaning:
      'numbers that were given to series; those of forgotten ones are not given again, and cost some 40 bytes',
  },
  plimsoll_series_taken_ratio: {
    kind: 'gauge',
    unit: 'ratio',
    meaning: 'share of `limits.series` that is taken; at 1 new series are refused',
  },
  plimsoll_store_waiting_samples: {
    kind: 'gauge',
    unit: 'samples',
    meaning: 'samples that wait for the commit under way to end',
  },
  plimsoll_store_text_bytes_total: {
    kind: 'counter',
    unit: 'bytes',
    meaning: 'line protocol that InfluxDB has stored',
  },
  plimsoll_store_waiting_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    meaning: 'line protocol that waits for requests to InfluxDB under way',
  },
  plimsoll_store_requests_total: {
    kind: 'counter',
    unit: 'requests',
    meaning:
      'writes sent to InfluxDB, by outcome: stored, refused (lines are wrong), too_large, not_let_in, unavailable',
    labels: ['outcome'],
  },
  plimsoll_store_expired_total: {
    kind: 'counter',
    unit: 'lines',
    meaning: 'lines that were older than what InfluxDB keeps when they came, and were forgotten at once',
  },
  plimsoll_store_append_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'from handing batches to the store until they are durable',
  },
  plimsoll_store_dead_letters_total: {
    kind: 'counter',
    unit: 'samples',
    meaning:
      'samples (of InfluxDB: lines) that the database refused for good; they are with the dead letters',
  },
  plimsoll_rules_refused_series_total: {
    kind: 'counter',
    unit: 'series',
    meaning: 'results of rules that were not recorded, because there are too many series',
  },
  plimsoll_rules_contested_total: {
    kind: 'counter',
    unit: 'values',
    meaning:
      'values that a rule did not record, because an earlier rule records another one of the same series',
  },
  plimsoll_rules_cut_annotations_total: {
    kind: 'counter',
    unit: 'annotations',
    meaning: 'annotations of alerts that were longer than 4 KiB and lost their end',
  },
  plimsoll_rules_dropped_total: {
    kind: 'counter',
    unit: 'samples',
    meaning:
      'samples that rules recorded and that were forgotten, because the bus did not take them for minutes',
  },
  plimsoll_rules_evaluations_total: {
    kind: 'counter',
    unit: 'evaluations',
    meaning:
      'evaluations of rules, by how: kernel and sets (what changed), whole, interval (groups that state one), store (what looks back far)',
    labels: ['how'],
  },
  plimsoll_rules_failures_total: {
    kind: 'counter',
    unit: 'evaluations',
    meaning: 'evaluations of rules that failed, by group',
    labels: ['group'],
  },
  plimsoll_rules_evaluation_seconds_total: {
    kind: 'counter',
    unit: 'seconds',
    meaning: 'time that evaluations of rules took, by group; `plimsoll rules` tells it of each rule',
    labels: ['group'],
  },
  plimsoll_rules_missed_total: {
    kind: 'counter',
    unit: 'evaluations',
    meaning:
      'evaluations of groups with an interval that were left out because their time had passed, by group',
    labels: ['group'],
  },
  plimsoll_rules_round_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'how long the rules took over what came at one time',
  },
  plimsoll_rules_behind_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'how long ago that was received which the rules look at now',
  },
  plimsoll_rules_lag_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'how far the samples that a share of the rules waits for are behind, by share, on a fleet',
    labels: ['share'],
  },
  plimsoll_rules_shares: {
    kind: 'gauge',
    unit: 'shares',
    meaning: 'shares of the rules that this process evaluates, on a fleet',
  },
  plimsoll_rules_loaded: { kind: 'gauge', unit: 'rules', meaning: 'rules that are evaluated' },
  plimsoll_rules_alerts: {
    kind: 'gauge',
    unit: 'alerts',
    meaning: 'alerts that are active, by state: pending, firing',
    labels: ['state'],
  },
  plimsoll_rules_transitions_total: {
    kind: 'counter',
    unit: 'transitions',
    meaning: 'alerts that began or ended, by state: firing, resolved',
    labels: ['state'],
  },
  plimsoll_bus_published_total: {
    kind: 'counter',
    unit: 'records',
    meaning: 'records that the brokers have acknowledged, by topic',
    labels: ['topic'],
  },
  plimsoll_bus_publish_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'from publishing until the brokers have acknowledged it, by topic',
    labels: ['topic'],
  },
  plimsoll_bus_publish_failures_total: {
    kind: 'counter',
    unit: 'publishes',
    meaning:
      'publishes that were not acknowledged, by topic and reason: overloaded, bus_unavailable, bus_refused',
    labels: ['topic', 'reason'],
  },
  plimsoll_bus_held_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    meaning: 'published records that the brokers have not acknowledged yet',
  },
  plimsoll_bus_written_bytes_total: {
    kind: 'counter',
    unit: 'bytes',
    meaning: 'what records held that the brokers have acknowledged, before packing, by topic',
    labels: ['topic'],
  },
  plimsoll_bus_read_bytes_total: {
    kind: 'counter',
    unit: 'bytes',
    meaning: 'what records held that were fetched, after unpacking, by topic and group',
    labels: ['topic', 'group'],
  },
  plimsoll_bus_handled_total: {
    kind: 'counter',
    unit: 'records',
    meaning: 'records that a group has dealt with, by topic and group',
    labels: ['topic', 'group'],
  },
  plimsoll_bus_handler_retries_total: {
    kind: 'counter',
    unit: 'calls',
    meaning:
      'calls of a handler that failed, so that the same records are given to it again, by topic and group',
    labels: ['topic', 'group'],
  },
  plimsoll_bus_unreadable_total: {
    kind: 'counter',
    unit: 'records',
    meaning: 'records that are not what their topic holds: they went to the dead letters, by topic',
    labels: ['topic'],
  },
  plimsoll_bus_dropped_total: {
    kind: 'counter',
    unit: 'values',
    meaning:
      'what readers of samples left out, by reason: not_a_line (lines that cannot be read), series_limit (values whose series found no room)',
    labels: ['reason'],
  },
  plimsoll_bus_lag_records: {
    kind: 'gauge',
    unit: 'records',
    meaning: 'records that wait for the readers of this process, by topic and group',
    labels: ['topic', 'group'],
  },
  plimsoll_bus_lag_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'age of the oldest record that is being dealt with, by topic and group',
    labels: ['topic', 'group'],
  },
  plimsoll_bus_rebalances_total: {
    kind: 'counter',
    unit: 'joins',
    meaning: 'how often a reader joined its group again, because members came or went, by topic and group',
    labels: ['topic', 'group'],
  },
  plimsoll_bus_reader_restarts_total: {
    kind: 'counter',
    unit: 'restarts',
    meaning: 'how often a reader lost the brokers and connected anew, by topic and group',
    labels: ['topic', 'group'],
  },
  plimsoll_bus_positions_lost_total: {
    kind: 'counter',
    unit: 'partitions',
    meaning:
      'how often a reader found that records it had not read yet are gone: it went on at the oldest, by topic and group',
    labels: ['topic', 'group'],
  },
  plimsoll_agent_gather_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'how long one reading of an input took',
    labels: ['input'],
    buckets: [0.001, 0.01, 0.1, 1, 10],
  },
  plimsoll_agent_gather_failures_total: {
    kind: 'counter',
    unit: 'readings',
    meaning: 'readings of an input that failed or did not end in time',
    labels: ['input'],
  },
  plimsoll_agent_skipped_ticks_total: {
    kind: 'counter',
    unit: 'ticks',
    meaning: 'ticks at which an input was not read, because it was still busy with the last one',
    labels: ['input'],
  },
  plimsoll_agent_samples_total: {
    kind: 'counter',
    unit: 'samples',
    meaning: 'samples and notes that an input gathered',
    labels: ['input'],
  },
  plimsoll_agent_dropped_total: {
    kind: 'counter',
    unit: 'samples',
    meaning:
      'gathered samples that were lost: buffer_full, series_limit, not_a_number, unfit_text, refused, stopped',
    labels: ['reason'],
  },
  plimsoll_agent_waiting: {
    kind: 'gauge',
    unit: 'samples',
    meaning: 'gathered samples that could not be handed on yet and wait in memory',
  },
  plimsoll_http_requests_total: {
    kind: 'counter',
    unit: 'requests',
    meaning: 'requests answered, by route and class of status (2xx, 4xx …)',
    labels: ['route', 'class'],
  },
  plimsoll_http_request_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'from the head of a request until its answer was handed to the network',
    labels: ['route'],
  },
  plimsoll_http_received_bytes_total: {
    kind: 'counter',
    unit: 'bytes',
    meaning: 'bodies received, as they came (still compressed)',
    labels: ['route'],
  },
  plimsoll_http_in_flight: {
    kind: 'gauge',
    unit: 'requests',
    meaning: 'requests that are being answered just now',
  },
  plimsoll_http_in_flight_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    meaning: 'memory set aside for the bodies of requests that are being answered just now',
  },
  plimsoll_http_shed_total: {
    kind: 'counter',
    unit: 'requests',
    meaning: 'requests answered with 503 before their body was read, by what was short (memory, time)',
    labels: ['short_of'],
  },
  plimsoll_log_messages_total: {
    kind: 'counter',
    unit: 'messages',
    meaning: 'messages for the log, by level, folded ones included',
    labels: ['level'],
  },
  plimsoll_log_folded_total: {
    kind: 'counter',
    unit: 'messages',
    meaning:
      'messages of the log that were counted instead of written, because the same one had just been written',
  },
  plimsoll_logins_total: {
    kind: 'counter',
    unit: 'logins',
    meaning: 'logins tried by name and password, by outcome (in, refused, too_many)',
    labels: ['outcome'],
  },
  plimsoll_state_write_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'from handing statements to the state until they are durable',
  },
  plimsoll_lease_held: {
    kind: 'gauge',
    unit: 'leases',
    meaning: 'shares of the work that this process owns just now, by kind (the name up to the first /)',
    labels: ['kind'],
  },
  plimsoll_lease_takeovers_total: {
    kind: 'counter',
    unit: 'leases',
    meaning:
      'shares of the work that this process became the owner of, by kind and by why it could: new (nobody had owned it), released (given back), silent (its owner did not renew it), own (it was ours before)',
    labels: ['kind', 'because'],
  },
  plimsoll_lease_losses_total: {
    kind: 'counter',
    unit: 'leases',
    meaning:
      'shares of the work that this process lost without giving them back, by kind and why: late (could not renew in time), taken (another process owns it)',
    labels: ['kind', 'because'],
  },
  plimsoll_rules_book_transitions_total: {
    kind: 'counter',
    unit: 'transitions',
    meaning:
      'beginnings and ends of alerts, by how far they came: saved, published (those of the last run too), left_out (of an alert that came and went often while state or bus were away, only the newest are told)',
    labels: ['step'],
  },
  plimsoll_rules_book_failures_total: {
    kind: 'counter',
    unit: 'tries',
    meaning:
      'tries that failed, and are made again, to save alerts, to publish what they have become, or to forget what is published, by step: save, publish, forget',
    labels: ['step'],
  },
  plimsoll_alerter_facts_total: {
    kind: 'counter',
    unit: 'facts',
    meaning:
      'what happened to alerts and was written down, by kind: fired, resolved, told, failed, held, released and others',
    labels: ['kind'],
  },
  plimsoll_alerter_save_failures_total: {
    kind: 'counter',
    unit: 'tries',
    meaning: 'tries to save what happened to alerts that failed, and are made again',
  },
  plimsoll_alerter_ends_left_total: {
    kind: 'counter',
    unit: 'alerts',
    meaning:
      'posted ends of alerts that nobody knows, which were left out because as many alerts are known as may be; nobody would have been told of them',
  },
  plimsoll_forward_alerts_total: {
    kind: 'counter',
    unit: 'alerts',
    meaning:
      'alerts for other Alertmanagers, by target and outcome: sent, refused (in a request of which the target does not like all; it takes the others), failed (to be sent again)',
    labels: ['target', 'outcome'],
  },
  plimsoll_alerter_messages_total: {
    kind: 'counter',
    unit: 'messages',
    meaning:
      'messages that were sent, by channel and outcome: told (the service has it), later (to be sent again), failed (refused)',
    labels: ['channel', 'outcome'],
  },
  plimsoll_alerter_failed_total: {
    kind: 'counter',
    unit: 'tellings',
    meaning:
      'what somebody was to be told and no way has taken, by the last channel, counted at the first time; what may be taken later is tried again for up to a day, and the reasons are among the facts',
    labels: ['channel'],
  },
  plimsoll_alerter_send_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'how long services took to answer, by channel',
    labels: ['channel'],
  },
  plimsoll_alerter_told_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'from the decision to tell something until a service had it',
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 1_800, 7_200],
  },
  plimsoll_alerter_outbox_entries: {
    kind: 'gauge',
    unit: 'tellings',
    meaning: 'what is to be told and is not told yet',
  },
  plimsoll_alerter_outbox_oldest_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'how long the oldest of what is to be told waits; 0 when nothing does',
  },
  plimsoll_alerter_breaker_open: {
    kind: 'gauge',
    unit: '',
    meaning:
      '1 while nothing but a probe is sent by an integration, because it failed five times in a row, its service says that it is away for a while, or refuses the settings',
    labels: ['integration'],
  },
  plimsoll_alerter_budget_left: {
    kind: 'gauge',
    unit: 'messages',
    meaning: 'messages that may leave by an integration at once, its reserve for urgent ones included',
    labels: ['integration'],
  },
  plimsoll_alerter_merged_total: {
    kind: 'counter',
    unit: 'tellings',
    meaning:
      'what was told together with something else, and how: waiting (into an older one of its group that was not sent yet), digest (many groups in one message, over budget)',
    labels: ['into'],
  },
  plimsoll_alerter_callbacks_total: {
    kind: 'counter',
    unit: 'calls',
    meaning:
      'calls from services of channels, by channel and outcome: taken, unreadable, forged (without a proof; `none` where no channel has the name), too_many',
    labels: ['channel', 'outcome'],
  },
  plimsoll_web_push_total: {
    kind: 'counter',
    unit: 'notifications',
    meaning:
      'sent to devices by web push, by outcome: told, later, failed, gone (the browser has ended it, so the device was removed)',
    labels: ['outcome'],
  },
  plimsoll_capacity_questions_total: {
    kind: 'counter',
    unit: 'questions',
    meaning:
      'questions about usage and supply of pools, by outcome: answered, empty (no number in the answer), failed',
    labels: ['outcome'],
  },
  plimsoll_capacity_days_total: {
    kind: 'counter',
    unit: 'days',
    meaning: 'days of usage or supply that were written to the history, by the recorder',
  },
  plimsoll_capacity_unrecorded_total: {
    kind: 'counter',
    unit: 'times',
    meaning:
      'five-minute times of pools that were not recorded as samples, because they were more than a day ago or there are too many series; their days are in the history all the same',
  },
  plimsoll_capacity_runs_total: {
    kind: 'counter',
    unit: 'runs',
    meaning:
      "times that the schedule's drafts of a month were due, by outcome: made, failed (tried again a minute later)",
    labels: ['outcome'],
  },
  plimsoll_capacity_advice_total: {
    kind: 'counter',
    unit: 'minutes',
    meaning:
      'pools looked at for advice, by outcome: judged, unmeasured (a question failed or answered with no number), failed (a fault of this program)',
    labels: ['outcome'],
  },
  plimsoll_alerter_inbound_total: {
    kind: 'counter',
    unit: 'messages',
    meaning:
      'what services and people said back, by outcome: receipt, unknown_receipt (of no message that is known), earlier (acknowledged before the incident began), acknowledged, over (the incident has ended), no_incident, not_understood, stranger (from a number that nobody is told by)',
    labels: ['outcome'],
  },
  plimsoll_alerter_pictures_total: {
    kind: 'counter',
    unit: 'pictures',
    meaning:
      'pictures of the last hour, by outcome: drawn, empty (nothing to show, or no expression is known), late (not within 300 ms), failed, over_budget (too many at once); without one a message is sent all the same',
    labels: ['outcome'],
  },
  plimsoll_alerter_text_failures_total: {
    kind: 'counter',
    unit: 'messages',
    meaning: 'messages whose template failed, so that they were sent with our own words, by channel',
    labels: ['channel'],
  },
  plimsoll_heartbeats_total: {
    kind: 'counter',
    unit: 'messages',
    meaning: 'heartbeats that others sent, by outcome: beat, or failure where they said that they failed',
    labels: ['outcome'],
  },
  plimsoll_heartbeats_missing: {
    kind: 'gauge',
    unit: 'heartbeats',
    meaning: 'heartbeats that are missing or have failed just now',
  },
  plimsoll_canary: {
    kind: 'gauge',
    unit: '',
    meaning:
      '1 and 0 in turns, from the input canary: an alert that nobody sees comes of it, which the watchdog waits for',
  },
  plimsoll_watchdog_road_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'from a canary sample until the alerter has the alert that came of it',
  },
  plimsoll_watchdog_missing: {
    kind: 'gauge',
    unit: '',
    meaning: '1 while test alerts (`rules`) or test messages to a receiver do not arrive, by road',
    labels: ['road'],
  },
  plimsoll_watchdog_told_total: {
    kind: 'counter',
    unit: 'messages',
    meaning: 'messages of the watchdog that went to a service directly, by outcome: told, failed',
    labels: ['outcome'],
  },
  plimsoll_watchdog_pings_total: {
    kind: 'counter',
    unit: 'requests',
    meaning: 'times that `watchdog.ping` was told that all is well, by outcome: taken, failed',
    labels: ['outcome'],
  },
  plimsoll_query_running: {
    kind: 'gauge',
    unit: 'questions',
    meaning: 'questions to the query API that are being answered',
  },
  plimsoll_query_waiting: {
    kind: 'gauge',
    unit: 'questions',
    meaning: 'questions to the query API that wait for their turn',
  },
  plimsoll_query_ended_total: {
    kind: 'counter',
    unit: 'questions',
    meaning:
      'questions to the query API that were ended without an answer, and why: samples (too many), time, queue (nobody may wait any more), gone (the caller went away), idle (it took nothing of a large answer while others waited), store (it failed)',
    labels: ['because'],
  },
  plimsoll_rules_head_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    meaning: 'what the samples that rules look at take in memory',
  },
  plimsoll_rules_head_series: {
    kind: 'gauge',
    unit: 'series',
    meaning: 'series that a rule looks at and that have samples in memory',
  },
  plimsoll_rules_head_dropped_total: {
    kind: 'counter',
    unit: 'samples',
    meaning:
      'what rules cannot see, by reason: full (the oldest samples of series, because the memory for rules is full), no_room (new series, for the same reason; each once, and again after others have made room), ahead (samples from more than ten minutes ahead)',
    labels: ['reason'],
  },
  plimsoll_own_series_dropped_total: {
    kind: 'counter',
    unit: 'values',
    meaning: 'own values that were not kept, because their metric had too many label values',
  },
  process_cpu_seconds_total: {
    kind: 'counter',
    unit: 'seconds',
    meaning: 'processor time of this process, user and system',
  },
  process_resident_memory_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    meaning: 'memory that this process really occupies',
  },
  process_start_time_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'when this process started, since 1970',
  },
  process_open_fds: { kind: 'gauge', unit: 'files', meaning: 'files and sockets that this process has open' },
  process_max_fds: { kind: 'gauge', unit: 'files', meaning: 'files and sockets that this process may open' },
  nodejs_eventloop_lag_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'how late timers of this process were on average since the last look',
  },
  nodejs_eventloop_lag_max_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'how late the latest timer of this process was since the last look',
  },
  nodejs_heap_size_used_bytes: { kind: 'gauge', unit: 'bytes', meaning: 'JavaScript heap in use' },
  nodejs_heap_size_total_bytes: { kind: 'gauge', unit: 'bytes', meaning: 'JavaScript heap set aside' },
  nodejs_external_memory_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    meaning: 'memory outside the JavaScript heap that its objects hold: buffers, arrays',
  },
  nodejs_gc_duration_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'pauses for garbage collection, by kind (minor, major, incremental, weakcb)',
    labels: ['kind'],
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
  },
} as const satisfies Record<string, Entry>

// What the server says of hosts, in its store only.
const ofHosts = {
  agent_up: {
    kind: 'gauge',
    unit: '',
    meaning:
      '1 while samples of the host arrive; 0 when it has fallen silent, or never spoke although expected',
    labels: ['host'],
  },
  agent_silent_after_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning:
      'after how much silence `agent_up` of the host becomes 0: `agents.silent_after`, or two and a half times the longest pause that it usually makes, whichever is longer; none where it has not spoken often enough to be missed',
    labels: ['host'],
  },
} as const satisfies Record<string, Entry>

// What the capacity room says of pools, in the store only; the labels of the pool stand on each of them too.
const ofPools = {
  capacity_usage: {
    kind: 'gauge',
    unit: '',
    meaning: 'how much of a resource of a pool is used, in its own unit, every five minutes',
    labels: ['pool', 'resource'],
  },
  capacity_supply: {
    kind: 'gauge',
    unit: '',
    meaning: 'how much of a resource a pool has, in its own unit, every five minutes',
    labels: ['pool', 'resource'],
  },
  capacity_level_ratio: {
    kind: 'gauge',
    unit: 'ratio',
    meaning: "the last whole day's demand of a resource, of what there is",
    labels: ['pool', 'resource'],
  },
  capacity_waterline_ratio: {
    kind: 'gauge',
    unit: 'ratio',
    meaning: 'the share of the supply that may be used',
    labels: ['pool', 'resource'],
  },
  capacity_forecast: {
    kind: 'gauge',
    unit: '',
    meaning: 'demand on the day that decides about the next order, in the unit of the resource',
    labels: ['pool', 'resource'],
  },
  capacity_forecast_low: {
    kind: 'gauge',
    unit: '',
    meaning: 'the lower edge of the 90 % band of capacity_forecast',
    labels: ['pool', 'resource'],
  },
  capacity_forecast_high: {
    kind: 'gauge',
    unit: '',
    meaning: 'the upper edge of the 90 % band of capacity_forecast',
    labels: ['pool', 'resource'],
  },
  capacity_days_left: {
    kind: 'gauge',
    unit: 'days',
    meaning:
      'until the waterline is met by an edge of the forecast: early, likely, late; absent where that is over 400 days away',
    labels: ['pool', 'resource', 'edge'],
  },
  capacity_lead_days: {
    kind: 'gauge',
    unit: 'days',
    meaning: 'from an order to the day on which it serves',
    labels: ['pool'],
  },
  capacity_units_needed: {
    kind: 'gauge',
    unit: 'units',
    meaning: 'to order for the end of next month plus the lead time; below 0: may be given back',
    labels: ['pool'],
  },
  capacity_on_order_units: {
    kind: 'gauge',
    unit: 'units',
    meaning: 'on order and due by then, without what is promised back; below 0 where more leaves than comes',
    labels: ['pool'],
  },
  capacity_order_late_days: {
    kind: 'gauge',
    unit: 'days',
    meaning:
      'by how many the last order comes after the forecast meets the waterline, where nothing more is to be ordered',
    labels: ['pool', 'resource'],
  },
  capacity_forecast_error_ratio: {
    kind: 'gauge',
    unit: 'ratio',
    meaning: 'symmetric mean error of past forecasts at the same horizon, by back-test',
    labels: ['pool', 'resource'],
  },
  capacity_forecast_missed_ratio: {
    kind: 'gauge',
    unit: 'ratio',
    meaning:
      'how far the forecast that a monthly run made of the last whole day was off: above 0, too much was forecast',
    labels: ['pool', 'resource'],
  },
  capacity_history_days: {
    kind: 'gauge',
    unit: 'days',
    meaning: 'days with numbers in the window of the forecast',
    labels: ['pool', 'resource'],
  },
  capacity_history_age_days: {
    kind: 'gauge',
    unit: 'days',
    meaning: 'from the last day with numbers to yesterday: 0 while the history goes on',
    labels: ['pool', 'resource'],
  },
  capacity_finding: {
    kind: 'gauge',
    unit: '',
    meaning:
      '1 for each thing that the forecast found in the history: level_shift, reset, gaps, saturated, counter …',
    labels: ['pool', 'resource', 'finding'],
  },
  capacity_advice_processes: {
    kind: 'gauge',
    unit: 'processes',
    meaning:
      'how many there should be by the rule of the minute; as many as there are where nothing is advised',
    labels: ['pool'],
  },
  capacity_advice_busy_share: {
    kind: 'gauge',
    unit: 'ratio',
    meaning: 'handling within the last minute, of what the processes could do in it',
    labels: ['pool'],
  },
  capacity_advice_waiting_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'for how long advice has stood without being followed; 0 where there is none',
    labels: ['pool'],
  },
  capacity_advice_unplaced: {
    kind: 'gauge',
    unit: 'processes',
    meaning: 'processes that are advised and fit on no machine',
    labels: ['pool'],
  },
} as const satisfies Record<string, Entry>

export const metrics = { ...own, ...ofHosts, ...ofPools, ...inputMetrics } as const satisfies Record<
  string,
  Entry
>

export type MetricName = keyof typeof metrics
export type OwnMetricName = keyof typeof own

export type OwnNameOf<Kind extends MetricKind> = {
  [Name in OwnMetricName]: (typeof own)[Name]['kind'] extends Kind ? Name : never
}[OwnMetricName]

// What must be told with a value of this metric, so that a forgotten or misspelt label does not compile.
export type LabelsOf<Name extends OwnMetricName> = (typeof own)[Name] extends {
  labels: readonly (infer Label extends string)[]
}
  ? Readonly<Record<Label, string>>
  : Readonly<Record<string, never>>

export const metricEntry = (name: MetricName): Entry => metrics[name]
