import { writeFile } from 'node:fs/promises'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
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
      help: 'Raw records read, whatever became of them.',
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
      help: 'Records that repeated an event which had been counted.',
      registers,
    }),
    tooLate: new Counter({
      name: 'assay_too_late_total',
      help: 'Events older than the watermark of their own raw partition.',
      registers,
    }),
    deadLetters: new Counter({
      name: 'assay_dead_letters_total',
      help: 'Records put aside unread, by reason.',
      labelNames: ['reason'] as const,
      registers,
    }),
    blocks: new Counter({ name: 'assay_blocks_total', help: 'Blocks packed by ingest.', registers }),
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
      help: 'Verdicts published, revisions included, by offence and recommendation.',
      labelNames: ['offence', 'recommendation'] as const,
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
      help: 'Event time up to which all accounts have been judged.',
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
      help: 'Checkpoints written, by view.',
      labelNames: ['view'] as const,
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
  setCounter(metrics.corrections, books.corrections)
  for (const [kind, events] of Object.entries(books.countedByKind))
    setCounter(metrics.eventsCounted, events, { kind })
  for (const [reason, letters] of Object.entries(books.deadLettersByReason)) {
    setCounter(metrics.deadLetters, letters, { reason })
  }
}

/** Sets the gauges of the views that are at work here. */
export function observeViews(metrics: Metrics, stats: Partial<ViewStats>): void {
  const { actor, trace, crew, network, account, decide } = stats
  if (decide !== undefined) {
    setCounter(metrics.findings, decide.findings)
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
