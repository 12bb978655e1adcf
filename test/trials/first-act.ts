/**
 * From the first joint act of a blatant crew to the verdict that names it, in event time, on a platform of 100,000 accounts;
 * see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/first-act.ts
 */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { eventsFile } from '../../src/bench/data'
import type { RecordChunk } from '../../src/model/record'
import type { Verdict } from '../../src/model/records'
import { parsePolicy } from '../../src/policy/policy'
import { replay } from '../../src/runtime/replay'
import { readLines } from '../support/events'

interface Crew {
  readonly members: number
  readonly posts: number
  /** From one joint act to the next, and within how long all members have done it. */
  readonly everyMs: number
  readonly withinMs: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '1500000' },
      accounts: { type: 'string', default: '130000' },
      actors: { type: 'string', default: '300000' },
      hours: { type: 'string', default: '6' },
      members: { type: 'string', default: '20' },
      posts: { type: 'string', default: '6' },
      data: { type: 'string', default: join(tmpdir(), 'assay-bench') },
    },
  })
  const { events, accounts, actors, hours } = values
  const size = {
    events: Number(events),
    accounts: Number(accounts),
    actors: Number(actors),
    hours: Number(hours),
  }
  const crew = {
    members: Number(values.members),
    posts: Number(values.posts),
    everyMs: 5_000,
    withinMs: 3_000,
  }
  const lines = readLines(eventsFile(values.data, size))
  const { startMs, joined, active } = withCrew(lines, crew)
  const found: object[] = []
  await replay({
    policy: parsePolicy({}),
    key: createHash('sha256').update('first act').digest(),
    isThreaded: false,
    sources: [
      {
        name: 'first-act',
        read: async function* () {
          yield* chunksOf(joined)
          await Promise.resolve()
        },
      },
    ],
    onVerdict: (json) => {
      const { offence, subject, detectedAt, recommendation, cluster } = JSON.parse(
        Buffer.from(json).toString(),
      ) as Verdict
      const named = cluster?.members.filter((member) => member.startsWith(crewName)).length ?? 0
      if (named === 0) return
      const others = cluster!.size - named
      const afterSeconds = (detectedAt - startMs) / 1000
      found.push({ afterSeconds, offence, subject: subject.id, recommendation, named, others })
    },
    onCorrection: () => undefined,
  })
  process.stdout.write(`${JSON.stringify({ ...crew, activeAccounts: active, found }, undefined, 2)}\n`)
}

/** The lines of a platform with those of a crew among them, and how many accounts were acted on or acted. */
function withCrew(
  lines: readonly string[],
  crew: Crew,
): { readonly startMs: number; readonly joined: readonly string[]; readonly active: number } {
  const active = new Set<string>()
  const posts = new Map<string, string>()
  const middle = Math.floor(lines.length / 2)
  for (const [number, line] of lines.entries()) {
    const { accountId, contentId } = JSON.parse(line) as PlatformEvent
    active.add(accountId)
    // One post of each of some accounts, none of which is the most popular one.
    if (number < middle && contentId !== undefined && posts.size < 1_000) posts.set(accountId, contentId)
  }
  const startMs = (JSON.parse(lines[middle]!) as PlatformEvent).occurredAt
  const targets = [...posts].slice(-crew.posts)
  const acts = targets.flatMap(([accountId, contentId], post) =>
    Array.from({ length: crew.members }, (_, member) =>
      actOf(
        member,
        accountId,
        contentId,
        startMs + post * crew.everyMs + (member * crew.withinMs) / crew.members,
      ),
    ),
  )
  return {
    startMs,
    joined: [...lines.slice(0, middle), ...merged(lines.slice(middle), acts)],
    active: active.size,
  }
}

interface PlatformEvent {
  readonly occurredAt: number
  readonly accountId: string
  readonly contentId?: string
}

interface Act {
  readonly timeMs: number
  readonly line: string
}

const crewName = 'crew-member-'

/** Somebody with a phone and a line of his own, who has been there for a year. */
function actOf(member: number, accountId: string, contentId: string, atMs: number): Act {
  const timeMs = Math.floor(atMs)
  const event = {
    kind: 'forward',
    eventId: `crew-${member}-${contentId}`,
    occurredAt: timeMs,
    actorId: `${crewName}${member}`,
    deviceId: `crew-device-${member}`,
    address: `101.${member}.17.${10 + member}`,
    userAgent: 'Reader/8.0.45 (Android 13; OPPO PGEM10)',
    actorCreatedAt: timeMs - 365 * 86_400_000,
    accountId,
    contentId,
    channel: 'group',
  }
  return { timeMs, line: `${JSON.stringify(event)}\n` }
}

/** Lines in the order of arrival, with each act as soon as a line is later than it. */
function* merged(lines: readonly string[], acts: readonly Act[]): Generator<string> {
  let next = 0
  for (const line of lines) {
    const { occurredAt } = JSON.parse(line) as PlatformEvent
    for (; next < acts.length && acts[next]!.timeMs < occurredAt; next++) yield acts[next]!.line
    yield line
  }
  for (; next < acts.length; next++) yield acts[next]!.line
}

function* chunksOf(lines: readonly string[]): Generator<RecordChunk> {
  let position = 0
  for (let from = 0; from < lines.length; from += 4_096) {
    const bytes = Buffer.from(lines.slice(from, from + 4_096).join(''))
    yield { format: 'lines', bytes, position, nextPosition: position + bytes.length }
    position += bytes.length
  }
}

void main()
