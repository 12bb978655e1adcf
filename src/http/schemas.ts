import { z } from 'zod'
import { reportSchema } from '../backtest/report'
import {
  clusterEventKinds,
  modes,
  offences,
  recommendations,
  roles,
  statuses,
  subjectTypes,
} from '../model/records'
import { languages, sectionNames } from '../explain/words/words'
import { actFamilies } from '../model/acts'
import { tieFamilies } from '../model/cluster'
import type { TieFamily } from '../model/cluster'
import { kinds as eventKinds } from '../model/event'
import { conditionNames } from '../model/nearest'
import { policySchema } from '../policy/policy'
import { isId } from '../store/standing-records'
import { errorStatus } from './errors'
import type { ErrorCode } from './errors'

/** The shapes of what is asked and answered: requests are checked by them, and the document of the API is made of them. */

const timeMs = z.number().int().describe('event time in milliseconds since 1970')
const share = z.number().min(0).max(1)
const count = z.number().int().min(0)
const counts = z.strictObject({ raw: count, authentic: count, disputed: count })
const subject = z.strictObject({ type: z.enum(subjectTypes), id: z.string() })
const window = z.strictObject({ start: timeMs, end: timeMs })
const kinds = ['subscription', 'click', 'forward', 'comment'] as const
const next = z.string().nullable().describe('the cursor of the next page; null behind the last')

const inEveryVerdict = {
  verdictId: z.string(),
  revision: z.number().int().min(1),
  status: z.enum(statuses),
  offence: z.enum(offences),
  subject,
  accountId: z.string(),
  role: z.enum(roles),
  recommendation: z.enum(recommendations),
  mode: z.enum(modes),
  score: share,
  qValue: share,
  window,
  detectedAt: timeMs,
  expiresAt: timeMs,
  counts,
}

const element = z.strictObject({
  element: z.string(),
  test: z.string(),
  observed: z.number(),
  expected: z.number(),
  pValue: share,
  sentence: z.string(),
})

const clusterEvents = z
  .array(
    z.strictObject({
      at: timeMs,
      change: z.enum(clusterEventKinds),
      size: count.describe('how many belonged to it since then; of one that ended, how many had'),
      other: z.string().nullable().optional().describe('the other cluster, where one took part'),
    }),
  )
  .describe('what happened to it, oldest first; of a long life the events that tell most')

export const verdictSchema = z.strictObject({
  ...inEveryVerdict,
  pValue: share,
  cluster: z
    .strictObject({
      ...{ id: z.string(), size: count, members: z.array(z.string()).max(200) },
      history: clusterEvents.nullable().optional(),
    })
    .nullable()
    .optional(),
  elements: z.array(element),
  evidence: z.strictObject({
    eventIds: z.array(z.string()).max(20),
    texts: z.array(z.string()).max(3),
    positions: z.array(z.strictObject({ log: z.string(), partition: count, from: count, to: count })),
  }),
  exonerating: z.array(z.string()),
  detector: z.string(),
  detectorVersion: z.number().int(),
  policyVersion: z.string(),
  statutes: z.array(z.string()),
})

export const verdictSummarySchema = z.strictObject({
  ...inEveryVerdict,
  cluster: z.strictObject({ id: z.string(), size: count }).nullable(),
  headline: z.string().describe('what was found and why, in a sentence or two'),
  position: count.describe('where it stands in the verdict log'),
})

const accountVerdict = verdictSummarySchema.extend({
  concern: z
    .enum(['subject', 'member', 'account'])
    .describe('it is about the account; it lists it in its cluster; or it only names it'),
})

const standing = z.strictObject({
  accountId: z.string(),
  recommendation: z
    .enum(recommendations)
    .nullable()
    .describe('the gravest live recommendation in force; null when there is none'),
  until: timeMs.nullable().describe('when the last verdict behind it expires'),
  verdicts: z.array(accountVerdict).describe('the verdicts in force, gravest first'),
})

