import { readFileSync } from 'node:fs'
import { seeded } from './seeded'

/** The lines of a file of events, each with its newline. */
export function readLines(path: string): string[] {
  // Line by line, since a file may be longer than a string can be.
  const bytes = readFileSync(path)
  const lines: string[] = []
  for (let start = 0, end; (end = bytes.indexOf(10, start) + 1) > 0; start = end) {
    lines.push(bytes.toString('utf8', start, end))
  }
  return lines
}

/** Event time of a line of JSON. */
export function timeOf(line: string): number {
  const { occurredAt } = JSON.parse(line) as { occurredAt: number | string }
  return typeof occurredAt === 'number' ? occurredAt : Date.parse(occurredAt)
}

/**
 * Another order of arrival: each event comes up to `disorderMs` of event time later than in order, but never so late
 * that it is behind the watermark.
 */
export function shuffled(
  lines: readonly string[],
  { seed, disorderMs }: { seed: number; disorderMs: number },
): string[] {
  const random = seeded(seed)
  return lines
    .map((line) => ({ line, arrivalMs: timeOf(line) + random() * disorderMs }))
    .sort((a, b) => a.arrivalMs - b.arrivalMs)
    .map(({ line }) => line)
}

/** The lines over several files as over the partitions of a topic: by a hash of the line, each in the order it had. */
export function partitioned(lines: readonly string[], count: number): string[][] {
  const parts = Array.from({ length: count }, (): string[] => [])
  for (const line of lines) {
    let hash = 0
    for (let at = 0; at < line.length; at++) hash = (Math.imul(hash, 31) + line.charCodeAt(at)) | 0
    parts[(hash >>> 0) % count]!.push(line)
  }
  return parts
}

/** The lines with a broken one after every so many. */
export function poisoned(lines: readonly string[], everySo: number): string[] {
  return lines.flatMap((line, index) =>
    index % everySo === everySo - 1 ? [line, `${line.slice(0, 20 + (index % 50))}\n`] : [line],
  )
}

/** A simulated day on a small platform, with attacks: about 11,000 events, judged in a second. */
export const smallDay = [
  '--scenario',
  'attacks',
  '--events',
  '5000',
  '--hours',
  '24',
  '--accounts',
  '60',
  '--actors',
  '1000',
]
