import { setImmediate as nextTurn } from 'node:timers'
import { KafkaClient } from '../../src/log/kafka/client'
import { KafkaLog } from '../../src/log/kafka/kafka-log'
import { checkpointPromises } from '../support/checkpoint-promises'
import { keepsThePromisesOfALog } from '../support/log-promises'
import { standingPromises } from '../support/standing-promises'
import { Brokers } from './brokers'
import { simulatedKafka } from './kafka'
import { Scheduler } from './scheduler'
import { SimulatedCheckpoints, SimulatedStanding } from './stores'

jest.setTimeout(300_000)

const onFatal = (error: Error): void => {
  throw error
}

let isOver = false
afterAll(() => {
  isOver = true
})

/** A scheduler whose time goes on by itself as fast as it can, for promises that know nothing of it. */
function goingOn(): Scheduler {
  const scheduler = new Scheduler(1)
  const go = async (): Promise<void> => {
    while (!isOver) {
      await scheduler.run(() => isOver, Number.POSITIVE_INFINITY)
      await new Promise<void>((resolve) => void nextTurn(resolve))
    }
  }
  void go()
  return scheduler
}

describe('the doubles keep the promises that the real services keep', () => {
  const scheduler = goingOn()
  const brokers = new Brokers(scheduler, () => scheduler.nowMs)
  const client = KafkaClient.open(
    { brokers: ['simulated:9092'] },
    { tell: () => undefined, kafkaOf: () => simulatedKafka(brokers) },
  )
  let topics = 0

  describe('brokers, as test/integration/kafka-log.test.ts asks it of Kafka', () => {
    keepsThePromisesOfALog(
      async () => {
        const topic = `log-${topics++}`
        brokers.createTopic(topic, 1)
        return KafkaLog.open(await client, { topic, partition: 0, nextPosition: 0, onFatal })
      },
      { runs: 5 },
    )
  })

  describe('checkpoints, as the conformance and integration tests ask it of folders and Redis', () => {
    checkpointPromises(() => Promise.resolve(new SimulatedCheckpoints(scheduler).store))
  })

  describe('the served copy, as test/integration/redis-standing.test.ts asks it of Redis', () => {
    standingPromises(() => Promise.resolve(new SimulatedStanding(scheduler).standing))
  })
})
