import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { readSource } from '../log/source'
import type { Block } from '../model/block'
import type { Verdict } from '../model/records'
import { parsePolicy } from '../policy/policy'
import { Intake } from '../runtime/intake'
import type { RawSource } from '../runtime/intake'
import { replay } from '../runtime/replay'
import type { LogName } from '../runtime/stages'
import { connectedPipeline, threadedPipeline } from '../runtime/threads'
import { avroPathOf } from './data'
import type { Hop } from './hops'
import { sharesOfHops } from './hops'
import { runIdiomatic } from './idiomatic'

/**
 * What is measured, each in a process of its own. `pack` leaves the blocks that `blocks` reads; `avro` reads what
 * `encodeAsAvro` has left. `intake` and `avro-intake` read, decode, admit and pack, and do no more.
 */
export const workloads = [
  'ndjson',
  'avro',
  'pack',
  'intake',
  'avro-intake',
  'blocks',
  'hops',
  'idiomatic',
] as const
export type Workload = (typeof workloads)[number]

export interface Measured {
  readonly events: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  /** The accounts with a verdict, to compare. */
  readonly flagged: readonly string[]
  /** Which share of the CPU time each hop took, where the workload tells them apart. */
  readonly shares?: Readonly<Record<Hop, number>>
}

/** Runs one workload over a file of events and measures it, with the views on threads of their own or on this one. */
export async function measure(workload: Workload, path: string, isThreaded = true): Promise<Measured> {
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  const done = await runs[workload](path, isThreaded)
  const wallSeconds = (performance.now() - startMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return {
    ...done,
    wallSeconds,
    cpuSeconds: (user + system) / 1e6,
    // Kilobytes on every system; the highest that the process has ever held.
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }
}

type Done = Pick<Measured, 'events' | 'flagged' | 'shares'>

const runs: Readonly<Record<Workload, (path: string, isThreaded: boolean) => Promise<Done>>> = {
  ndjson: runReplay,
  avro: (path, isThreaded) => runReplay(avroPathOf(path), isThreaded),
  pack: async (path) => ({ events: await packInto(blocksOf(path), path), flagged: [] }),
  intake: runIntake,
  'avro-intake': (path) => runIntake(avroPathOf(path)),
  blocks: (path, isThreaded) => runBlocks(blocksOf(path), isThreaded),
  hops: async (path) => {
    let done: Done = { events: 0, flagged: [] }
    const shares = await sharesOfHops(async () => {
      // A profile is of one thread.
      done = await runReplay(path, false)
    })
    return { ...done, shares }
  },
  idiomatic: async (path) => {
    const { events, flagged } = await runIdiomatic(path)
    return { events, flagged: [...flagged].sort() }
  },
}

/** The whole pipeline, as "assay replay" runs it. */
async function runReplay(path: string, isThreaded: boolean): Promise<Done> {
  const flagged = new Set<string>()
  const books = await replay({
    policy,
    key,
    isThreaded,
    sources: [sourceOf(path)],
    onVerdict: (json) => flagged.add(accountOf(json)),
    onCorrection: () => undefined,
  })
  return { events: books.counted, flagged: [...flagged].sort() }
}

/** All that comes after the blocks. */
async function runBlocks(path: string, isThreaded: boolean): Promise<Done> {
  const flagged = new Set<string>()
  const take = (log: LogName, record: Uint8Array): void => {
    if (log === 'verdicts') flagged.add(accountOf(record))
  }
  const pipeline = (isThreaded ? threadedPipeline : connectedPipeline)({ policy, key, take })
  try {
    for (const block of readBlocks(path)) {
      pipeline.put('events', block)
      await pipeline.room()
    }
    const { account } = await pipeline.drain()
    const events = account.counted.reduce((sum, count) => sum + count, 0)
    return { events, flagged: [...flagged].sort() }
  } finally {
    // Threads that are left open would keep the process from ending.
    await pipeline.close()
  }
}

/** Packs the events into blocks in a file, each after its length. */
async function packInto(target: string, path: string): Promise<number> {
  const file = openSync(target, 'w')
  const length = new Uint32Array(1)
  const events = await takeAll(path, ({ bytes }) => {
    length[0] = bytes.length
    writeSync(file, new Uint8Array(length.buffer))
    writeSync(file, bytes)
  })
  closeSync(file)
  return events
}

/** All that comes before the blocks. */
async function runIntake(path: string): Promise<Done> {
  return { events: await takeAll(path, () => undefined), flagged: [] }
}

async function takeAll(path: string, onBlock: (block: Block) => void): Promise<number> {
  const intake = new Intake({ policy, key, sources: [sourceOf(path)] })
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) onBlock(block)
  return intake.books.reduce((sum, { admitted }) => sum + admitted, 0)
}

/** Each is written over by the next. */
function* readBlocks(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  const length = new Uint32Array(1)
  const lengthBytes = new Uint8Array(length.buffer)
  let memory = new Uint8Array(0)
  while (readSync(file, lengthBytes) === 4) {
    if (length[0]! > memory.length) memory = new Uint8Array(length[0]! * 2)
    const block = memory.subarray(0, length[0])
    readSync(file, block)
    yield block
  }
  closeSync(file)
}

function sourceOf(path: string): RawSource {
  return { name: 'bench', read: (fromPosition) => readSource(path, { fromPosition }) }
}

function accountOf(verdict: Uint8Array): string {
  return (JSON.parse(decoder.decode(verdict)) as Verdict).accountId
}

function blocksOf(path: string): string {
  return `${path}.blocks`
}

const policy = parsePolicy({})
const key = createHash('sha256').update('bench').digest()
const decoder = new TextDecoder()
