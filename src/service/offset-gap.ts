import type { OffsetGap } from '../log/kafka/raw-reader'
import { rawCheckpointName } from './raw-partition'

/** Why a raw partition is read no more whose offsets are missing, and what to do, in a sentence. */
export function gapSentence({ topic, partition, expected, found }: OffsetGap): string {
  const seen = `${topic}/${partition} is not read on: offset ${expected} was expected and the first there is, is ${found}; `
  if (found > expected) {
    const checkpoints = rawCheckpointName({ topic, partition })
    return (
      `${seen}events were lost to the retention of the topic: stop all instances, remove the checkpoints ` +
      `${checkpoints} from the state, and start again, which begins where the topic does`
    )
  }
  // Views know a source by its name and pass over the offsets that they have reached: nobody would hear of those events.
  return (
    `${seen}the topic was made anew, and what comes at offsets that were read before would be taken for a repeat: ` +
    'begin a new installation, with another kafka.topicPrefix, group and state'
  )
}
