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
function lasting(
  leastMs: number,
  mostMs: number,
  set: (run: ServiceRun, holds: boolean) => void,
): Fault['inject'] {
  return (run) => {
    const lengthMs = run.scheduler.chance.between(leastMs, mostMs)
    set(run, true)
    run.holdUntil(run.scheduler.nowMs + lengthMs, () => {
      set(run, false)
    })
    return `for ${Math.round(lengthMs)} ms`
  }
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
      const staying = run.alive.filter(({ isStopped }) => !isStopped)
      const instance = staying.length > 1 ? someone(run) : undefined
      instance?.stop()
      return instance?.name
    },
  },
  'unknown-outcome': {
    meaning: 'sends are lost, or stored without an answer, or answered without a word of what became of them',
    inject: lasting(1_000, 20_000, ({ brokers: { weather } }, holds) => {
      Object.assign(
        weather,
        holds ? { lostAnswers: 0.3, lostRequests: 0.1 } : { lostAnswers: 0, lostRequests: 0 },
      )
    }),
  },
  'sends-refused': {
    meaning: 'a tenth of all sends is refused for good, and whoever sent stops in order and is started again',
    inject: lasting(1_000, 20_000, ({ brokers: { weather } }, holds) => {
      weather.refusals = holds ? 0.1 : 0
    }),
  },
  'late-delivery': {
    meaning: 'sends that were given up and sent again arrive up to 15 s later, behind what followed them',
    inject: lasting(1_000, 20_000, ({ brokers: { weather } }, holds) => {
      weather.lateArrivals = holds ? 0.3 : 0
    }),
  },
  'brokers-down': {
    meaning: 'no broker answers for up to 40 s',
    inject: lasting(200, 40_000, ({ brokers: { weather } }, holds) => {
      weather.areDown = holds
    }),
  },
  'slow-network': {
    meaning: 'every message takes up to forty times as long',
    inject: lasting(1_000, 20_000, ({ brokers: { weather }, scheduler: { chance } }, holds) => {
      weather.slowness = holds ? chance.between(5, 40) : 1
    }),
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
    inject: lasting(1_000, 60_000, ({ checkpoints: { condition } }, holds) => {
      condition.isFull = holds
    }),
  },
  'disk-slow': {
    meaning: 'storing a checkpoint takes up to 15 s',
    inject: lasting(1_000, 30_000, ({ checkpoints: { condition } }, holds) => {
      condition.saveMs = holds ? 15_000 : 20
    }),
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
    inject: lasting(500, 20_000, ({ checkpoints: { condition }, served }, holds) => {
      condition.isDown = holds
      served.isDown = holds
    }),
  },
  'redis-unanswered': {
    meaning: 'what is stored and served is done, and its answer is lost',
    inject: lasting(1_000, 20_000, ({ checkpoints: { condition }, served }, holds) => {
      condition.lostAnswers = served.lostAnswers = holds ? 0.4 : 0
    }),
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
    inject: lasting(500, 30_000, ({ registry }, holds) => {
      registry.isDown = holds
    }),
  },
  'registry-emptied': {
    meaning: 'the schema registry has lost what it knew for up to 20 s; what needs it becomes dead letters',
    inject: lasting(500, 20_000, (run, holds) => {
      run.mayRefuse = true
      run.registry.isEmpty = holds
    }),
  },
} satisfies Record<string, Fault>

export type FaultName = keyof typeof faults
export const faultNames = Object.keys(faults) as readonly FaultName[]
