import { closeSync, existsSync, mkdirSync, openSync, renameSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { UnreachableError } from '../model/errors'
import { prepare } from '../simulator'

/** A simulated platform of a size: what a benchmark runs on. */
export interface BenchSize {
  readonly events: number
  readonly accounts: number
  readonly actors: number
  readonly hours: number
}

/** The file of events of a size, simulated once and kept in the folder for the next time. */
export function eventsFile(folder: string, size: BenchSize): string {
  mkdirSync(folder, { recursive: true })
  const name = `events-${size.events}-${size.accounts}-${size.actors}-${size.hours}`
  const path = join(folder, `${name}.ndjson`)
  if (existsSync(path)) return path
  const { bavail, bsize } = statfsSync(folder)
  const needed = size.events * bytesPerEvent
  if (bavail * bsize < needed) {
    throw new UnreachableError(
      `${folder} should have ${Math.ceil(needed / 1e9)} GB free for ${size.events} events; name another with --data`,
    )
  }
  process.stderr.write(`simulating ${size.events} events into ${path} ...\n`)
  const aside = `${path}.part`
  const file = openSync(aside, 'w')
  for (const bytes of prepare({ scenario: 'platform', seed: 1, ...size }).records()) writeSync(file, bytes)
  closeSync(file)
  renameSync(aside, path)
  return path
}

const bytesPerEvent = 400
