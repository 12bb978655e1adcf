import { closeSync, createReadStream, existsSync, openSync, renameSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { disorderMs } from './question'
import type { AskedEvent } from './question'

/**
 * A file of the first events of a simulated stream about which peers can be asked: those of the kinds that views judge,
 * each id once, none later than the allowed disorder. So it does not matter which of these an entry would check itself.
 * One more event follows, later than any window can be open, since some close a window only when an event says that time has passed.
 */
export async function streamFile(eventsPath: string, events: number): Promise<string> {
  const path = `${eventsPath}.first-${events}`
  if (existsSync(path)) return path
  const aside = `${path}.part`
  const file = openSync(aside, 'w')
  const ids = new Set<string>()
  let latestMs = 0
  for await (const line of createInterface({ input: createReadStream(eventsPath), crlfDelay: Infinity })) {
    if (ids.size === events) break
    const event = JSON.parse(line) as AskedEvent & { readonly eventId: string }
    const { kind, eventId, occurredAt } = event
    if (!kinds.has(kind) || typeof occurredAt !== 'number' || ids.has(eventId)) continue
    latestMs = Math.max(latestMs, occurredAt)
    if (occurredAt < latestMs - disorderMs) continue
    ids.add(eventId)
    writeSync(file, `${line}\n`)
  }
  const occurredAt = latestMs + closingGapMs
  const closing = { kind: 'click', eventId: closingId, occurredAt, actorId: closingId, accountId: closingId }
  writeSync(file, `${JSON.stringify(closing)}\n`)
  closeSync(file)
  if (ids.size < events) throw new Error(`${events} events were expected in ${eventsPath}, got ${ids.size}`)
  renameSync(aside, path)
  return path
}

/** Whose event is the last one. */
export const closingId = 'closing'
const closingGapMs = 720_000
const kinds = new Set(['click', 'comment', 'forward', 'subscription'])
