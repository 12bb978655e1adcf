import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { readSource } from '../log/source'
import { parsePolicy } from '../policy/policy'
import { chain } from '../runtime/chain'
import { Intake } from '../runtime/intake'
import { makeViews } from '../runtime/replay'
import type { Emit, View } from '../runtime/view'
import { runIdiomatic } from './idiomatic'

/** What is measured, each in a process of its own. */
export const workloads = ['ndjson', 'blocks', 'hops', 'read', 'pack', 'idiomatic'] as const
export type Workload = (typeof workloads)[number]

export interface Measured {
  readonly events: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  /** CPU µs an event by hop, where the workload tells them apart. */
  readonly hops: Readonly<Record<string, number>>
  /** The accounts with a verdict, to compare. */
  readonly flagged: readonly string[]
}

/** Runs one workload over a file of events and measures it. */
export async function measure(workload: Workload, path: string): Promise<Measured> {
  const blocks = workload === 'blocks' ? await packInto(`${path}.blocks`, path) : ''
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  const done = await runs[workload](path, blocks)
  const wallSeconds = (performance.now() - startMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return {
    hops: {},
    flagged: [],
    ...done,
    wallSeconds,
    cpuSeconds: (user + system) / 1e6,
    // Kilobytes on Linux; the highest that the process has ever held.
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }
}

type Run = (path: string, blocks: string) => Promise<Pick<Measured, 'events'> & Partial<Measured>>

const runs: Readonly<Record<Workload, Run>> = {
  read: async (path) => {
    let events = 0
    for await (const chunk of readSource(path)) {
      for (let at = chunk.bytes.indexOf(newline); at >= 0; at = chunk.bytes.indexOf(newline, at + 1)) events++
    }
    return { events }
  },
  pack: async (path) => {
    let events = 0
    await takeBlocks(path, (bytes) => {
      events += bytes[rowsAt]! + bytes[rowsAt + 1]! * 256
    })
    return { events }
  },
  ndjson: async (path) => runPipeline((fold) => takeBlocks(path, fold)),
  blocks: (_path, blocks) =>
    runPipeline((fold) => {
      readBlocks(blocks, fold)
      return Promise.resolve()
    }),
  hops: (path) => runHops(path),
  idiomatic: async (path) => {
    const { events, flagged } = await runIdiomatic(path)
    return { events, flagged: [...flagged].sort() }
  },
}

async function runPipeline(
  feed: (fold: (bytes: Uint8Array) => void) => Promise<void>,
): Promise<{ events: number; flagged: string[] }> {
  const views = makeViews(policy)
  const flagged = new Set<string>()
  await feed(chain([views.actor, views.account, views.decide], noteVerdicts(flagged)))
  return {
    events: views.account.counted.reduce((sum, count) => sum + count, 0),
    flagged: [...flagged].sort(),
  }
}

/** The whole pipeline with a stopwatch between the hops, read once a block. */
async function runHops(path: string): Promise<Pick<Measured, 'events' | 'hops' | 'flagged'>> {
  const views = makeViews(policy)
  const spentMs: Record<string, number> = { 'read, decode, admit, pack': 0 }
  const timed = (view: View, hop: string): View => {
    spentMs[hop] = 0
    return {
      name: view.name,
      fold: (record: Uint8Array, emit: Emit) => {
        let inside = 0
        const startMs = performance.now()
        view.fold(record, (output, out) => {
          const innerMs = performance.now()
          emit(output, out)
          inside += performance.now() - innerMs
        })
        spentMs[hop]! += performance.now() - startMs - inside
      },
      save: () => undefined,
      load: () => undefined,
    }
  }
  const flagged = new Set<string>()
  const fold = chain(
    [
      timed(views.actor, 'actor view: order, annotate'),
      timed(views.account, 'account view: measure, judge'),
      timed(views.decide, 'decide view'),
    ],
    noteVerdicts(flagged),
  )
  let markMs = performance.now()
  await takeBlocks(path, (bytes) => {
    spentMs['read, decode, admit, pack']! += performance.now() - markMs
    fold(bytes)
    markMs = performance.now()
  })
  const events = views.account.counted.reduce((sum, count) => sum + count, 0)
  const hops = Object.fromEntries(Object.entries(spentMs).map(([hop, ms]) => [hop, (ms * 1000) / events]))
  return { events, hops, flagged: [...flagged].sort() }
}

async function takeBlocks(path: string, take: (bytes: Uint8Array) => void): Promise<void> {
  const sources = [{ name: 'bench', read: (fromPosition: number) => readSource(path, { fromPosition }) }]
  const intake = new Intake({ policy, key, sources })
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) take(block.bytes)
}

/** Packs the events into blocks on disk, each after its length. */
async function packInto(target: string, path: string): Promise<string> {
  const file = openSync(target, 'w')
  const length = new Uint32Array(1)
  await takeBlocks(path, (bytes) => {
    length[0] = bytes.length
    writeSync(file, new Uint8Array(length.buffer))
    writeSync(file, bytes)
  })
  closeSync(file)
  return target
}

function readBlocks(path: string, take: (bytes: Uint8Array) => void): void {
  const file = openSync(path, 'r')
  const length = new Uint32Array(1)
  while (readSync(file, new Uint8Array(length.buffer)) === 4) {
    const bytes = new Uint8Array(length[0]!)
    readSync(file, bytes)
    take(bytes)
  }
  closeSync(file)
}

function noteVerdicts(flagged: Set<string>): (output: number, record: Uint8Array) => void {
  return (output, record) => {
    if (output === 0) flagged.add((JSON.parse(decoder.decode(record)) as { accountId: string }).accountId)
  }
}

const policy = parsePolicy({})
const key = createHash('sha256').update('bench').digest()
const decoder = new TextDecoder()
const newline = 10
/** Where a block's header says how many rows it has. */
const rowsAt = 8
