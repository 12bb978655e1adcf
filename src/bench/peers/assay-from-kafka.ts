import { writeFileSync } from 'node:fs'
import { KafkaClient } from '../../log/kafka/client'
import { RawReader } from '../../log/kafka/raw-reader'
import type { Assignment } from '../../log/kafka/raw-reader'
import type { Block } from '../../model/block'
import { RawPartition } from '../../service/raw-partition'
import { key, policy, WindowJob } from './assay'

/**
 * The question answered from a topic of one partition, which is read as the service reads its raw topics: a member of a
 * group, records fetched ahead, each checked and packed by the ingest of its partition. It ends after so many events.
 */
export async function answerFromKafka(
  brokers: string,
  {
    topic,
    controlTopic,
    events,
  }: { readonly topic: string; readonly controlTopic: string; readonly events: number },
): Promise<string[]> {
  const fail = (error: Error): never => {
    throw error
  }
  const answers: string[] = []
  const windows = new WindowJob(answers)
  const take = (blocks: readonly Block[]): void => {
    for (const block of blocks) {
      windows.take(block)
      windows.closeBefore(block.watermarkMs)
    }
  }
  const client = await KafkaClient.open({ brokers: brokers.split(',') }, { tell: () => undefined })
  let assignment: Assignment | undefined
  const reader = await RawReader.open(client, {
    groupId: `peers-${process.pid}-${Date.now()}`,
    rawTopics: [topic],
    controlTopic,
    taskShares: [1],
    onAssignment: (given) => {
      assignment = given
    },
    onRebalancing: () => undefined,
    onGap: () => fail(new Error(`records of ${topic} are gone`)),
    onFatal: fail,
  })
  const partition = new RawPartition(assignment!.raw[0]!, {
    key,
    disorderMs: policy.allowedDisorderMs,
    rowsPerBlock: 4_096,
    nowMs: Date.now,
    startMs: performance.now(),
  })
  reader.start({ ...assignment!.raw[0]!, generation: assignment!.generation, offset: 0 })
  while (partition.ingest.position < events) {
    const batch = reader.nextOf(partition)
    if (batch === undefined) await reader.waitForMore(50)
    else take(partition.push(batch, performance.now()))
  }
  take(partition.end())
  windows.finish()
  await reader.close()
  await client.close()
  return answers
}

/** As a peer: `BROKERS TOPIC CONTROL-TOPIC EVENTS FILE-FOR-ANSWERS`. */
async function main([brokers, topic, controlTopic, events, file]: string[]): Promise<void> {
  const asked = { topic: topic!, controlTopic: controlTopic!, events: Number(events) }
  writeFileSync(file!, (await answerFromKafka(brokers!, asked)).join(''))
}

if (require.main === module) void main(process.argv.slice(2))
