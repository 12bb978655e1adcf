import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * The question that all are asked. Per account and kind, every 10 s: of the events of the ten minutes before, how many
 * were there, by how many actors, and how many of them by an actor registered less than a week before the event
 * (registration in whole seconds, as a block keeps it; unknown is not fresh). A window in which enough of enough events
 * are fresh is an alert; the windows that end at every tenth minute are the sample, so that each event is in one of them.
 *
 * The programs in other languages repeat these numbers; the comparison with the reference would tell if one differed.
 */
export const hopMs = 10_000
export const windowMs = 600_000
export const panesPerWindow = windowMs / hopMs
/** No event of the stream lies further behind the latest one. */
export const disorderMs = 60_000
export const freshMs = 7 * 86_400_000
const sampleMs = 600_000
const leastCount = 30
const leastFreshShare = 0.2

/** What is in one window of one account and kind. */
export interface WindowAnswer {
  readonly account: string
  readonly kind: string
  /** The end, exclusive. */
  readonly endMs: number
  readonly count: number
  readonly distinct: number
  readonly fresh: number
}

/** The fields of an event that the question is about. */
export interface AskedEvent {
  readonly kind: string
  readonly accountId: string
  readonly actorId: string
  readonly occurredAt: number
  readonly actorCreatedAt?: number
}

export function isFresh({ occurredAt, actorCreatedAt }: AskedEvent): boolean {
  return actorCreatedAt !== undefined && occurredAt - Math.floor(actorCreatedAt / 1000) * 1000 < freshMs
}

export function paneOf({ occurredAt }: AskedEvent): number {
  return Math.floor(occurredAt / hopMs)
}

export function isAlert({ count, fresh }: Pick<WindowAnswer, 'count' | 'fresh'>): boolean {
  return count >= leastCount && fresh > leastFreshShare * count
}

export function isSampled(endMs: number): boolean {
  return endMs % sampleMs === 0
}

/** The lines of a window in the file of answers: none, or as an alert, as one of the sample, or both. */
export function linesOf(window: WindowAnswer): string[] {
  const { account, kind, endMs, count, distinct, fresh } = window
  const lines: string[] = []
  const rest = `${account}\t${kind}\t${endMs}\t${count}\t${distinct}\t${fresh}\n`
  if (isAlert(window)) lines.push(`alert\t${rest}`)
  if (isSampled(endMs)) lines.push(`sample\t${rest}`)
  return lines
}

export async function* readEvents(path: string): AsyncGenerator<AskedEvent> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    yield JSON.parse(line) as AskedEvent
  }
}
