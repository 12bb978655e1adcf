import Redis from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { disorderMs, hopMs, isFresh, linesOf, paneOf, panesPerWindow } from '../../src/bench/peers/question'
import type { AskedEvent } from '../../src/bench/peers/question'

export interface HomeMadeOptions {
  readonly brokers: string
  readonly topic: string
  readonly redisUrl: string
  /** After so many it ends. */
  readonly events: number
  /** Takes the answers to the question of src/bench/peers; without it windows are filled and not looked at. */
  readonly onAnswer?: (lines: readonly string[]) => void
}

/**
 * What one writes in an afternoon: each message parsed, and its account's pane in Redis counted, the actors by a
 * HyperLogLog, in one pipeline an event; when a hop has passed, the panes of every window are asked for in one more.
 */
export async function runHomeMade(options: HomeMadeOptions): Promise<void> {
  const { brokers, topic, redisUrl, events, onAnswer } = options
  const redis = new Redis(redisUrl)
  const consumer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).consumer({
    groupId: `home-made-${randomUUID()}`,
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const windows = onAnswer === undefined ? undefined : new Windows(redis, onAnswer)
  let seen = 0
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => {
      reject(payload.error)
    })
    void consumer.run({
      eachMessage: async ({ message }) => {
        if (seen >= events) return
        const event = eventOf(message.value!)
        await windows?.passTime(event)
        await countInRedis(redis, event)
        if (++seen === events) resolve()
      },
    })
  })
  await consumer.disconnect()
  redis.disconnect()
}

/** Times come as milliseconds or as text. */
function eventOf(value: Buffer): AskedEvent {
  const event = JSON.parse(value.toString()) as AskedEvent
  return { ...event, occurredAt: new Date(event.occurredAt).getTime() }
}

async function countInRedis(redis: Redis, event: AskedEvent): Promise<void> {
  const key = `${event.accountId}:${event.kind}:${paneOf(event)}`
  const asked = redis
    .pipeline()
    .incr(`count:${key}`)
    .pfadd(`actors:${key}`, event.actorId)
    .expire(`count:${key}`, 3_600)
    .expire(`actors:${key}`, 3_600)
  if (isFresh(event)) asked.incr(`fresh:${key}`).expire(`fresh:${key}`, 3_600)
  await asked.exec()
}

class Windows {
  /** The latest pane of each account and kind that may still be in a window. */
  private readonly live = new Map<string, { readonly event: AskedEvent; pane: number }>()
  private nextPane = Number.POSITIVE_INFINITY
  private latestMs = 0

  constructor(
    private readonly redis: Redis,
    private readonly onAnswer: (lines: readonly string[]) => void,
  ) {}

  /** Closes the hops that an event shows to be over. */
  async passTime(event: AskedEvent): Promise<void> {
    const pane = paneOf(event)
    this.nextPane = Math.min(this.nextPane, pane)
    this.latestMs = Math.max(this.latestMs, event.occurredAt)
    while ((this.nextPane + 1) * hopMs <= this.latestMs - disorderMs) await this.close(this.nextPane++)
    const key = `${event.accountId}:${event.kind}`
    const known = this.live.get(key)
    if (known === undefined) this.live.set(key, { event, pane })
    else known.pane = Math.max(known.pane, pane)
  }

  private async close(last: number): Promise<void> {
    const panes = Array.from({ length: panesPerWindow }, (_, back) => last - back)
    const asked = this.redis.pipeline()
    for (const [key, { pane }] of this.live) {
      if (pane <= last - panesPerWindow) {
        this.live.delete(key)
        continue
      }
      asked.mget(panes.map((number) => `count:${key}:${number}`))
      asked.mget(panes.map((number) => `fresh:${key}:${number}`))
      asked.pfcount(...panes.map((number) => `actors:${key}:${number}`))
    }
    if (this.live.size === 0) return
    const replies = (await asked.exec())!.map(([error, reply]) => {
      if (error !== null) throw error
      return reply
    })
    let at = 0
    for (const { event } of this.live.values()) {
      const [count, fresh] = [replies[at++], replies[at++]].map((counts) => total(counts as string[]))
      const distinct = replies[at++] as number
      if (count === 0) continue
      const { accountId: account, kind } = event
      this.onAnswer(
        linesOf({ account, kind, endMs: (last + 1) * hopMs, count: count!, distinct, fresh: fresh! }),
      )
    }
  }
}

function total(counts: readonly (string | null)[]): number {
  return counts.reduce((sum, count) => sum + Number(count), 0)
}

/** As a peer: `BROKERS TOPIC REDIS-URL EVENTS FILE-FOR-ANSWERS`. */
async function main([brokers, topic, redisUrl, events, file]: string[]): Promise<void> {
  const answers: string[] = []
  await runHomeMade({
    brokers: brokers!,
    topic: topic!,
    redisUrl: redisUrl!,
    events: Number(events),
    onAnswer: (lines) => answers.push(...lines),
  })
  writeFileSync(file!, answers.join(''))
}

if (require.main === module) void main(process.argv.slice(2))
