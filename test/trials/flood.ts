/**
 * A flood of fresh actors, devices, networks and texts through the whole pipeline: what each view holds, and what fell
 * out of it; see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/flood.ts --events 8000000
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { RecordChunk } from '../../src/model/record'
import { parsePolicy } from '../../src/policy/policy'
import { Intake } from '../../src/runtime/intake'
import { connectedPipeline } from '../../src/runtime/threads'

const startMs = Date.UTC(2026, 0, 5)

interface Flood {
  readonly events: number
  readonly accounts: number
  readonly contents: number
}

/** Every event by somebody new on a device of his own, every fifth a comment with a text of its own. */
function* flood({ events, accounts, contents }: Flood): Generator<RecordChunk> {
  let position = 0
  let lines: string[] = []
  for (let number = 0; number < events; number++) {
    lines.push(eventOf(number, accounts, contents))
    if (lines.length < 4_096 && number < events - 1) continue
    const bytes = Buffer.from(lines.join(''))
    yield { format: 'lines', bytes, position, nextPosition: position + bytes.length }
    position += bytes.length
    lines = []
  }
}

/** A thousand events a second of event time. */
function eventOf(number: number, accounts: number, contents: number): string {
  const isComment = number % 5 === 0
  const event = {
    kind: isComment ? 'comment' : 'click',
    eventId: `e${number}`,
    occurredAt: startMs + number,
    actorId: `actor${number}`,
    accountId: `account${number % accounts}`,
    contentId: `content${number % contents}`,
    deviceId: `device${number}`,
    address: `${1 + (number % 223)}.${(number >>> 8) % 256}.${(number >>> 16) % 256}.${number % 251}`,
    ...(isComment ? { text: textOf(number) } : {}),
  }
  return `${JSON.stringify(event)}\n`
}

function textOf(number: number): string {
  const words: string[] = []
  for (let word = 0; word < 24; word++)
    words.push((Math.imul(number + word * 7919, 0x9e3779b1) >>> 0).toString(36))
  return words.join(' ')
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '8000000' },
      accounts: { type: 'string', default: '20000' },
      contents: { type: 'string', default: '60000' },
    },
  })
  const { events, accounts, contents } = values
  const size = { events: Number(events), accounts: Number(accounts), contents: Number(contents) }
  const policy = parsePolicy({})
  const key = createHash('sha256').update('flood').digest()
  const pipeline = connectedPipeline({ policy, key, take: () => undefined })
  const read = async function* (): AsyncGenerator<RecordChunk> {
    yield* flood(size)
    await Promise.resolve()
  }
  const intake = new Intake({ policy, key, sources: [{ name: 'flood', read }] })
  let blocks = 0
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) {
    pipeline.put('events', block.bytes)
    if (++blocks % 200 === 0) tell()
  }
  tell()

  function tell(): void {
    const views = Object.entries(pipeline.stats).map(([name, stats]) => {
      const { bytes = 0, evicted = 0 } = stats as { bytes?: number; evicted?: number }
      return [name, { megabytes: Math.round(bytes / 1e6), evicted }]
    })
    const told = {
      events: pipeline.stats.account.counted.reduce((sum, count) => sum + count, 0),
      residentMegabytes: Math.round(process.memoryUsage.rss() / 1e6),
      views: Object.fromEntries(views) as object,
    }
    process.stdout.write(`${JSON.stringify(told)}\n`)
  }
}

void main()
