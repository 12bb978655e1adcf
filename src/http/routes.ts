import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { headlineIn } from '../explain/headline'
import { nameOf } from '../explain/name'
import { storyOf } from '../explain/story'
import { wordsOf } from '../explain/words'
import type { Language } from '../explain/words/words'
import { differencesOf } from '../policy/difference'
import { policySchema } from '../policy/policy'
import type { AccountVerdict, PageQuery, StandingReader } from '../store/standing'
import { ApiError } from './errors'
import type { ErrorCode } from './errors'
import { inLanguage } from './headlines'
import { id, requests } from './schemas'
import type { ResponseName } from './schemas'
import type { HttpOptions } from './server'

/** One thing that can be asked: how, what is checked, what comes back. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** With `:name` where an id stands. */
  readonly path: string
  readonly summary: string
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly body?: z.ZodObject
  readonly needsToken?: boolean
  readonly answer: { readonly status: number; readonly type: string; readonly schema?: ResponseName }
  readonly errors: readonly ErrorCode[]
  /** What is answered, or what is answered with another status than usual. */
  readonly handle: (asked: Asked) => unknown
}

/** A request as it was checked. */
export interface Asked {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/** An answer whose status is not the usual one. */
export class OtherStatus {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

/** Everything that can be asked, but live events, which are a stream, and the document, which is made of these. */
export function routesOf(options: HttpOptions): readonly Route[] {
  const { standing, readiness, registry, policy, feedback, whyNot, flow, nowMs = Date.now } = options
  const { ties, clusterEvents, backtests = [] } = options
  const policyInForce = () => {
    const inForce = policy()
    if (inForce === undefined)
      throw new ApiError('unreachable', 'this instance does not decide now; ask the others')
    return inForce
  }
  return [
    route({
      path: '/livez',
      summary: 'Whether the process turns.',
      answer: json('Alive'),
      handle: () => ({ alive: true }),
    }),
    route({
      path: '/readyz',
      summary: 'Whether the service does its work; 503 and why not otherwise.',
      answer: json('Readiness'),
      handle: () => {
        const reasons = readiness()
        const body = { ready: reasons.length === 0, reasons }
        return body.ready ? body : new OtherStatus(503, body)
      },
    }),
    route({
      path: '/metrics',
      summary: 'The metrics in the text format of Prometheus.',
      answer: { status: 200, type: registry.contentType },
      handle: () => registry.metrics(),
    }),
    route({
      path: '/api/v1/verdicts',
      summary: 'The newest verdicts. A page may be short and yet have a next one.',
      query: requests.verdicts,
      answer: json('VerdictPage'),
      errors: ['bad-cursor', ...served],
      handle: async ({ query: { lang, ...query } }) => {
        const { items, next } = await standing.verdicts(query)
        return { items: await inLanguage(items, lang, standing), next }
      },
    }),
    route({
      path: '/api/v1/verdicts/:verdictId',
      summary: 'A verdict by its highest revision, with all its evidence.',
      params: z.strictObject({ verdictId: id }),
      answer: json('Verdict'),
      errors: ['bad-id', 'unknown-verdict', ...served],
      handle: ({ params: { verdictId } }) => verdictOf(standing, verdictId),
    }),
    route({
      path: '/api/v1/verdicts/:verdictId/explanation',
      summary:
        'A verdict as a person reads it: what was decided, how to check it, what to answer to an appeal.',
      params: z.strictObject({ verdictId: id }),
      query: requests.told,
      answer: json('Explanation'),
      errors: ['bad-id', 'unknown-verdict', 'unreachable', ...served],
      handle: async ({ params: { verdictId }, query: { lang } }) => {
        const [first, ...others] = await standing.revisions(verdictId)
        if (first === undefined) throw unknownVerdict()
        const words = wordsOf[lang]
        const { language, verdict, sections } = storyOf([first, ...others], {
          policy: policyInForce(),
          words,
        })
        const title = words.title(nameOf(verdictId))
        return { verdictId, language, title, headline: headlineIn(verdict, words), sections }
      },
    }),
    route({
      path: '/api/v1/accounts/:accountId',
      summary: 'What is known of an account: standing, corrected counts, clusters, newest verdicts.',
      params: z.strictObject({ accountId: id }),
      query: requests.told,
      answer: json('Account'),
      errors: ['bad-id', ...served],
      handle: ({ params: { accountId }, query: { lang } }) =>
        accountOf(standing, accountId, { nowMs: nowMs(), language: lang }),
    }),
    route({
      path: '/api/v1/accounts/:accountId/verdicts',
      summary: 'The verdicts that concern an account, newest first.',
      params: z.strictObject({ accountId: id }),
      query: requests.toldPage,
      answer: json('AccountVerdictPage'),
      errors: ['bad-id', 'bad-cursor', ...served],
      handle: async ({ params: { accountId }, query: { lang, ...query } }) => {
        const { items, next } = await standing.verdictsOf(accountId, query)
        return { items: await inLanguage(items, lang, standing), next }
      },
    }),
    route({
      path: '/api/v1/accounts/:accountId/corrections',
      summary: 'The corrected numbers of an account by kind, content and hour, newest hour first.',
      params: z.strictObject({ accountId: id }),
      query: requests.corrections,
      answer: json('CorrectionPage'),
      errors: ['bad-id', 'bad-cursor', ...served],
      handle: ({ params: { accountId }, query }) => standing.correctionsOf(accountId, query),
    }),
    route({
      path: '/api/v1/clusters',
      summary: 'The clusters that were named last.',
      query: requests.page,
      answer: json('ClusterPage'),
      errors: ['bad-cursor', ...served],
      handle: ({ query }) => standing.clusters(query),
    }),
    route({
      path: '/api/v1/clusters/:clusterId',
      summary: 'A cluster and its members.',
      params: z.strictObject({ clusterId: id }),
      answer: json('Cluster'),
      errors: ['bad-id', 'unknown-cluster', ...served],
      handle: ({ params: { clusterId } }) => clusterOf(standing, clusterId),
    }),
    route({
      path: '/api/v1/clusters/:clusterId/history',
      summary:
        'How a cluster came about, grew, merged, split and ended: by the view that runs in this instance, else until the latest verdict that named it.',
      params: z.strictObject({ clusterId: id }),
      answer: json('ClusterHistory'),
      errors: ['bad-id', 'unknown-cluster', ...served],
      handle: async ({ params: { clusterId } }) => {
        const known = clusterEvents?.(clusterId)
        if (known !== undefined) return { ...known, isOfVerdict: false }
        const { history } = await clusterOf(standing, clusterId)
        return { clusterId, events: history ?? [], isOfVerdict: true }
      },
    }),
    route({
      path: '/api/v1/clusters/:clusterId/ties',
      summary: 'What ties the members of a cluster, pair by pair, by the view that runs in this instance.',
      params: z.strictObject({ clusterId: id }),
      answer: json('ClusterTies'),
      errors: ['bad-id', 'unknown-cluster', 'not-provided'],
      handle: ({ params: { clusterId } }) => {
        if (ties === undefined) throw notProvided('what ties a cluster is not told by this service')
        const found = ties(clusterId)
        if (found === undefined) {
          throw new ApiError(
            'unknown-cluster',
            'this instance knows of no such cluster now: it has dissolved, or another instance keeps it',
          )
        }
        return found
      },
    }),
    route({
      path: '/api/v1/flow',
      summary:
        'What came in so far and what waits, as this instance counts it: the counters of /metrics as JSON.',
      answer: json('Flow'),
      errors: ['not-provided'],
      handle: () => {
        if (flow === undefined) throw notProvided('the flow is not told by this service')
        return { atMs: Date.now(), nowMs: nowMs(), ...flow() }
      },
    }),
    route({
      path: '/api/v1/policy',
      summary: 'The policy in force. In a service of several instances, the one that decides knows it.',
      answer: json('Policy'),
      errors: ['unreachable'],
      handle: policyInForce,
    }),
    route({
      method: 'POST',
      path: '/api/v1/policy/comparison',
      summary: 'In which settings another policy differs from the one in force; changes nothing.',
      body: policySchema,
      answer: json('PolicyComparison'),
      errors: ['bad-body', 'unreachable', 'too-long', 'wrong-media-type'],
      handle: ({ body: other }) => {
        const inForce = policyInForce()
        return {
          inForce: inForce.version,
          other: other.version,
          differences: differencesOf(inForce, other),
        }
      },
    }),
    route({
      path: '/api/v1/policy/backtests',
      summary:
        'What other policies would have decided over the same events, as "assay backtest" compared it.',
      answer: json('Backtests'),
      handle: () => ({ items: backtests }),
    }),
    route({
      path: '/api/v1/why-not/:accountId',
      summary: 'Why an account has no verdict: what was measured, and what one would need.',
      params: z.strictObject({ accountId: id }),
      query: requests.told,
      answer: json('WhyNot'),
      errors: ['bad-id', 'unknown-account', 'not-provided', ...served],
      handle: ({ params: { accountId }, query: { lang } }) => {
        if (whyNot === undefined) throw notProvided('why there is no verdict is not told by this service')
        const answer = whyNot(accountId, lang)
        if (answer === undefined)
          throw new ApiError('unknown-account', 'nothing was measured of this account')
        return answer
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/feedback',
      summary: 'Says that a verdict stands, or that it was wrong.',
      body: requests.feedback,
      needsToken: true,
      answer: { ...json('FeedbackTaken'), status: 202 },
      errors: ['bad-id', 'unknown-verdict', 'not-provided', 'unreachable', 'too-many-requests', ...served],
      handle: async ({ body: { verdictId, decision, actorId, eventId = randomUUID() } }) => {
        if (feedback === undefined) throw notProvided('feedback is not taken by this service')
        const { accountId } = await verdictOf(standing, verdictId)
        await feedback({ eventId, occurredAt: nowMs(), actorId, accountId, verdictId, decision })
        return { eventId }
      },
    }),
  ]
}

async function verdictOf(standing: StandingReader, verdictId: string) {
  const verdict = await standing.verdict(verdictId)
  if (verdict === undefined) throw unknownVerdict()
  return verdict
}

async function clusterOf(standing: StandingReader, clusterId: string) {
  const cluster = await standing.cluster(clusterId)
  if (cluster === undefined) throw new ApiError('unknown-cluster', 'no verdict names a cluster of this id')
  return cluster
}

function unknownVerdict(): ApiError {
  return new ApiError('unknown-verdict', 'there is no verdict of this id')
}

async function accountOf(
  standing: StandingReader,
  accountId: string,
  { nowMs, language }: { readonly nowMs: number; readonly language: Language },
) {
  const newest: PageQuery = { limit: 20 }
  const [standingNow, counts, clusters, verdicts] = await Promise.all([
    standing.standingOf(accountId, nowMs),
    standing.totalsOf(accountId),
    standing.clustersOf(accountId),
    standing.verdictsOf(accountId, newest),
  ])
  const told = (summaries: readonly AccountVerdict[]) => inLanguage(summaries, language, standing)
  return {
    ...{ accountId, counts, clusters },
    standing: { ...standingNow, verdicts: await told(standingNow.verdicts) },
    verdicts: await told(verdicts.items),
  }
}

const served: readonly ErrorCode[] = ['standing-unreachable']

function json(schema: ResponseName) {
  return { status: 200, type: 'application/json; charset=utf-8', schema }
}

function notProvided(message: string): ApiError {
  return new ApiError('not-provided', message)
}

type Shape = z.ZodObject

/** Completes a route; what its handler gets has the types of its schemas. */
function route<
  Params extends Shape = typeof requests.nothing,
  Query extends Shape = typeof requests.nothing,
  Body extends Shape = typeof requests.nothing,
>(
  given: Pick<Route, 'path' | 'summary' | 'answer' | 'needsToken'> & {
    readonly method?: 'POST'
    readonly params?: Params
    readonly query?: Query
    readonly body?: Body
    readonly errors?: readonly ErrorCode[]
    readonly handle: (asked: {
      readonly params: z.output<Params>
      readonly query: z.output<Query>
      readonly body: z.output<Body>
    }) => unknown
  },
): Route {
  const { method = 'GET', params = requests.nothing, query = requests.nothing, errors = [], handle } = given
  return {
    ...given,
    method,
    params,
    query,
    errors,
    // What was checked by the schemas has the types that they say.
    handle: (asked) => handle(asked as never),
  }
}
