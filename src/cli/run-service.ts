import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { collectDefaultMetrics } from 'prom-client'
import { keepYoungGeneration } from '../runtime/young-generation'
import { tasks } from '../service/installation'
import { Service } from '../service/service'
import { observeCheckpoint } from '../service/service-metrics'
import { loadSettings } from '../settings/load-settings'
import type { ServiceSettings } from '../settings/service-settings'
import type { CheckpointStore } from '../store/checkpoint-store'
import { FileCheckpointStore } from '../store/file-checkpoint-store'
import { PatientCheckpointStore } from '../store/patient-checkpoint-store'
import { connectRedis, redisSettingsSchema } from '../store/redis'
import type { RedisClient } from '../store/redis'
import { RedisCheckpointStore } from '../store/redis-checkpoint-store'
import { RedisStanding } from '../store/redis-standing'
import { MemoryStanding } from '../store/standing-memory'
import { declareMetrics } from '../telemetry/metrics'
import { endsSoon } from './ends-soon'
import { exitCodes } from './exit-codes'
import { openNames, readInputOptions } from './inputs'
import { Interrupt } from './interrupt'
import { openTraces } from './open-traces'
import { consoleFolder } from './serve-console'
import { packageVersion } from './package-version'
import { tell } from './tell'

export interface ServiceCommandOptions {
  readonly settings?: string
  readonly finish?: boolean
}

/** Runs one instance on Kafka until it is told to stop; resolves with the exit code. */
export async function runService(options: ServiceCommandOptions): Promise<number> {
  // What is read and sent counts as if it were objects, and a heap whose size does not change gets little room: the engine looked
  // through all objects for every few megabytes. With more room it does so when 64 MB outside of the heap are new.
  setFlagsFromString('--heap-growing-percent=200')
  // Little in it lives on, so that a larger one gains nothing; where a machine has memory to give, it grew to 134 MB.
  keepYoungGeneration()
  const settings = loadSettings(options.settings, process.env)
  const { policyFile, keyFile } = settings
  const input = readInputOptions({
    ...(policyFile === undefined ? {} : { policy: policyFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  })
  const names = await openNames({
    ...(settings.vaultFolder === undefined ? {} : { vault: settings.vaultFolder }),
    ...(keyFile === undefined ? {} : { keyFile }),
  })
  const console = consoleFolder()
  const redis = settings.redis.mode === 'none' ? undefined : openRedis(settings.redis, tell)
  let end: (failure?: Error) => void
  const ended = new Promise<Error | undefined>((resolve) => (end = resolve))
  const interrupt = new Interrupt(() => {
    end()
  })
  const metrics = declareMetrics()
  collectDefaultMetrics({ register: metrics.registry })
  for (const task of ['intake', ...tasks]) metrics.checkpointFailures.inc({ task }, 0)
  metrics.buildInfo.set({ version: packageVersion() }, 1)
  const traces = await openTraces(settings.telemetry, metrics)
  try {
    const service = await Service.start({
      ...input,
      settings,
      ...(names === undefined ? {} : { names }),
      checkpoints: new PatientCheckpointStore(await openCheckpoints(settings, redis), {
        clockMs: () => performance.now(),
        tell,
        onSave: (name, isStored) => {
          observeCheckpoint(metrics, { name, isStored, nowMs: Date.now() })
        },
      }),
      standing:
        redis === undefined
          ? new MemoryStanding()
          : new RedisStanding(redis, { namespace: `${settings.redis.keyPrefix}standing` }),
      isStandingShared: redis !== undefined,
      ...(console === undefined ? {} : { console }),
      metrics,
      ...(traces === undefined ? {} : { traces }),
      ...(redis === undefined ? {} : { dependencies: () => ({ redis: redis.status === 'ready' }) }),
      nowMs: Date.now,
      isFinite: options.finish === true,
      tell,
      onFatal: (error) => {
        end(error)
      },
    })
    const { address, port } = service.address
    tell(`listening on http://${address}:${port}${console === undefined ? '' : ' with its console'}`)
    const failure = await ended
    const stopping = service.stop()
    // What is safe is safe; a stop that hangs on a broker that has gone must not keep the supervisor waiting.
    await Promise.race([stopping, new Promise((resolve) => setTimeout(resolve, stopMs).unref())])
    if (failure !== undefined) throw failure
    await names?.close()
    return interrupt.isAsked ? exitCodes.interrupted : exitCodes.done
  } finally {
    redis?.disconnect()
    await traces?.stop()
    endsSoon()
  }
}

/** A client of the Redis that the settings name; there must be one. */
export function openRedis(
  { mode, urls, sentinelName, username, password, timeoutMs }: ServiceSettings['redis'],
  tellOf: (sentence: string) => void,
): RedisClient {
  const settings = redisSettingsSchema.parse({
    mode,
    urls,
    commandTimeoutMs: timeoutMs,
    // Whether a password may go unencrypted has been decided when the settings were checked.
    allowPlaintext: true,
    ...(sentinelName === undefined ? {} : { master: sentinelName }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
  })
  return connectRedis(settings, tellOf)
}

async function openCheckpoints(
  { state, redis: { keyPrefix } }: ServiceSettings,
  redis: RedisClient | undefined,
): Promise<CheckpointStore> {
  if (state.store === 'folder')
    return FileCheckpointStore.open(join(state.folder, 'checkpoints'), { isShared: true })
  return new RedisCheckpointStore(redis!, `${keyPrefix}checkpoints`)
}

const stopMs = 20_000
