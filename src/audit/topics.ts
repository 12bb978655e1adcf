import type { KafkaClient } from '../log/kafka/client'
import { scanLog } from '../log/kafka/scan-log'
import { LogGapError } from '../log/log-errors'
import { deriveFromRecords } from './derive'
import type { Derive, DeriveOptions } from './derive'
import type { Lines } from './lines'

/** The records of a log's topic. */
export function linesOfTopic(client: KafkaClient, topic: string): Lines {
  return {
    read: (take) => scanLog(client, topic, take),
    placeOf: (index) => `record ${index} of ${topic}`,
  }
}

/** Derives verdicts from the topic of the event log, as long as retention has left all of it there. */
export function deriveFromTopic(client: KafkaClient, topic: string, options: DeriveOptions): Derive {
  return async (take, isEnough) => {
    const damages: string[] = []
    const { records } = await deriveFromRecords(async (put) => {
      try {
        const take = async (record: Uint8Array): Promise<void> => {
          await put(record)
        }
        // Every instance appends what it has read.
        await scanLog(client, topic, take, { hasManyWriters: true })
      } catch (error) {
        if (!(error instanceof LogGapError)) throw error
        damages.push(error.message)
      }
    }, options)(take, isEnough)
    return { records, damages }
  }
}
