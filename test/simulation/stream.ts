import type { DeadLetter } from '../../src/ingest/dead-letter'
import { policySchema } from '../../src/policy/policy'
import { connect } from '../../src/runtime/connect'
import { replay } from '../../src/runtime/replay'
import { makeViews, stagesOf } from '../../src/runtime/stages'
import { prepare } from '../../src/simulator'
import { textSource } from '../support/pipeline'
import { seeded } from '../support/seeded'

/** Epochs as long as they may be, so that a run has few of them. */
export const policy = policySchema.parse({ epochMs: 60_000, allowedDisorderMs: 60_000 })
export const key = new Uint8Array(32)
export const rawTopic = 'engagement'
export const partitions = 3
/** The numbers under which the registry knows the schemas of some of the records: now and then writers have a new one. */
export const schemaIds = [7, 8, 9, 10, 11]

/** A record of the stream, where it lies. */
export interface StreamRecord {
  readonly partition: number
  readonly value: Buffer
  /** Event time, or that of the record before where it has none. */
  readonly timeMs: number
}

/** What comes out, as lines. */
export interface Decided {
  readonly verdicts: readonly string[]
  readonly corrections: readonly string[]
  readonly chain: readonly string[]
}

/** The stream of all runs, and what one unbroken replay of it gives. */
export interface Stream {
  readonly records: readonly StreamRecord[]
  readonly expected: Decided
  readonly letters: readonly string[]
  readonly startMs: number
  readonly endMs: number
}

/**
 * Three hours of a small platform with two attacks: about a thousand records in three partitions, some of them twice, some
 * no events, a third of them framed with the number of a schema.
 */
export async function smallStream(): Promise<Stream> {
  const options = { scenario: 'platform', seed: 1, hours: 6, events: 1_000, accounts: 60, actors: 1_000 }
  const all = Buffer.concat([...prepare(options).records()])
    .toString()
    .trimEnd()
    .split('\n')
  const read = all.map((line) => ({
    line,
    ...(JSON.parse(line) as { accountId: string; occurredAt: number }),
  }))
  const counts = new Map<string, number>()
  for (const { accountId } of read) counts.set(accountId, (counts.get(accountId) ?? 0) + 1)
  const startMs = Number(new Date(read[0]!.occurredAt))
  const endMs = startMs + hours * 3_600_000
  const kept = read.filter(
    ({ accountId, occurredAt }) => counts.get(accountId)! <= largest && Number(new Date(occurredAt)) < endMs,
  )
  const random = seeded(5)
  const records: StreamRecord[] = []
  for (const { line, occurredAt } of kept) {
    const timeMs = Number(new Date(occurredAt))
    const partition = Math.floor(random() * partitions)
    const chance = random()
    records.push({ partition, value: Buffer.from(line), timeMs })
    if (chance < 0.03)
      records.push({ partition: (partition + 1) % partitions, value: Buffer.from(line), timeMs })
    if (chance > 0.98) records.push({ partition, value: Buffer.from(line.slice(0, 40)), timeMs })
  }
  const sources = Array.from({ length: partitions }, (_, partition) =>
    textSource(
      records
        .filter((record) => record.partition === partition)
        .map(({ value }) => `${value.toString()}\n`)
        .join(''),
      { name: `${rawTopic}[${partition}]` },
    ),
  )
  const letters: DeadLetter[] = []
  const decided = emptyDecided()
  await replay({
    ...{ policy, key, sources },
    onVerdict: (json) => decided.verdicts.push(textOf(json)),
    onCorrection: (json) => decided.corrections.push(textOf(json)),
    onLink: (json) => decided.chain.push(textOf(json)),
    onDeadLetter: (letter) => letters.push({ ...letter, bytes: letter.bytes.slice() }),
  })
  return {
    records: records.map((record, number) => ({
      ...record,
      value: number % 3 === 0 ? framed(record.value, number / records.length) : record.value,
    })),
    expected: decided,
    letters: letters.map(({ bytes }) => textOf(bytes)).sort(),
    ...{ startMs, endMs },
  }
}

/** What comes of a log of events, folded once and unbroken. */
export function foldOf(events: readonly Uint8Array[]): Decided {
  const decided = emptyDecided()
  const put = connect(stagesOf(makeViews(policy, key)), (log, record) => {
    if (log === 'verdicts' || log === 'corrections' || log === 'chain') decided[log].push(textOf(record))
  })
  for (const record of events) put('events', record)
  return decided
}

function emptyDecided(): { verdicts: string[]; corrections: string[]; chain: string[] } {
  return { verdicts: [], corrections: [], chain: [] }
}

/** Behind the magic byte and the number of its schema, as the clients of Confluent write it. */
function framed(value: Buffer, progress: number): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(schemaIds[Math.floor(progress * schemaIds.length)]!, 1)
  return Buffer.concat([head, value])
}

/** The same record without its frame. */
export function unframed(value: Buffer): string {
  return (value[0] === 0 ? value.subarray(5) : value).toString()
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

const decoder = new TextDecoder()
/** Accounts with more records are left out, so that a run is short. */
const largest = 300
const hours = 3.2
