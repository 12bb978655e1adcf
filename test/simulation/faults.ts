import type { Instance, ServiceRun } from './service-run'

/** Something that goes wrong. */
export interface Fault {
  readonly meaning: string
  /** Does it, and says what was done; undefined when there was nobody to do it to. */
  readonly inject: (run: ServiceRun) => string | undefined
}

function someone(run: ServiceRun): Instance | undefined {
  const { alive } = run
  return alive.length === 0 ? undefined : run.scheduler.chance.oneOf(alive)
}

/** Something holds for a while, and is then as it was. */
function spell(run: ServiceRun, leastMs: number, mostMs: number, begin: () => void, end: () => void): string {
  const lengthMs = run.scheduler.chance.between(leastMs, mostMs)
  begin()
  run.holdUntil(run.scheduler.nowMs + lengthMs, end)
  return `for ${Math.round(lengthMs)} ms`
}

export const faults = {
  kill: {
    meaning: 'an instance is killed at any moment and started again',
    inject: (run) => {
      const instance = someone(run)
      instance?.kill('it is killed')
      return instance?.name
    },
  },
  'kill-at-write': {
    meaning: 'an instance is killed right before a write leaves it, or when it is done and not yet answered',
    inject: (run) => {
      const instance = someone(run)
      if (instance === undefined) return undefined
      const { scheduler } = run
      const when = scheduler.chance.oneOf(['before', 'done'] as const)
      let writes = scheduler.chance.whole(0, 30)
      const { process } = instance
      scheduler.onWrite = (writer, at) => {
        if (writer !== process || at !== when || writes-- > 0) return
        scheduler.onWrite = undefined
        instance.kill(`it is killed at a write (${when})`)
      }
      return `${instance.name} at write ${writes}, ${when}`
    },
  },
  'kill-all': {
    meaning: 'all instances are killed at once',
    inject: (run) => {
      const { alive } = run
      for (const instance of alive) instance.kill('all are killed')
      return `${alive.length} instances`
    },
  },
  zombie: {
    meaning: 'an instance stands still for up to 40 s, loses its work to others, and goes on writing',
    inject: (run) => {
      const instance = someone(run)
      if (instance === undefined) return undefined
      const lengthMs = run.scheduler.chance.between(1_000, 40_000)
      instance.process.sleepsUntilMs = run.scheduler.nowMs + lengthMs
      run.holdUntil(run.scheduler.nowMs + lengthMs, () => undefined)
      return `${instance.name} for ${Math.round(lengthMs)} ms`
    },
  },
  rebalance: {
    meaning: 'the group assigns anew at any moment, up to five times in a row',
    inject: (run) => {
      const { scheduler } = run
      const times = scheduler.chance.whole(1, 5)
      for (let time = 0; time < times; time++) {
        scheduler.after(
          time * scheduler.chance.between(50, 3_000),
          () => {
            run.brokers.groupOf('assay').rebalance()
          },
          scheduler.world,
        )
      }
      return `${times} times`
    },
  },
  join: {
    meaning: 'another instance joins',
    inject: (run) => (run.alive.length < 4 ? run.startInstance().name : undefined),
  },
  leave: {
    meaning: 'an instance is stopped in good order and does not come again',
    inject: (run) => {
      const instance = run.alive.length > 1 ? someone(run) : undefined
      instance?.stop()
      return instance?.name
    },
  },
  'unknown-outcome': {
    meaning: 'sends are lost, or stored without an answer, or answered without a word of what became of them',
    inject: (run) => {
      const { weather } = run.brokers
      return spell(
        run,
        1_000,
        20_000,
        () => Object.assign(weather, { lostAnswers: 0.3, lostRequests: 0.1 }),
        () => Object.assign(weather, { lostAnswers: 0, lostRequests: 0 }),
      )
    },
  },
  'late-delivery': {
    meaning: 'sends that were given up and sent again arrive up to 15 s later, behind what followed them',
    inject: (run) => {
      const { weather } = run.brokers
      return spell(
        run,
        1_000,
        20_000,
        () => (weather.lateArrivals = 0.3),
        () => (weather.lateArrivals = 0),
      )
    },
  },
  'brokers-down': {
    meaning: 'no broker answers for up to 40 s',
    inject: (run) => {
      const { weather } = run.brokers
      return spell(
        run,
        200,
        40_000,
        () => (weather.areDown = true),
        () => (weather.areDown = false),
      )
    },
  },
  'slow-network': {
    meaning: 'every message takes up to forty times as long',
    inject: (run) => {
      const { weather } = run.brokers
      return spell(
        run,
        1_000,
        20_000,
        () => (weather.slowness = run.scheduler.chance.between(5, 40)),
        () => (weather.slowness = 1),
      )
    },
  },
  'clock-jump': {
    meaning: 'the clock on the wall of an instance jumps by up to a day, to and fro',
    inject: (run) => {
      const instance = someone(run)
      if (instance === undefined) return undefined
      instance.process.clockOffMs = run.scheduler.chance.between(-86_400_000, 86_400_000)
      return `${instance.name} by ${Math.round(instance.process.clockOffMs / 1_000)} s`
    },
  },
  'disk-full': {
    meaning: 'no checkpoint can be stored for up to a minute',
    inject: (run) => {
      const { condition } = run.checkpoints
      return spell(
        run,
        1_000,
        60_000,
        () => (condition.isFull = true),
        () => (condition.isFull = false),
      )
    },
  },
  'disk-slow': {
    meaning: 'storing a checkpoint takes up to 15 s',
    inject: (run) => {
      const { condition } = run.checkpoints
      return spell(
        run,
        1_000,
        30_000,
        () => (condition.saveMs = 15_000),
        () => (condition.saveMs = 20),
      )
    },
  },
  'checkpoint-corrupted': {
    meaning: 'one to three of the newest checkpoints of a task or a raw partition cannot be read any more',
    inject: (run) => {
      const { chance } = run.scheduler
      const names = [...run.checkpoints.byName.keys()].filter((name) => name !== 'installation')
      if (names.length === 0) return undefined
      const name = chance.oneOf(names)
      const count = chance.whole(1, 3)
      run.checkpoints.breakNewest(name, count)
      someone(run)?.kill('a checkpoint was corrupted')
      return `${count} of ${name}`
    },
  },
  'redis-down': {
    meaning: 'neither the served copy nor the store of checkpoints answers for up to 20 s',
    inject: (run) => {
      const { condition } = run.checkpoints
      return spell(
        run,
        500,
        20_000,
        () => {
          condition.isDown = true
          run.served.isDown = true
        },
        () => {
          condition.isDown = false
          run.served.isDown = false
        },
      )
    },
  },
  'redis-unanswered': {
    meaning: 'what is stored and served is done, and its answer is lost',
    inject: (run) => {
      const { condition } = run.checkpoints
      const set = (share: number) => (): void => {
        condition.lostAnswers = share
        run.served.lostAnswers = share
      }
      return spell(run, 1_000, 20_000, set(0.4), set(0))
    },
  },
  'redis-emptied': {
    meaning: 'the served copy and all checkpoints are gone',
    inject: (run) => {
      run.checkpoints.byName.clear()
      run.served.empty()
      return 'all of it'
    },
  },
  'registry-down': {
    meaning: 'the schema registry does not answer for up to 30 s',
    inject: (run) =>
      spell(
        run,
        500,
        30_000,
        () => (run.registry.isDown = true),
        () => (run.registry.isDown = false),
      ),
  },
  'registry-emptied': {
    meaning: 'the schema registry has lost what it knew for up to 20 s; what needs it becomes dead letters',
    inject: (run) => {
      run.mayRefuse = true
      return spell(
        run,
        500,
        20_000,
        () => (run.registry.isEmpty = true),
        () => (run.registry.isEmpty = false),
      )
    },
  },
} satisfies Record<string, Fault>

export type FaultName = keyof typeof faults
export const faultNames = Object.keys(faults) as readonly FaultName[]
