import { z } from 'zod'
import { allDetectors } from '../detectors'
import { modes, settingsOf } from '../detectors/detector'
import type { AnyDetector, DetectorSettings } from '../detectors/detector'
import { SettingsError } from '../model/errors'
import { offences } from '../model/records'

/**
 * What changes a decision, as versioned data: the budget of wrong verdicts, the settings and the mode of each
 * detector, the ladder and the statutes. One version holds for a whole run and is named in every verdict.
 */
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
    .refine((epochMs) => 60_000 % epochMs === 0, 'a minute must be a whole number of epochs, such as 10000')
    .default(10_000)
    .describe('event time after which an account is judged again'),
  detectors: z
    .strictObject(
      Object.fromEntries(allDetectors.map((detector) => [detector.name, detectorPolicy(detector)])),
    )
    .prefault({}),
  ladder: z
    .strictObject({
      controlEvents: z
        .number()
        .int()
        .min(5)
        .max(100_000)
        .default(5)
        .describe(
          "events from the operator's own device, shared with five or more actors, that show control",
        ),
      limitControlEvents: z
        .number()
        .int()
        .min(5)
        .max(100_000)
        .default(50)
        .describe('as many for the rung limit'),
      controlPValue: z
        .number()
        .min(1e-12)
        .max(0.05)
        .default(1e-3)
        .describe(
          'chance, by the tests of control together, that somebody else arranged it, from which it warns',
        ),
      limitDisputed: z
        .number()
        .int()
        .min(1)
        .max(10_000_000)
        .default(200)
        .describe('disputed events for the rung limit'),
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
      minDisputed: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .default(3)
        .describe('events of an hour below which it stands'),
      minShare: z.number().min(0).max(1).default(0.05).describe('share of an hour below which it stands'),
    })
    .prefault({}),
  // At least as long as the longest window: a new verdict is then about other events than the one before.
  caseHours: z
    .number()
    .int()
    .min(24)
    .max(720)
    .default(24)
    .describe('hours without new evidence after which the next finding opens a new verdict'),
  exemptCategories: z
    .array(z.string().min(1))
    .default(['official', 'government', 'emergency'])
    .describe('categories of accounts whose notices others pass on word for word, as they should'),
  statutes: z
    .partialRecord(z.enum(offences), z.array(z.string()))
    .default({
      'inflated-subscriptions': ['cac-public-accounts-2021/12'],
      'inflated-clicks': ['cac-public-accounts-2021/12'],
      'inflated-forwards': ['cac-public-accounts-2021/12'],
      'inflated-comments': ['cac-public-accounts-2021/12'],
      'batch-homogeneous-posting': ['cac-public-accounts-2021/18'],
      'steered-accounts': ['cac-public-accounts-2021/18'],
      'false-hotspot': ['cac-public-accounts-2021/18'],
      'forged-originality': ['cac-public-accounts-2021/18'],
      'bulk-registration': ['cac-public-accounts-2021/18'],
      'reincarnated-account': ['cac-public-accounts-2021/8'],
    })
    .describe(
      'which published rules an offence falls under; have a person check the numbers against the official text',
    ),
})

export type Policy = z.output<typeof policySchema>

/** What a policy may say of one detector: its mode, and each setting that its own schema describes. */
function detectorPolicy({ params }: AnyDetector): z.ZodType<DetectorSettings> {
  const mode = z
    .enum(modes)
    .default('live')
    .describe('off: not run; shadow: verdicts are published but correct nothing; live: they count')
  const settings = settingsOf(params).map(([name, { default: value, min, max, meaning }]) => [
    name,
    z.number().min(min).max(max).default(value).describe(meaning),
  ])
  return z.strictObject({ mode, ...(Object.fromEntries(settings) as object) }).prefault({})
}

function days(value: number): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(1).max(3650).default(value)
}

/** Checks a policy as it was written; an empty object is the default policy. Throws a `SettingsError` that names each fault. */
export function parsePolicy(written: unknown, name = 'the policy'): Policy {
  const parsed = policySchema.safeParse(written)
  if (parsed.success) return frozen(parsed.data)
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || '(top level)'}: ${message}`,
  )
  throw new SettingsError(
    `${name} does not hold: ${faults.join('; ')}; "assay policy show" prints one that does`,
  )
}

/** What decides does not change while it decides. */
function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part)
  return Object.freeze(value)
}

export const defaultPolicy: Policy = parsePolicy({})
