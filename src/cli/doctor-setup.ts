import type { Setup } from '../doctor/diagnose'
import type { ServiceSettings } from '../settings/service-settings'
import { readInputOptions } from './inputs'
import { policyFrom } from './policy'
import { openRedis } from './run-service'
import { checkSchemas } from './schemas'

/** A set-up as this process finds it. */
export function setupOf(settings: ServiceSettings): Setup {
  const { policyFile, keyFile } = settings
  return {
    settings,
    nodeVersion: process.version,
    nowMs: Date.now,
    readPolicy: () => policyFrom(policyFile),
    readKey: () => readInputOptions(keyFile === undefined ? {} : { keyFile }),
    checkSchemas,
    openRedis: () => openRedis(settings.redis, () => undefined),
  }
}