const clusterSummary = z.strictObject({
  id: z.string(),
  size: count,
  detectedAt: timeMs,
  verdictIds: z.array(z.string()).max(50).describe('the verdicts that named it, newest first'),
})

const correction = z.strictObject({
  accountId: z.string(),
  contentId: z.string().nullable().optional(),
  kind: z.enum(kinds),
  hour: timeMs,
  raw: count,
  authentic: count,
  disputed: count,
  low: count,
  high: count,
  verdictIds: z.array(z.string()),
})

const nearMiss = z.strictObject({
  offence: z.enum(offences),
  detector: z.string(),
  window,
  pValue: share,
  elements: z.array(element).describe('what was found, where it came as far as a finding'),
  conditions: z.array(
    z.strictObject({
      name: z.enum(conditionNames),
      of: z.string().optional().describe('the trait, family of ties, origin or mark that it is about'),
      observed: z.number(),
      needed: z.number(),
      isMet: z.boolean(),
      expected: z.number().optional(),
      pValue: share.optional(),
      sentence: z.string(),
    }),
  ),
})

const explanation = z.strictObject({
  verdictId: z.string(),
  language: z.enum(languages),
  title: z.string(),
  headline: z.string().describe('what was found and why, in a sentence or two'),
  sections: z.array(
    z.strictObject({
      name: z.enum(sectionNames),
      title: z.string(),
      items: z.array(
        z.strictObject({
          text: z.string(),
          details: z.array(z.string()),
          isVerbatim: z.boolean().optional().describe('to be copied as it is'),
        }),
      ),
    }),
  ),
})

const tieFamily = z.enum(Object.keys(tieFamilies) as [TieFamily, ...TieFamily[]])
const pair = { a: z.string(), b: z.string(), family: tieFamily }
const clusterTies = z.strictObject({
  clusterId: z.string(),
  bornMs: timeMs,
  lastMs: timeMs.describe('when its members or its ties changed last'),
  size: count,
  members: z.array(z.strictObject({ id: z.string(), type: z.enum(['account', 'actor']) })).max(200),
  ties: z.array(
    z.union([
      z.strictObject({
        ...pair,
        act: z.enum(actFamilies).describe('what both did'),
        count: count.describe('how often within the span of each other'),
        expected: z.number().min(0).describe('how often chance brings that about'),
        pValue: share,
        withinMs: count,
        fromMs: timeMs,
        toMs: timeMs,
      }),
      z.strictObject(pair).describe('something that stands behind both, such as a device'),
    ]),
  ),
  tiesLeftOut: count.describe('ties beyond those that are listed'),
})

const flow = z.strictObject({
  atMs: z.number().int().describe('the clock when this was counted, in milliseconds since 1970'),
  nowMs: z.number().int().describe('the moment at which standings are judged'),
  asOfMs: timeMs.nullable().describe('up to where accounts are judged here; null where nobody here does'),
  records: count.describe('raw records read, whatever became of them'),
  events: z
    .strictObject(Object.fromEntries(eventKinds.map((kind) => [kind, count.optional()])))
    .describe('events that were folded, by kind'),
  duplicates: count,
  tooLate: count.describe('events behind the watermark of their own raw partition'),
  deadLetters: count,
  deadLettersByReason: z.record(z.string(), count),
  verdicts: count,
  corrections: count,
  tasks: z
    .array(z.strictObject({ name: z.string(), lag: count, isReady: z.boolean() }))
    .describe('what this instance does, and how many records wait for it'),
})

