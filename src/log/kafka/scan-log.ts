import { LogGapError } from '../log-errors'
import type { KafkaClient } from './client'
import { positionHeader } from './log-writer'
import { PieceJoiner, pieceHeader } from './pieces'
import { scanTopic } from './scan-topic'

/**
 * Gives every record that the topic of a log holds now, in the order of positions and each once. Throws a `LogGapError`
 * where one is missing, at the beginning too. A log that several write at once has no positions but its offsets.
 * `timestampMs` is that of the message that completes the record.
 */
export async function scanLog(
  client: KafkaClient,
  topic: string,
  take: (record: Uint8Array, timestampMs: number) => Promise<void> | void,
  { hasManyWriters = false }: { readonly hasManyWriters?: boolean } = {},
): Promise<void> {
  let next = 0
  const pieces = new PieceJoiner()
  await scanTopic(client, topic, async ({ partition, offset, timestampMs, value, headers }) => {
    const written = Buffer.from(headers[positionHeader] ?? []).toString()
    const position = hasManyWriters ? offset : Number(written || Number.NaN)
    if (value === null || position < next) return
    const place = headers[pieceHeader]
    const taken =
      position === next ? pieces.take(value, place && Buffer.from(place).toString('latin1')) : 'gap'
    if (taken === 'gap') throw new LogGapError(topic, partition, next, position)
    if (taken === 'more') return
    await take(taken, timestampMs)
    next++
  })
}
