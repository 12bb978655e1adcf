import { LogGapError } from '../log-errors'
import type { KafkaClient } from './client'
import { positionHeader } from './log-writer'
import { scanTopic } from './scan-topic'

/**
 * Gives every record that the topic of a log holds now, in the order of positions and each once. Throws a `LogGapError`
 * where one is missing, at the beginning too. A log that several write at once has no positions but its offsets.
 */
export async function scanLog(
  client: KafkaClient,
  topic: string,
  take: (record: Uint8Array) => Promise<void> | void,
  { hasManyWriters = false }: { readonly hasManyWriters?: boolean } = {},
): Promise<void> {
  let next = 0
  await scanTopic(client, topic, async ({ partition, offset, value, headers }) => {
    const written = Buffer.from(headers[positionHeader] ?? []).toString()
    const position = hasManyWriters ? offset : Number(written || Number.NaN)
    if (value === null || position < next) return
    if (position !== next) throw new LogGapError(topic, partition, next, position)
    await take(value)
    next++
  })
}
