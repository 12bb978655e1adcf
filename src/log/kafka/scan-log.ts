import { LogGapError } from '../log-errors'
import type { KafkaClient } from './client'
import { positionHeader } from './log-writer'
import { scanTopic } from './scan-topic'

/**
 * Gives every record that the topic of a log holds now, in the order of positions and each once. Throws a `LogGapError`
 * where one is missing, at the beginning too.
 */
export async function scanLog(
  client: KafkaClient,
  topic: string,
  take: (record: Uint8Array) => Promise<void> | void,
): Promise<void> {
  let next = 0
  await scanTopic(client, topic, async ({ partition, value, headers }) => {
    const position = Number(Buffer.from(headers[positionHeader] ?? []).toString() || Number.NaN)
    if (value === null || position < next) return
    if (position !== next) throw new LogGapError(topic, partition, next, position)
    await take(value)
    next++
  })
}
