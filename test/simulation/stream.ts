import type { DeadLetter } from '../../src/ingest/dead-letter'
import { policySchema } from '../../src/policy/policy'
import { connect } from '../../src/runtime/connect'
import { replay } from '../../src/runtime/replay'
import { makeViews, stagesOf } from '../../src/runtime/stages'
import { prepare } from '../../src/simulator'
import type { SimulationOptions } from '../../src/simulator'
import { textSource } from '../support/pipeline'
import { seeded } from '../support/seeded'

/** Epochs as long as they may be, so that a run has few of them. */
export const policy = policySchema.parse({ epochMs: 60_000, allowedDisorderMs: 60_000 })
export const key = new Uint8Array(32)
export const rawTopic = 'engagement'
export const partitions = 3

/** A record of the stream, where it lies. */
export interface StreamRecord {
  readonly partition: number
  readonly value: Buffer
  /** Event time, or that of the record before where it has none. */
  readonly timeMs: number
  /** When it is appended, where it comes while the service runs; the others are there before. */
  readonly arrivesMs?: number
}

/** What comes out, as lines. */
export interface Decided {
  readonly verdicts: readonly string[]
  readonly corrections: readonly string[]
  readonly chain: readonly string[]
}

/** The stream of a run, and what one unbroken replay of it gives. */
export interface Stream {
  readonly records: readonly StreamRecord[]
  readonly expected: Decided
  readonly letters: readonly string[]
  readonly startMs: number
  readonly endMs: number
  /** The numbers under which the registry knows the schemas of some of the records. */
  readonly schemaIds: readonly number[]
}

/**
 * Three hours of a small platform with two attacks: about a thousand records in three partitions, some of them twice, some
 * no events, a third of them framed with the number of a schema.
 */
export async function smallStream(): Promise<Stream> {
  const read = simulated({
    scenario: 'platform',
    seed: 1,
    hours: 6,
    events: 1_000,
    accounts: 60,
    actors: 1_000,
  })
  const startMs = read[0]!.timeMs
  const endMs = startMs + hours * 3_600_000
  const records = placed(
    withoutLargest(read, largest).filter(({ timeMs }) => timeMs < endMs),
    seeded(5),
  )
  const { decided, letters } = await replayOf(records)
  return {
    records: records.map((record, number) =>
      number % 3 === 0
        ? framed(record, schemaIds[Math.floor((number / records.length) * schemaIds.length)]!)
        : record,
    ),
    ...{ expected: decided, letters, startMs, endMs, schemaIds },
  }
}

/**
 * A day of a larger platform with thirty attacks: three times as many records an hour as in the other stream, each of which
 * comes at its time, a few seconds after what it tells of. Writers have a new schema every minute. Fewer hours are its beginning.
 */
export async function dayStream({ hours = 24 }: { readonly hours?: number } = {}): Promise<Stream> {
  const read = simulated({
    ...{ scenario: 'attacks', seed: 1, hours: 24, events: 22_000, accounts: 350, actors: 2_000 },
  })
  const startMs = read[0]!.timeMs
  const endMs = startMs + hours * 3_600_000
  const random = seeded(6)
  const arriving = withoutLargest(read, 460)
    .filter(({ timeMs }) => timeMs < endMs)
    .map((event) => ({ ...event, arrivesMs: event.timeMs + random() * 5_000 }))
    .sort((a, b) => a.arrivesMs - b.arrivesMs)
  const records = placed(arriving, random)
  const { decided, letters } = await replayOf(records)
  const minuteOf = ({ timeMs }: StreamRecord): number => Math.max(0, Math.floor((timeMs - startMs) / 60_000))
  return {
    records: records.map((record, number) =>
      number % 3 === 0 ? framed(record, 100 + minuteOf(record)) : record,
    ),
    ...{ expected: decided, letters, startMs, endMs },
    schemaIds: Array.from({ length: hours * 60 }, (_, minute) => 100 + minute),
  }
}

/** The same stream when most of it is there already, and the last of it comes at its time. */
export function endingLive(stream: Stream, liveMs: number): Stream {
  const startMs = stream.endMs - liveMs
  const records = stream.records.map((record) =>
    record.timeMs < startMs ? record : { ...record, arrivesMs: record.timeMs + 1_000 },
  )
  return { ...stream, records, startMs }
}

/** What an unbroken replay of some records gives, what it puts aside, and how many events came too late for it. */
export async function replayOf(
  records: readonly StreamRecord[],
): Promise<{ readonly decided: Decided; readonly letters: readonly string[]; readonly tooLate: number }> {
  const sources = Array.from({ length: partitions }, (_, partition) =>
    textSource(
      records
        .filter((record) => record.partition === partition)
        .map(({ value }) => `${unframed(value)}\n`)
        .join(''),
      { name: `${rawTopic}[${partition}]` },
    ),
  )
  const letters: DeadLetter[] = []
  const decided = emptyDecided()
  const { tooLate } = await replay({
    ...{ policy, key, sources },
    onVerdict: (json) => decided.verdicts.push(textOf(json)),
    onCorrection: (json) => decided.corrections.push(textOf(json)),
    onLink: (json) => decided.chain.push(textOf(json)),
    onDeadLetter: (letter) => letters.push({ ...letter, bytes: letter.bytes.slice() }),
  })
  return { decided, letters: letters.map(({ bytes }) => textOf(bytes)).sort(), tooLate }
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

interface SimulatedEvent {
  readonly line: string
  readonly accountId: string
  readonly timeMs: number
  readonly arrivesMs?: number
}

function simulated(options: Partial<SimulationOptions>): SimulatedEvent[] {
  return Buffer.concat([...prepare(options).records()])
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { accountId, occurredAt } = JSON.parse(line) as { accountId: string; occurredAt: number }
      return { line, accountId, timeMs: Number(new Date(occurredAt)) }
    })
}

/** Accounts with more records are left out, so that a run is short. */
function withoutLargest(events: readonly SimulatedEvent[], most: number): SimulatedEvent[] {
  const counts = new Map<string, number>()
  for (const { accountId } of events) counts.set(accountId, (counts.get(accountId) ?? 0) + 1)
  return events.filter(({ accountId }) => counts.get(accountId)! <= most)
}

/** Shared out among partitions, some of them twice, and some beginnings of lines behind them. */
function placed(events: readonly SimulatedEvent[], random: () => number): StreamRecord[] {
  const records: StreamRecord[] = []
  for (const { line, timeMs, arrivesMs } of events) {
    const partition = Math.floor(random() * partitions)
    const chance = random()
    const times = { timeMs, ...(arrivesMs === undefined ? {} : { arrivesMs }) }
    records.push({ partition, value: Buffer.from(line), ...times })
    if (chance < 0.03)
      records.push({ partition: (partition + 1) % partitions, value: Buffer.from(line), ...times })
    if (chance > 0.98) records.push({ partition, value: Buffer.from(line.slice(0, 40)), ...times })
  }
  return records
}

/** Behind the magic byte and the number of its schema, as the clients of Confluent write it. */
function framed(record: StreamRecord, schemaId: number): StreamRecord {
  const head = Buffer.alloc(5)
  head.writeInt32BE(schemaId, 1)
  return { ...record, value: Buffer.concat([head, record.value]) }
}

/** The same record without its frame. */
export function unframed(value: Buffer): string {
  return (value[0] === 0 ? value.subarray(5) : value).toString()
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

const decoder = new TextDecoder()
const largest = 300
const hours = 3.2
const schemaIds = [7, 8, 9, 10, 11]
