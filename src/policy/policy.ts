import { z } from 'zod'
import { audienceParams } from '../detectors/audience'
import { SettingsError } from '../model/errors'

/**
 * What changes a decision, as versioned data: the budget of wrong verdicts, the settings and the mode of each
 * detector, the ladder and the statutes. One version holds for a whole run and is named in every verdict.
 */
const setting = ({ default: value, min, max, meaning }: { default: number; min: number; max: number; meaning: string }) =>
  z.number().min(min).max(max).default(value).describe(meaning)

const detectorSettings = z
  .strictObject({
    mode: z
      .enum(['off', 'shadow', 'live'])
      .default('live')
      .describe('off: not run; shadow: verdicts are published but correct nothing; live: they count'),
    minCount: setting(audienceParams.minCount),
    minDisputed: setting(audienceParams.minDisputed),
    minExcess: setting(audienceParams.minExcess),
    minNetworks: setting(audienceParams.minNetworks),
    traitPValue: setting(audienceParams.traitPValue),
  })
  .prefault({})

const days = (value: number) => z.number().int().min(1).max(3650).default(value)

export const policySchema = z.strictObject({
  version: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .default('default-1')
    .describe('named in every verdict'),
  oneWrongIn: z
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .default(1000)
    .describe('at most one verdict in this many may be wrong'),
  allowedDisorderMs: z
    .number()
    .int()
    .min(0)
    .max(3_600_000)
    .default(60_000)
    .describe('how far behind the latest event of its partition an event may be and still count'),
  epochMs: z
    .number()
    .int()
    .min(1000)
    .max(60_000)
    .default(10_000)
    .describe('event time after which an account is judged again'),
  detectors: z
    .strictObject({
      'inflated-subscriptions': detectorSettings,
      'inflated-clicks': detectorSettings,
      'inflated-forwards': detectorSettings,
      'inflated-comments': detectorSettings,
    })
    .prefault({}),
  ladder: z
    .strictObject({
      controlEvents: z
        .number()
        .int()
        .min(5)
        .max(100_000)
        .default(5)
        .describe("events from the operator's own device, shared with five or more actors, that show control"),
      limitControlEvents: z.number().int().min(5).max(100_000).default(50).describe('as many for the rung limit'),
      limitDisputed: z.number().int().min(1).max(10_000_000).default(200).describe('disputed events for the rung limit'),
      expiryDays: z
        .strictObject({
          watch: days(7),
          'correct-count': days(30),
          warn: days(90),
          limit: days(30),
          suspend: days(30),
          close: days(365),
        })
        .prefault({}),
    })
    .prefault({}),
  correction: z
    .strictObject({
      minDisputed: z.number().int().min(1).max(100_000).default(3).describe('events of an hour below which it stands'),
      minShare: z.number().min(0).max(1).default(0.05).describe('share of an hour below which it stands'),
    })
    .prefault({}),
  caseHours: z
    .number()
    .int()
    .min(1)
    .max(720)
    .default(24)
    .describe('hours without new evidence after which the next finding opens a new verdict'),
  statutes: z
    .record(z.string(), z.array(z.string()))
    .default({
      'inflated-subscriptions': ['cac-public-accounts-2021/12'],
      'inflated-clicks': ['cac-public-accounts-2021/12'],
      'inflated-forwards': ['cac-public-accounts-2021/12'],
      'inflated-comments': ['cac-public-accounts-2021/12'],
    })
    .describe('which published rules an offence falls under; have a person check the numbers against the official text'),
})

export type Policy = z.output<typeof policySchema>

/** Checks a policy as it was written; an empty object is the default policy. Throws a `SettingsError` that names each fault. */
export function parsePolicy(written: unknown, name = 'the policy'): Policy {
  const parsed = policySchema.safeParse(written)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(top level)'}: ${message}`)
  throw new SettingsError(`${name} does not hold: ${faults.join('; ')}; "assay policy show" prints one that does`)
}

export const defaultPolicy: Policy = parsePolicy({})
