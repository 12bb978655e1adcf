import { KafkaClient } from '../../src/log/kafka/client'
import { KafkaLogWriter } from '../../src/log/kafka/log-writer'
import { noTraces } from '../../src/runtime/traces'
import { topicsOf } from '../../src/service/installation'
import { PublishTask } from '../../src/service/publish-task'
import { loadSettings } from '../../src/settings/load-settings'
import { Brokers } from './brokers'
import { simulatedKafka } from './kafka'
import { Scheduler } from './scheduler'
import { SimulatedCheckpoints } from './stores'
import { installVirtualTime } from './virtual-time'

const topics = topicsOf(loadSettings(undefined, { ASSAY_BROKERS: 'simulated:9092' }))
const inner = [topics.log('verdicts'), topics.log('corrections')]

/** A publisher of corrections on simulated brokers, and what there is to do with it. */
class Scene {
  readonly scheduler = new Scheduler(3)
  readonly brokers = new Brokers(this.scheduler, () => this.scheduler.nowMs)
  isMember = true
  private readonly checkpoints = new SimulatedCheckpoints(this.scheduler)
  private log: KafkaLogWriter | undefined
  private client: KafkaClient | undefined
  private task: PublishTask | undefined

  async open(): Promise<void> {
    for (const topic of [...inner, topics.verdicts, topics.corrections]) this.brokers.createTopic(topic, 1)
    this.client = await KafkaClient.open(
      { brokers: ['simulated:9092'] },
      { tell: () => undefined, kafkaOf: () => simulatedKafka(this.brokers) },
    )
    this.log = KafkaLogWriter.open(this.client, { topic: inner[1]!, partition: 0, nextPosition: 0 })
  }

  /** The task begins, or goes on where another one had come to. */
  begin(): void {
    this.task = new PublishTask({
      ...{ client: this.client!, topics, checkpoints: this.checkpoints.store, traces: noTraces },
      isMember: () => this.isMember,
      onVerdict: () => undefined,
      onFatal: (error) => {
        throw error
      },
    })
  }

  end(): void {
    void this.task!.stop()
  }

  /** Decides on the next number of the one content there is. */
  correct(authentic: number): void {
    void this.log!.append([valueOf(authentic)])
  }

  /** A copy of what was sent long ago arrives. */
  arrive(authentic: number): void {
    const record = { key: Buffer.from('a1|c1|click|0'), value: valueOf(authentic), headers: {} }
    this.brokers.append(topics.corrections, 0, [record])
  }

  /** The numbers that readers have seen of it, the last of which holds for them. */
  get published(): number[] {
    return this.brokers
      .recordsOf(topics.corrections, 0)
      .map(({ value }) => (JSON.parse(value!.toString()) as { authentic: number }).authentic)
  }
}

function valueOf(authentic: number): Buffer {
  return Buffer.from(JSON.stringify({ ...content, authentic }))
}

const content = { accountId: 'a1', contentId: 'c1', kind: 'click', hour: 0 }

/** Plays what happens at which second of virtual time. */
async function play(
  script: readonly (readonly [second: number, act: (scene: Scene) => void])[],
): Promise<void> {
  const scene = new Scene()
  const { scheduler } = scene
  const uninstall = installVirtualTime(scheduler, { startMs: Date.UTC(2026, 2, 1) })
  try {
    await scene.open()
    let done = 0
    for (const [second, act] of script) {
      scheduler.after(
        second * 1_000,
        () => {
          act(scene)
          done++
        },
        scheduler.world,
      )
    }
    await scheduler.run(() => done === script.length, Number.POSITIVE_INFINITY)
    expect(done).toBe(script.length)
  } finally {
    uninstall()
  }
}

type Act = (scene: Scene) => void

const begins: Act = (scene) => {
  scene.begin()
}
const ends: Act = (scene) => {
  scene.end()
}
const corrects =
  (authentic: number): Act =>
  (scene) => {
    scene.correct(authentic)
  }
const arrives =
  (authentic: number): Act =>
  (scene) => {
    scene.arrive(authentic)
  }
const isMember =
  (is: boolean): Act =>
  (scene) => {
    scene.isMember = is
  }
const sendsLate =
  (share: number): Act =>
  (scene) => {
    scene.brokers.weather.lateArrivals = share
  }
const sees =
  (wanted: (published: number[]) => void): Act =>
  (scene) => {
    wanted(scene.published)
  }
const seesAll = (wanted: number[]): Act =>
  sees((published) => {
    expect(published).toEqual(wanted)
  })
const seesLast = (wanted: number): Act =>
  sees((published) => {
    expect(published.at(-1)).toBe(wanted)
  })

describe('of corrections the latest of a key holds', () => {
  it('also when a copy of an older one comes behind it, from a send that was made again', async () => {
    await play([
      [0, begins],
      // What the start has to see to is done by now.
      [90, isMember(false)],
      [100, corrects(9)],
      [102, sendsLate(1)],
      [102, isMember(true)],
      [106, sendsLate(0)],
      [112, corrects(3)],
      [
        130,
        sees((published) => {
          expect(published).toContain(3)
        }),
      ],
      [130, seesLast(9)],
      [180, seesLast(3)],
      [
        400,
        sees((published) => {
          expect(published.filter((authentic) => authentic === 3)).toHaveLength(2)
        }),
      ],
    ])
  })

  it('also when the older one is from whoever had the task before', async () => {
    await play([
      [0, corrects(9)],
      [1, corrects(3)],
      [2, begins],
      [10, seesAll([9, 3])],
      [20, arrives(9)],
      [80, seesAll([9, 3, 9, 3])],
    ])
  })

  it('also when the task goes elsewhere before the copy comes', async () => {
    await play([
      [0, corrects(9)],
      [1, begins],
      [20, corrects(3)],
      [30, ends],
      [32, begins],
      [40, arrives(9)],
      [100, seesAll([9, 3, 9, 3])],
    ])
  })

  it('since nobody publishes whom the group has not confirmed', async () => {
    await play([
      [0, isMember(false)],
      [1, begins],
      [2, corrects(9)],
      [100, seesAll([])],
      [101, isMember(true)],
      [
        110,
        sees((published) => {
          expect(published[0]).toBe(9)
        }),
      ],
    ])
  })
})
