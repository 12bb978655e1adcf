import { z } from 'zod'
import { allDetectors } from '../detectors'
import { modes, settingsOf } from '../detectors/detector'
import type { AnyDetector, DetectorSettings } from '../detectors/detector'
import { SettingsError } from '../model/errors'
import { offences, recommendations } from '../model/records'

/**
 * What changes a decision, as versioned data: the budget of wrong verdicts, the settings and the mode of each
 * detector, the ladder, limits, quotas, exemptions and the statutes. A run begins with one version; another one takes
 * over where the log says so, and every verdict names the one that it was made under.
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
      warn: rung({ controlEvents: 5, controlPValue: 1e-3, disputed: 0 }),
      limit: rung({ controlEvents: 50, controlPValue: 0, disputed: 200 }),
      suspend: graverRung(1).describe(
        'what it takes to recommend suspension; without it, nobody is suspended',
      ),
      close: graverRung(2).describe('what it takes to recommend closing; without it, no account is closed'),
      expiryDays: z
        .strictObject({
          watch: days(7),
          'correct-count': days(30),
          warn: days(90),
          limit: days(30),
          suspend: days(30),
          close: days(365),
        })
        .prefault({})
        .describe('days after which a recommendation ends by itself'),
    })
    .prefault({}),
  highest: z
    .strictObject({
      byGrade: z
        .record(z.string().min(1), z.enum(recommendations))
        .default({})
        .describe('the gravest recommendation for accounts of a grade, such as {"verified": "warn"}'),
      byCategory: z
        .record(z.string().min(1), z.enum(recommendations))
        .default({})
        .describe('the gravest recommendation for accounts of a category'),
    })
    .prefault({}),
  quotas: z
    .partialRecord(z.enum(recommendations).exclude(['watch']), z.number().int().min(0).max(1_000_000))
    .default({})
    .describe('most verdicts that may newly reach a rung in a day; beyond it the rung below is recommended'),
  exemptions: z
    .array(
      z
        .strictObject({
          subject: z
            .strictObject({
              accountId: z.string().min(1).optional(),
              category: z.string().min(1).optional(),
              grade: z.string().min(1).optional(),
              network: z.string().min(1).optional(),
            })
            .refine(
              (subject) => Object.values(subject).filter((value) => value !== undefined).length === 1,
              'should name one of accountId, category, grade and network',
            ),
          offences: z.array(z.enum(offences)).min(1).optional(),
          owner: z.string().trim().min(1),
          reason: z.string().trim().min(1),
          from: moment(),
          until: moment(),
        })
        .refine(({ from, until }) => Date.parse(from) < Date.parse(until), 'until should come after from')
        .refine(
          ({ from, until }) => Date.parse(until) - Date.parse(from) <= longestExemptionMs,
          'should end within a year; whoever still needs it then asks again',
        ),
    )
    .max(1000)
    .default([])
    .describe(
      'whom no case is opened against, for which offences (all, where none are named), who answers for it, why, and from when until when',
    ),
  precision: z
    .strictObject({
      least: z
        .number()
        .min(0)
        .max(0.999)
        .default(0.9)
        .describe(
          'share of right verdicts, as reviewers see it, below which a detector is held to a stricter bar and recommends no more than correct-count',
        ),
      priorVerdicts: z
        .number()
        .min(1)
        .max(10_000)
        .default(20)
        .describe('how many reviewed verdicts, as good as the budget promises, each detector begins with'),
      halfLifeDays: z
        .number()
        .int()
        .min(1)
        .max(3650)
        .default(180)
        .describe('days after which a review counts half'),
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
      'manipulated-click-through': ['cac-public-accounts-2021/12'],
      'abnormal-unsubscription': ['cac-public-accounts-2021/12'],
      'batch-homogeneous-posting': ['cac-public-accounts-2021/18'],
      'steered-accounts': ['cac-public-accounts-2021/18'],
      'false-hotspot': ['cac-public-accounts-2021/18'],
      'forged-originality': ['cac-public-accounts-2021/18'],
      'bulk-registration': ['cac-public-accounts-2021/18'],
      'reincarnated-account': ['cac-public-accounts-2021/8'],
      'dormant-account': ['cac-public-accounts-2021/10'],
      'undeclared-transfer': ['cac-public-accounts-2021/11'],
    })
    .describe(
      'which published rules an offence falls under; have a person check the numbers against the official text',
    ),
})

export type Policy = z.output<typeof policySchema>

/** Settings that hold for the life of a state: views, logs and checkpoints are built around them. */
export const structuralSettings = ['epochMs', 'allowedDisorderMs'] as const

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

/** What a rung needs: all of it. */
function rung(needed: NeededForRung) {
  return z.strictObject(needs(needed)).prefault({})
}

/** A rung that only people can lead to. */
function graverRung(leastConfirmations: number) {
  return z
    .strictObject({
      ...needs({ controlEvents: 50, controlPValue: 0, disputed: 200 }),
      confirmations: z
        .number()
        .int()
        .min(leastConfirmations)
        .max(10)
        .default(leastConfirmations)
        .describe('different people who confirmed the verdict'),
    })
    .optional()
}

interface NeededForRung {
  readonly controlEvents: number
  readonly controlPValue: number
  readonly disputed: number
}

function needs({ controlEvents, controlPValue, disputed }: NeededForRung) {
  return {
    controlEvents: z
      .number()
      .int()
      .min(5)
      .max(100_000)
      .default(controlEvents)
      .describe("events from the operator's own device, shared with five or more actors, that show control"),
    controlPValue: z
      .number()
      .min(0)
      .max(0.05)
      .default(controlPValue)
      .describe(
        'chance, by the tests of control together, that somebody else arranged it, which is as good as such events; 0: never',
      ),
    disputed: z.number().int().min(0).max(10_000_000).default(disputed).describe('disputed events'),
    confirmations: z
      .number()
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe('different people who confirmed the verdict'),
    earlierOffences: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe('other verdicts against the account that people have confirmed'),
  }
}

/** A day or a moment, as ISO 8601; a day begins at midnight UTC. */
function moment() {
  return z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'should be a day or a moment as ISO 8601, such as 2026-03-01',
  })
}

function days(value: number): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(1).max(3650).default(value)
}

/** A year, leap years included. */
const longestExemptionMs = 366 * 86_400_000

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
