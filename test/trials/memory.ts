import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { eventsFile } from '../../src/bench/data'
import type { BenchSize } from '../../src/bench/data'
import { readSource } from '../../src/log/source'
import { parsePolicy } from '../../src/policy/policy'
import { Intake } from '../../src/runtime/intake'
import { makeViews, viewNames } from '../../src/runtime/stages'
import { connectedPipeline } from '../../src/runtime/threads'
import { NarrowGenerations } from '../../src/state/narrow-generations'
import { RecordTable } from '../../src/state/record-table'

/**
 * What the views remember of a platform, table by table: records, bytes, and the least that theory allows for the same
 * keys and payloads. A set of n keys out of 2^64 takes log2(2^64 / n) + log2 e bits a key (the logarithm of the number of
 * such sets, by Stirling); a payload is counted in full. What an actor and an account cost is what is more of it on a
 * platform that has twice as many of them, and as many events.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '1000000' },
      accounts: { type: 'string', default: '20000' },
      actors: { type: 'string', default: '250000' },
      hours: { type: 'string', default: '6' },
      data: { type: 'string', default: join(tmpdir(), 'assay-bench') },
    },
  })
  const [events, accounts, actors, hours] = [
    Number(values.events),
    Number(values.accounts),
    Number(values.actors),
    Number(values.hours),
  ]
  const tables = await remembered({ events, accounts, actors, hours }, values.data)
  print(['table', 'records', 'bytes a record', 'least', 'MB'])
  for (const { name, records, bytes, leastBytes } of [...tables].sort((a, b) => b.bytes - a.bytes)) {
    if (bytes < leastTold) break
    const ofRecord = records === 0 ? ['', '', ''] : [records, bytes / records, leastBytes / records]
    print([name, ...ofRecord, bytes / 1e6])
  }
  const all = sumOf(tables)
  print(['all', '', '', '', all.bytes / 1e6])
  const moreActors = sumOf(await remembered({ events, accounts, actors: 2 * actors, hours }, values.data))
  const moreAccounts = sumOf(await remembered({ events, accounts: 2 * accounts, actors, hours }, values.data))
  print(['one more', '', 'bytes in use', 'least', ''])
  const ofMore = (more: Sum, count: number): number[] => [
    (more.used - all.used) / count,
    (more.leastBytes - all.leastBytes) / count,
  ]
  print(['actor', '', ...ofMore(moreActors, actors), ''])
  print(['account', '', ...ofMore(moreAccounts, accounts), ''])
}

/** The tables after all events of a simulated platform of a size. */
async function remembered(size: BenchSize, folder: string): Promise<Table[]> {
  const path = eventsFile(folder, size)
  const policy = parsePolicy({})
  const key = createHash('sha256').update('memory').digest()
  const views = makeViews(policy, key)
  const pipeline = connectedPipeline({ policy, key, take: () => undefined }, views)
  const sources = [{ name: 'memory', read: (fromPosition: number) => readSource(path, { fromPosition }) }]
  const intake = new Intake({ policy, key, sources })
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) {
    pipeline.put('events', block.bytes)
  }
  await pipeline.drain()
  return viewNames.flatMap((name) => tablesOf(views[name], name))
}

interface Sum {
  readonly bytes: number
  readonly used: number
  readonly leastBytes: number
}

function sumOf(tables: readonly Table[]): Sum {
  const sum = { bytes: 0, used: 0, leastBytes: 0 }
  for (const { bytes, used, leastBytes } of tables) {
    sum.bytes += bytes
    sum.used += used
    sum.leastBytes += leastBytes
  }
  return sum
}

interface Table {
  readonly name: string
  /** How many records it has; 0 for plain arrays, which have no keys. */
  readonly records: number
  readonly bytes: number
  /** Bytes of its records, without the slots that are free; of a plain array all. */
  readonly used: number
  /** The least bytes for the same records; of a plain array all. */
  readonly leastBytes: number
}

/** Every table and every plain array that can be reached from a view, each once, by the names on the way to it. */
function tablesOf(view: object, name: string): Table[] {
  const seen = new Set<object>()
  const tables = new Map<string, Table>()
  const add = (table: Table): void => {
    const known = tables.get(table.name)
    tables.set(
      table.name,
      known === undefined
        ? table
        : { ...table, ...sumOf([known, table]), records: known.records + table.records },
    )
  }
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (value instanceof RecordTable) {
      seen.add(value.words)
      const { size: records, stride, byteLength: bytes } = value
      const leastBytes = records * leastBytesOf(records, stride)
      add({ name: path, records, bytes, used: records * stride * 4, leastBytes })
    } else if (value instanceof NarrowGenerations) {
      const { size: records, stride, byteLength: bytes } = value
      // Its key is told by a word and a place; in full it would be two words.
      const leastBytes = records * leastBytesOf(records, stride + 1)
      add({ name: path, records, bytes, used: records * stride * 4, leastBytes })
    } else if (ArrayBuffer.isView(value)) {
      if (seen.has(value.buffer)) return
      seen.add(value.buffer)
      // Its memory may be promised, and much more than it uses.
      const { byteLength: bytes } = value
      add({ name: path, records: 0, bytes, used: bytes, leastBytes: bytes })
    } else if (value instanceof Map || Array.isArray(value)) {
      for (const one of value.values()) visit(one, path)
    } else {
      for (const [part, one] of Object.entries(value)) visit(one, `${path}.${part}`)
    }
  }
  visit(view, name)
  return [...tables.values()]
}

function leastBytesOf(records: number, stride: number): number {
  if (records === 0) return 0
  const keyBits = 64 - Math.log2(records) + Math.LOG2E
  return keyBits / 8 + (stride - 2) * 4
}

function print(cells: readonly (string | number)[]): void {
  const told = cells.map((cell) =>
    typeof cell === 'string' || Number.isInteger(cell) ? cell : cell.toFixed(1),
  )
  process.stdout.write(`| ${told.join(' | ')} |\n`)
}

const leastTold = 1_000_000

void main()
