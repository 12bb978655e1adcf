import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { deadLetterTopics, placeOf, replayDeadLetters, scanDeadLetters } from '../log/kafka/dead-letter-topic'
import type { ReplayResult, TopicDeadLetter } from '../log/kafka/dead-letter-topic'
import { KafkaClient } from '../log/kafka/client'
import { unreadable } from '../log/source-errors'
import { UnreachableError, UsageError } from '../model/errors'
import { kafkaClientSettings } from '../settings/kafka-client-settings'
import { loadSettings } from '../settings/load-settings'
import { tell } from './tell'

/** A dead letter, wherever it lies. */
export interface Letter {
  readonly reason: string
  /** The topic, or the source that a file names. */
  readonly source: string
  /** The whole name of its place: `engagement.click/3/1042`, or `clicks.ndjson:4096`. */
  readonly place: string
  /** The last part of that. */
  readonly position: string
  /** When it was put aside, where that is known. */
  readonly timeMs: number | undefined
  readonly key: Uint8Array | null
  readonly headers: Readonly<Record<string, Uint8Array | undefined>>
  readonly bytes: Uint8Array | null
}

/** The letters of a file as `--dead-letters` writes it. */
export async function fileLetters(file: string, take: (letter: Letter) => void): Promise<void> {
  let lineNumber = 0
  const input = createReadStream(file)
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      lineNumber++
      if (line.trim() !== '') take(letterOf(line, `line ${lineNumber} of ${file}`))
    }
  } catch (error) {
    if (error instanceof UnreachableError) throw error
    throw unreadable(file, error)
  }
}

function letterOf(line: string, name: string): Letter {
  const { reason, source, position, bytes } = parsed(line)
  if (
    typeof reason !== 'string' ||
    typeof source !== 'string' ||
    typeof position !== 'number' ||
    typeof bytes !== 'string'
  ) {
    throw new UnreachableError(
      `${name} should be a dead letter, {"reason", "source", "position", "bytes"}, and is not; name a file that --dead-letters wrote`,
    )
  }
  return {
    reason,
    source,
    place: `${source}:${position}`,
    position: String(position),
    timeMs: undefined,
    key: null,
    headers: {},
    bytes: Buffer.from(bytes, 'base64'),
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

export interface TopicOptions {
  readonly brokers?: string
  readonly settings?: string
}

/** The dead letters of the service. */
export function topicLetters({ brokers, settings: file }: TopicOptions) {
  if (brokers?.trim() === '') throw new UsageError('--brokers should name brokers, such as localhost:9092')
  const env = { ...process.env, ...(brokers === undefined ? {} : { ASSAY_BROKERS: brokers }) }
  const { kafka } = loadSettings(file, env)
  const topics = deadLetterTopics(kafka)
  const connected = async <T>(use: (client: KafkaClient) => Promise<T>): Promise<T> => {
    const { settings, env: secrets } = kafkaClientSettings(kafka)
    const client = await KafkaClient.open(settings, { tell, env: secrets })
    try {
      return await use(client)
    } finally {
      await client.close()
    }
  }
  return {
    /** Resolves with the number of messages that are none. */
    scan: (take: (letter: Letter) => void): Promise<number> =>
      connected((client) =>
        scanDeadLetters(client, topics, (letter) => {
          take(asLetter(letter))
        }),
      ),
    replay: ({ isWanted, tell: tellReplayed, ...options }: TopicReplay): Promise<ReplayResult> =>
      connected((client) =>
        replayDeadLetters(client, topics, {
          ...options,
          isWanted: (letter) => isWanted(asLetter(letter)),
          onReplayed: (letter) => {
            tellReplayed(asLetter(letter))
          },
        }),
      ),
  }
}

interface TopicReplay {
  readonly isWanted: (letter: Letter) => boolean
  readonly again: boolean
  readonly isDryRun: boolean
  readonly tell: (letter: Letter) => void
}

function asLetter(letter: TopicDeadLetter): Letter {
  const { reason, topic, offset, timeMs, key, headers, value } = letter
  return {
    reason,
    source: topic,
    place: placeOf(letter),
    position: String(offset),
    timeMs,
    key,
    headers,
    bytes: value,
  }
}
