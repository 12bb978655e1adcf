import type { RegistryClient } from '../log/registry/registry-client'
import type { ServiceSettings } from '../settings/service-settings'
import type { RedisClient } from '../store/redis'
import type { ClockReading } from './clock'
import { clockFinding } from './clock'
import { failed, unreachable } from './finding'
import type { Finding, Report } from './finding'
import { checkAccess } from './access'
import { checkKafka } from './kafka'
import { checkKey, checkNode, checkPolicy, checkState } from './machine'
import { checkRedis } from './redis'
import { checkRegistry } from './registry'
import type { CheckedSchema } from './registry'

/** A set-up, and how the parts of it are opened that the command line opens. */
export interface Setup {
  readonly settings: ServiceSettings
  readonly nodeVersion: string
  readonly nowMs: () => number
  /** Both throw when the file cannot be read or does not hold. */
  readonly readPolicy: () => void
  readonly readKey: () => void
  readonly checkSchemas: (registry: RegistryClient) => Promise<readonly CheckedSchema[]>
  readonly openRedis: () => RedisClient
}

/**
 * Looks at everything that an instance with these settings would need, all at once, and changes nothing. It resolves
 * within `limitMs`, whatever does not answer until then.
 */
export async function diagnose(setup: Setup): Promise<readonly Finding[]> {
  const { settings } = setup
  const clocks: ClockReading[] = []
  const parts = await Promise.all([
    within('node', (report) => {
      report(checkNode(setup.nodeVersion))
    }),
    within('policy', (report) => {
      report(checkPolicy(settings.policyFile, setup.readPolicy))
    }),
    within('key', (report) => {
      report(checkKey(settings.keyFile, setup.readKey))
    }),
    within('access', (report) => {
      checkAccess(settings.http, { nowMs: setup.nowMs() }, report)
    }),
    within('state', (report) => checkState(settings.state, report)),
    within('kafka', (report) => checkKafka(settings, report)),
    within('registry', async (report) => {
      clocks.push(...(await checkRegistry(setup, report)))
    }),
    within('redis', async (report) => {
      clocks.push(...(await checkRedis(setup, report)))
    }),
  ])
  return [...parts.flat(), ...clocks.map(clockFinding)]
}

/** What a part of the checks reports until it ends, fails or has had its time. */
async function within(
  check: string,
  part: (report: Report) => void | Promise<void>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      const found = `not done after ${limitMs / 1000} s`
      resolve(
        unreachable({
          check,
          found,
          expected: 'an answer',
          advice: 'see that it runs and is not overloaded',
        }),
      )
    }, limitMs)
  })
  const work = Promise.resolve()
    .then(() => part((finding) => findings.push(finding)))
    .catch((error: unknown) => failed({ check, advice: 'what comes after it was not looked at' }, error))
  const last = await Promise.race([work, late])
  clearTimeout(timer)
  return last === undefined ? findings : [...findings, last]
}

const limitMs = 8_000
