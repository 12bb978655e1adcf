import avro from 'avsc'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { asAvro } from '../contract/as-avro'
import { avroSchema } from '../contract/record-schemas'
import { UnreachableError } from '../model/errors'
import { prepare } from '../simulator'

/** A simulated platform of a size: what a benchmark runs on. */
export interface BenchSize {
  readonly events: number
  readonly accounts: number
  readonly actors: number
  readonly hours: number
  /** What they talk like: on a talkative platform a fifth of the events have text. */
  readonly scenario?: 'platform' | 'talkative'
}

/**
 * The file of events of a size, simulated once and kept in the folder for the next time. Its name tells the size and
 * the simulator, so that another simulator makes another file.
 */
export function eventsFile(folder: string, size: BenchSize): string {
  mkdirSync(folder, { recursive: true })
  const { events, accounts, actors, hours, scenario = 'platform' } = size
  const path = join(folder, `${scenario}-${events}-${accounts}-${actors}-${hours}h-${simulatorName()}.ndjson`)
  if (existsSync(path)) return path
  requireSpace(folder, size)
  process.stderr.write(`simulating ${events.toLocaleString('en-US')} events into ${path} ...\n`)
  // Written aside and renamed, so that what an interrupted run leaves is never taken for the whole.
  const aside = `${path}.part`
  const file = openSync(aside, 'w')
  for (const bytes of prepare({ seed: 1, ...size, scenario }).records()) writeSync(file, bytes)
  closeSync(file)
  renameSync(aside, path)
  return path
}

/** Where the events of a file lie as Avro. */
export function avroPathOf(path: string): string {
  return `${path}.avro`
}

/** Writes the events of a file as a container of Avro records without compression beside it, once. */
export async function encodeAsAvro(path: string): Promise<void> {
  const target = avroPathOf(path)
  if (existsSync(target)) return
  const schema = avroSchema('event')
  const aside = `${target}.part`
  const type = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: false })
  const container = avro.createFileEncoder(aside, type)
  for await (const line of createInterface(createReadStream(path))) {
    if (!container.write(asAvro(schema, line))) await once(container, 'drain')
  }
  const written = once(container, 'finish')
  container.end()
  await written
  renameSync(aside, target)
}

/** Room for the events and, beside them, their blocks and Avro records. */
function requireSpace(folder: string, { events }: BenchSize): void {
  const { bavail, bsize } = statfsSync(folder)
  const needed = events * (bytesPerEvent + bytesPerRecord + bytesPerRow)
  if (bavail * bsize >= needed) return
  throw new UnreachableError(
    `${folder} should have ${Math.ceil(needed / 1e9)} GB free for ${events} events, it has ${Math.floor((bavail * bsize) / 1e9)}; name another folder with --data`,
  )
}

/** A short hash of the simulator's files. */
function simulatorName(): string {
  const folder = join(__dirname, '../simulator')
  const files = readdirSync(folder, { recursive: true }) as string[]
  const hash = createHash('sha256')
  for (const file of files.filter((name) => /(?<!\.d|\.test)\.[jt]s$/.test(name)).sort()) {
    hash.update(readFileSync(join(folder, file)))
  }
  return hash.digest('hex').slice(0, 8)
}

const bytesPerEvent = 370
const bytesPerRecord = 250
const bytesPerRow = 110