/** What is answered, by the name it has in the document. */
export const responses = {
  Alive: z.strictObject({ alive: z.literal(true) }),
  Readiness: z.strictObject({ ready: z.boolean(), reasons: z.array(z.string()) }),
  Verdict: verdictSchema,
  VerdictSummary: verdictSummarySchema,
  VerdictPage: z.strictObject({ items: z.array(verdictSummarySchema), next }),
  AccountVerdictPage: z.strictObject({ items: z.array(accountVerdict), next }),
  Account: z.strictObject({
    accountId: z.string(),
    standing,
    counts: z
      .strictObject(Object.fromEntries(kinds.map((kind) => [kind, counts.optional()])))
      .describe('sums of the hours that were corrected, by kind'),
    clusters: z.array(clusterSummary),
    verdicts: z.array(accountVerdict).max(20).describe('the newest'),
  }),
  CorrectionPage: z.strictObject({ items: z.array(correction), next }),
  Cluster: clusterSummary.extend({
    members: z.array(z.string()).max(200),
    history: clusterEvents.nullable().optional(),
  }),
  ClusterPage: z.strictObject({ items: z.array(clusterSummary), next }),
  Policy: policySchema,
  WhyNot: z.strictObject({
    accountId: z.string(),
    asOf: timeMs.nullable().describe('up to where it was measured; null where nobody here measures'),
    now: z.array(nearMiss).describe('of each offence what was measured lately, nearest first'),
    past: z.array(nearMiss).describe('the nearest it ever came; a service keeps none'),
    exempt: z.array(z.strictObject({ offence: z.enum(offences), reason: z.string() })),
    verdictIds: z.array(z.string()).describe('left empty by a service: see the verdicts of the account'),
    elsewhere: z
      .array(z.string())
      .describe('views that run in another instance, which must be asked as well'),
  }),
  PolicyComparison: z.strictObject({
    inForce: z.string(),
    other: z.string(),
    differences: z.array(
      z.strictObject({
        setting: z.string(),
        before: z.unknown().describe('in the policy in force; null where it does not have it'),
        after: z.unknown(),
        meaning: z.string(),
      }),
    ),
  }),
  Backtests: z.strictObject({
    items: z
      .array(reportSchema.extend({ name: z.string().describe('the file of the report') }).strict())
      .describe('newest first; of their lists the first few hundred, while the figures count all'),
  }),
  Explanation: explanation,
  ClusterTies: clusterTies,
  ClusterHistory: z.strictObject({
    clusterId: z.string(),
    events: clusterEvents,
    isOfVerdict: z
      .boolean()
      .describe('told by the latest verdict that named it, since nobody here knows of it now'),
  }),
  Flow: flow,
  FeedbackTaken: z.strictObject({ eventId: z.string() }),
  Error: z.strictObject({
    error: z.strictObject({
      code: z.enum(Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      expected: z.string().optional(),
    }),
  }),
  Document: z.looseObject({ openapi: z.string() }),
} as const
export type ResponseName = keyof typeof responses

export const id = z
  .string()
  .refine(isId, 'an id of 1 to 256 bytes of UTF-8 was expected')
  .meta({ minLength: 1, maxLength: 256 })

const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('how many at most'),
  cursor: z.string().min(1).max(512).optional().describe('what the page before gave as next'),
}
const lang = { lang: z.enum(languages).default('en').describe('the language it is told in') }
const hour = z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional()

/** What may be asked, by where it stands in a request. */
export const requests = {
  nothing: z.strictObject({}),
  page: z.strictObject(page),
  told: z.strictObject(lang),
  toldPage: z.strictObject({ ...page, ...lang }),
  verdicts: z.strictObject({
    ...page,
    ...lang,
    offence: z.enum(offences).optional(),
    recommendation: z.enum(recommendations).optional(),
    status: z.enum(statuses).optional(),
    mode: z.enum(modes).optional(),
  }),
  corrections: z.strictObject({
    ...page,
    kind: z.enum(kinds).optional(),
    contentId: id.optional(),
    fromMs: hour.describe('the first hour, in milliseconds since 1970'),
    toMs: hour.describe('where the range ends, itself outside'),
  }),
  feedback: z.strictObject({
    verdictId: id,
    decision: z.enum(['confirmed', 'overturned']).describe('the verdict stands, or it was wrong'),
    actorId: id.describe('the reviewer, or the body that heard the appeal'),
    eventId: id.optional().describe('the same id twice counts once; one is made when it is left out'),
  }),
} as const
