import type { DeadLetter } from '../../src/ingest/dead-letter'
import type { RecordChunk } from '../../src/model/record'
import { defaultPolicy } from '../../src/policy/policy'
import type { Policy } from '../../src/policy/policy'
import type { Books } from '../../src/runtime/books'
import type { RawSource } from '../../src/runtime/intake'
import { replay } from '../../src/runtime/replay'
import type { ReplayOptions } from '../../src/runtime/replay'
import type { ViewStats } from '../../src/runtime/stages'
import { prepare } from '../../src/simulator'
import { seeded } from './seeded'

/** What came out of the whole path. */
export interface Replayed {
  readonly verdicts: readonly string[]
  readonly corrections: readonly string[]
  readonly letters: readonly DeadLetter[]
  readonly books: Books
  readonly stats: ViewStats
}

export interface ReplayedOptions extends Pick<ReplayOptions, 'pipelineOf'> {
  readonly policy?: Policy
  readonly blockSpanMs?: number
}

/** Sends sources in memory through the whole path, under a fixed key. */
export async function replayed(
  sources: readonly RawSource[],
  { policy = defaultPolicy, ...options }: ReplayedOptions = {},
): Promise<Replayed> {
  const out = { verdicts: [] as string[], corrections: [] as string[], letters: [] as DeadLetter[] }
  const decoder = new TextDecoder()
  let stats: ViewStats | undefined
  const books = await replay({
    ...options,
    policy,
    key: new Uint8Array(32),
    sources,
    onVerdict: (json) => out.verdicts.push(decoder.decode(json)),
    onCorrection: (json) => out.corrections.push(decoder.decode(json)),
    onDeadLetter: (letter) => out.letters.push(letter),
    onEnd: (ofViews) => {
      stats = ofViews
    },
  })
  return { ...out, books, stats: stats! }
}

/** Text as a source, cut into stretches of whole lines of about so many bytes, at seeded places. */
export function textSource(
  text: string | Buffer,
  {
    name = 'memory',
    chunkBytes = 1 << 20,
    seed = 1,
  }: { name?: string; chunkBytes?: number; seed?: number } = {},
): RawSource {
  const bytes = Buffer.from(text)
  return {
    name,
    // eslint-disable-next-line @typescript-eslint/require-await
    read: async function* (fromPosition): AsyncGenerator<RecordChunk> {
      const random = seeded(seed)
      for (let position = fromPosition; position < bytes.length;) {
        const lineEnd = bytes.indexOf('\n', position + Math.floor(random() * chunkBytes))
        const nextPosition = lineEnd < 0 ? bytes.length : lineEnd + 1
        yield { format: 'lines', bytes: bytes.subarray(position, nextPosition), position, nextPosition }
        position = nextPosition
      }
    },
  }
}

/** The lines of a simulated day on a small platform, with attacks, each with its newline. */
export function smallDayLines(seed = 1): string[] {
  const size = { hours: 24, events: 5000, accounts: 60, actors: 1000 }
  const records = [...prepare({ scenario: 'attacks', seed, ...size }).records()]
  return (
    Buffer.concat(records)
      .toString()
      .match(/[^\n]*\n/g) ?? []
  )
}
