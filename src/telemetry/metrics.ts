import { writeFile } from 'node:fs/promises'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Books as IngestBooks } from '../ingest/ingest'
import type { Books } from '../runtime/books'
import type { ViewStats } from '../runtime/stages'

/**
 * Every metric of assay, declared once with its help text. Labels are words from known lists; an id never is one.
 * Counted per block or per scrape, never per event.
 */
export function declareMetrics() {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    recordsRead: new Counter({
      name: 'assay_records_read_total',
      help: 'Raw records read, whatever became of them, by raw partition.',
      labelNames: ['source'] as const,
      registers,
    }),
    eventsCounted: new Counter({
      name: 'assay_events_counted_total',
      help: 'Events that were folded, by kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    duplicates: new Counter({
      name: 'assay_duplicates_total',
      help: 'Records that repeated an event which had been counted, by the raw partition or the view that saw it.',
      labelNames: ['source'] as const,
      registers,
    }),
    tooLate: new Counter({
      name: 'assay_too_late_total',
      help: 'Events older than the watermark of their own raw partition, by that or by the view that saw it.',
      labelNames: ['source'] as const,
      registers,
    }),
    deadLetters: new Counter({
      name: 'assay_dead_letters_total',
      help: 'Records put aside unread, by raw partition and reason.',
      labelNames: ['source', 'reason'] as const,
      registers,
    }),
    sourceHalted: new Gauge({
      name: 'assay_source_halted',
      help: '1 when a raw partition is read no more until a person has looked at it; /readyz says why.',
      labelNames: ['source'] as const,
      registers,
    }),
    sourceWatermarkSeconds: new Gauge({
      name: 'assay_source_watermark_timestamp_seconds',
      help: 'Event time that a raw partition has come to; the one furthest behind holds up all verdicts.',
      labelNames: ['source'] as const,
      registers,
    }),
    hopSeconds: new Histogram({
      name: 'assay_hop_seconds',
      help: 'From the append of a record to a log until what a task makes of it is appended.',
      labelNames: ['task'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    findings: new Counter({
      name: 'assay_findings_total',
      help: 'Findings that the decide view has judged.',
      registers,
    }),
    verdicts: new Counter({
      name: 'assay_verdicts_total',
      help: 'Verdicts published by this process, revisions included.',
      labelNames: ['offence', 'recommendation', 'mode', 'status'] as const,
      registers,
    }),
    budgetBar: new Gauge({
      name: 'assay_budget_bar',
      help: 'The chance under honest behaviour that the next finding must not exceed to become a verdict.',
      labelNames: ['mode'] as const,
      registers,
    }),
    budgetLevel: new Gauge({
      name: 'assay_budget_level',
      help: 'The share of wrong verdicts that the policy allows.',
      registers,
    }),
    budgetTests: new Counter({
      name: 'assay_budget_tests_total',
      help: 'Findings that were tested against the false-flag budget, but those that are clearly honest.',
      labelNames: ['mode'] as const,
      registers,
    }),
    feedback: new Counter({
      name: 'assay_feedback_total',
      help: 'Reviews of verdicts, by what came of them: taken, or why not.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    precision: new Gauge({
      name: 'assay_detector_precision',
      help: 'Share of right verdicts of a detector, as reviewers see it; of those that were reviewed.',
      labelNames: ['detector'] as const,
      registers,
    }),
    policiesActivated: new Counter({
      name: 'assay_policies_activated_total',
      help: 'Policies that took over from another through the log.',
      registers,
    }),
    corrections: new Counter({
      name: 'assay_corrections_total',
      help: 'Corrected counts published.',
      registers,
    }),
    watermarkSeconds: new Gauge({
      name: 'assay_watermark_timestamp_seconds',
      help: 'Event time up to which everything has been decided.',
      registers,
    }),
    tableRecords: new Gauge({
      name: 'assay_table_records',
      help: 'Records held in a table of keyed state.',
      labelNames: ['table'] as const,
      registers,
    }),
    tableEvicted: new Counter({
      name: 'assay_table_evicted_total',
      help: 'Records dropped before their time because a table of a view had reached its cap.',
      labelNames: ['view'] as const,
      registers,
    }),
    stateBytes: new Gauge({
      name: 'assay_state_bytes',
      help: 'Memory of the tables of a view.',
      labelNames: ['view'] as const,
      registers,
    }),
    ready: new Gauge({
      name: 'assay_ready',
      help: '1 when this instance takes its share of the work, as /readyz says.',
      registers,
    }),
    lag: new Gauge({
      name: 'assay_lag_records',
      help: 'Records that wait for a task: raw records for the intake, blocks or reports for a view.',
      labelNames: ['task'] as const,
      registers,
    }),
    taskOwned: new Gauge({
      name: 'assay_task_owned',
      help: '1 for a task that this instance does, 0 while its state is being restored.',
      labelNames: ['task'] as const,
      registers,
    }),
    checkpoints: new Counter({
      name: 'assay_checkpoints_total',
      help: 'Checkpoints that this process stored, by task.',
      labelNames: ['task'] as const,
      registers,
    }),
    checkpointFailures: new Counter({
      name: 'assay_checkpoint_failures_total',
      help: 'Checkpoints that this process could not store, by task; the one before still holds.',
      labelNames: ['task'] as const,
      registers,
    }),
    checkpointSeconds: new Gauge({
      name: 'assay_checkpoint_timestamp_seconds',
      help: 'When this process last stored a checkpoint, by task.',
      labelNames: ['task'] as const,
      registers,
    }),
    dependencyUp: new Gauge({
      name: 'assay_dependency_up',
      help: '1 when Kafka, Redis or the schema registry answered when it was last asked.',
      labelNames: ['dependency'] as const,
      registers,
    }),
    servedRecords: new Counter({
      name: 'assay_served_records_total',
      help: 'Verdicts and corrections written into the copy that the API answers from.',
      registers,
    }),
    servedFailures: new Counter({
      name: 'assay_served_failures_total',
      help: 'Times that the copy that the API answers from could not be written.',
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'assay_http_request_seconds',
      help: 'How long a request took, by route and class of the status.',
      labelNames: ['route', 'status'] as const,
      buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10],
      registers,
    }),
    spans: new Counter({
      name: 'assay_spans_total',
      help: 'Spans of traces: made, sent, and failed to be sent. What was made and is neither waits, or was dropped.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    buildInfo: new Gauge({
      name: 'assay_build_info',
      help: 'Always 1; the version that runs.',
      labelNames: ['version'] as const,
      registers,
    }),
  }
}

export type Metrics = ReturnType<typeof declareMetrics>

/** Sets the counters of a run from its books, at its end or at a scrape. */
export function observeBooks(metrics: Metrics, books: Omit<Books, 'waiting'>): void {
  setCounter(metrics.recordsRead, books.read)
  setCounter(metrics.duplicates, books.duplicates)
  setCounter(metrics.tooLate, books.tooLate)
  setCounter(metrics.verdicts, books.verdicts)
  observeCounted(metrics, books)
  for (const [reason, letters] of Object.entries(books.deadLettersByReason)) {
    setCounter(metrics.deadLetters, letters, { reason })
  }
}

/** Sets what the views count of a run. */
export function observeCounted(
  metrics: Metrics,
  { corrections, countedByKind }: Pick<Books, 'corrections' | 'countedByKind'>,
): void {
  setCounter(metrics.corrections, corrections)
  for (const [kind, events] of Object.entries(countedByKind)) {
    setCounter(metrics.eventsCounted, events, { kind })
  }
}

/**
 * Forgets what belongs to partitions and tasks, before those that are owned now are told: a task that went to another
 * instance is told there, and a series that ends here and begins there counts nothing twice in a rate.
 */
export function forgetOwned(metrics: Metrics): void {
  const { recordsRead, duplicates, tooLate, deadLetters, sourceHalted, sourceWatermarkSeconds } = metrics
  const { eventsCounted, feedback, precision, budgetBar, budgetTests, tableRecords, tableEvicted } = metrics
  const { stateBytes, lag, taskOwned } = metrics
  const ofSources = [recordsRead, duplicates, tooLate, deadLetters, sourceHalted, sourceWatermarkSeconds]
  const ofViews = [eventsCounted, feedback, precision, budgetBar, budgetTests, tableRecords, tableEvicted]
  for (const metric of [...ofSources, ...ofViews, stateBytes, lag, taskOwned]) metric.reset()
  // A metric without labels is set to 0 by a reset, from which it would seem to rise when the task comes back.
  const { findings, policiesActivated, corrections, watermarkSeconds, budgetLevel } = metrics
  for (const metric of [findings, policiesActivated, corrections, watermarkSeconds, budgetLevel])
    metric.remove()
}

/** Sets the metrics of the raw partitions that are read here, each under its own name. */
export function observeSources(metrics: Metrics, sources: readonly SourceState[]): void {
  const { recordsRead, duplicates, tooLate, deadLetters, sourceHalted, sourceWatermarkSeconds } = metrics
  for (const { source, books, watermarkMs, isHalted } of sources) {
    sourceHalted.set({ source }, isHalted ? 1 : 0)
    recordsRead.inc({ source }, books.read)
    duplicates.inc({ source }, books.duplicates)
    tooLate.inc({ source }, books.tooLate)
    for (const [reason, letters] of Object.entries(books.deadLetters)) {
      if (letters > 0) deadLetters.inc({ source, reason }, letters)
    }
    if (Number.isFinite(watermarkMs)) sourceWatermarkSeconds.set({ source }, watermarkMs / 1_000)
  }
}

/** A raw partition as it is told of. */
export interface SourceState {
  readonly source: string
  readonly books: IngestBooks
  readonly watermarkMs: number
  readonly isHalted: boolean
}

/** Sets the gauges of the views that are at work here. */
export function observeViews(metrics: Metrics, stats: Partial<ViewStats>): void {
  const { actor, trace, crew, network, account, decide } = stats
  if (decide !== undefined) {
    setCounter(metrics.findings, decide.findings)
    if (decide.decidedMs > 0) metrics.watermarkSeconds.set(decide.decidedMs / 1_000)
    metrics.budgetLevel.set(decide.budget.level)
    for (const mode of ['live', 'shadow'] as const) {
      metrics.budgetBar.set({ mode }, decide.budget[mode].bar)
      setCounter(metrics.budgetTests, decide.budget[mode].tests, { mode })
    }
    setCounter(metrics.policiesActivated, decide.policies)
    for (const [outcome, count] of Object.entries(decide.feedback)) {
      setCounter(metrics.feedback, count, { outcome })
    }
    for (const [detector, share] of Object.entries(decide.precision)) {
      metrics.precision.set({ detector }, share)
    }
  }
  const tables = {
    actors: actor?.actors,
    pairs: actor?.pairs,
    accounts: account?.accounts,
    origins: account?.origins,
    templates: trace?.templates,
    nodes: crew?.nodes,
    clusters: network?.clusters,
  }
  for (const [table, records] of Object.entries(tables)) {
    if (records !== undefined) metrics.tableRecords.set({ table }, records)
  }
  for (const [view, bytes] of Object.entries({ actor, trace, crew, account })) {
    if (bytes !== undefined) metrics.stateBytes.set({ view }, bytes.bytes)
  }
  for (const [view, one] of Object.entries({ actor, trace, crew, network, account, decide })) {
    if (one !== undefined) setCounter(metrics.tableEvicted, one.evicted, { view })
  }
}

/** Sets a counter to a total that is counted elsewhere. */
export function setCounter<Label extends string>(
  counter: Counter<Label>,
  total: number,
  labels: Partial<Record<Label, string>> = {},
): void {
  counter.remove(labels)
  counter.inc(labels, total)
}

/** Writes all metrics to a file, for a collector of text files. */
export async function writeMetrics(metrics: Metrics, path: string): Promise<void> {
  await writeFile(path, await metrics.registry.metrics())
}
