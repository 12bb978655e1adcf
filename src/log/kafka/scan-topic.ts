import { randomUUID } from 'node:crypto'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { FetchedMessage } from 'kafkajs/src/protocol/requests/fetch/v11/response'
import { UnreachableError } from '../../model/errors'
import { reasonOf, rootOf, type KafkaClient } from './client'

/** A message of a topic, with all that came with it. */
export interface TopicMessage {
  readonly partition: number
  readonly offset: number
  /** Append time or creation time, as the topic says. */
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** By name; of a header that comes several times the last. */
  readonly headers: Readonly<Record<string, Uint8Array | undefined>>
}

/**
 * Gives every message that the topic holds now, each partition in order; what comes meanwhile is left. Waits for
 * `take` before it goes on. Throws an `UnreachableError` when the topic is not there or the brokers fall silent.
 */
export async function scanTopic(
  client: KafkaClient,
  topic: string,
  take: (message: TopicMessage) => Promise<void> | void,
): Promise<void> {
  if (!(await client.topics()).has(topic)) {
    throw new UnreachableError(
      `the topic ${topic} is not there; check the brokers and the prefix of our topics, or start the service once`,
    )
  }
  const ranges = await client.offsets(topic)
  /** The offsets to come to, by partition; a partition that holds nothing is done. */
  const ends = new Map(
    [...ranges].flatMap(([partition, { low, high }]) => (high > low ? [[partition, high]] : [])),
  )
  const deadlineMs = performance.now() + joinWithinMs
  const progress = { hasTaken: false }
  for (;;) {
    try {
      await scanOnce(client, topic, new Map(ends), (message) => {
        progress.hasTaken = true
        return take(message)
      })
      return
    } catch (error) {
      if (error instanceof UnreachableError) throw error
      if (error instanceof TakeError) throw error.cause
      // A broker that has just started is not ready for groups yet.
      const { retriable } = Object(rootOf(error)) as { readonly retriable?: unknown }
      if (retriable !== true || progress.hasTaken || performance.now() > deadlineMs) {
        throw new UnreachableError(
          `the topic ${topic} cannot be read (${reasonOf(error)}); see that the brokers run and that it may be read`,
          { cause: error },
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}

async function scanOnce(
  client: KafkaClient,
  topic: string,
  ends: Map<number, number>,
  take: (message: TopicMessage) => Promise<void> | void,
): Promise<void> {
  if (ends.size === 0) return
  const groupId = `assay.scan.${randomUUID()}`
  const consumer = client.kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 100,
    sessionTimeout: 30_000,
    // What fails here is told, or tried again by us.
    retry: { retries: 5, restartOnFailure: () => Promise.resolve(false) },
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await readUntil(consumer, ends, take)
  } finally {
    await consumer.disconnect().catch(() => undefined)
    // It has committed nothing and would be forgotten by itself, in a week.
    const admin = await client.admin()
    await admin.deleteGroups([groupId]).catch(() => undefined)
  }
}

/** What the taker threw, which is no trouble of the topic. */
class TakeError extends Error {}

function readUntil(
  consumer: Consumer,
  ends: Map<number, number>,
  take: (message: TopicMessage) => Promise<void> | void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      clearTimeout(silence)
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    const fallSilent = (): void => {
      fail(new UnreachableError(`the brokers gave nothing more for ${silentMs / 1000} s; see that they run`))
    }
    let silence = setTimeout(fallSilent, silentMs)
    async function takeBatch(payload: EachBatchPayload): Promise<void> {
      const { batch } = payload
      clearTimeout(silence)
      const end = ends.get(batch.partition)
      if (end === undefined) return
      for (const message of batch.messages as unknown as FetchedMessage[]) {
        const offset = Number(message.offset)
        if (offset >= end) break
        if (message.isPassedOver !== true && message.unreadable === undefined) {
          await Promise.resolve(take(messageOf(batch.partition, message))).catch((cause: unknown) => {
            throw new TakeError('', { cause })
          })
        }
        await payload.heartbeat()
        if (offset + 1 === end) ends.delete(batch.partition)
      }
      if (Number(batch.lastOffset()) + 1 >= end) ends.delete(batch.partition)
      silence = setTimeout(fallSilent, silentMs)
      if (ends.size > 0) return
      clearTimeout(silence)
      resolve()
    }
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      fail(payload.error)
    })
    consumer.run({ autoCommit: false, eachBatch: (payload) => takeBatch(payload).catch(fail) }).catch(fail)
  })
}

function messageOf(
  partition: number,
  { offset, timestamp, key, value, headers }: FetchedMessage,
): TopicMessage {
  return {
    partition,
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key,
    value,
    headers,
  }
}

const silentMs = 30_000
const joinWithinMs = 20_000
