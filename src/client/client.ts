import type { z } from 'zod'
import type { requests, responses } from '../http/schemas'
import { AssayUnreachableError, AssayError, errorFrom } from './errors'
import { listen } from './live-events'
import type { ListenOptions, LiveEvent } from './live-events'

type Answer<Name extends keyof typeof responses> = z.output<(typeof responses)[Name]>
type Query<Name extends keyof typeof requests> = z.input<(typeof requests)[Name]>
/** What is asked, with numbers as numbers; the service's own schema takes them as text. */
type Asked<Name extends keyof typeof requests> = {
  readonly [Key in keyof Query<Name>]: unknown extends Query<Name>[Key] ? number : Query<Name>[Key]
}

export type Page = Asked<'page'>
export type VerdictQuery = Asked<'verdicts'>
export type CorrectionQuery = Asked<'corrections'>
export type FeedbackGiven = Asked<'feedback'>
export type VerdictPage = Answer<'VerdictPage'>
export type AccountVerdictPage = Answer<'AccountVerdictPage'>
export type Account = Answer<'Account'>
export type CorrectionPage = Answer<'CorrectionPage'>
export type Cluster = Answer<'Cluster'>
export type ClusterPage = Answer<'ClusterPage'>
export type VerdictInFull = Answer<'Verdict'>
export type VerdictSummary = Answer<'VerdictSummary'>
export type PolicyInForce = Answer<'Policy'>
export type WhyNot = Answer<'WhyNot'>
export type Readiness = Answer<'Readiness'>
export type Explanation = Answer<'Explanation'>
export type ClusterTies = Answer<'ClusterTies'>
export type Backtests = Answer<'Backtests'>
export type ClusterHistory = Answer<'ClusterHistory'>
export type Flow = Answer<'Flow'>
export type PolicyComparison = Answer<'PolicyComparison'>
/** In which language something is told; English where it is left out. */
export type Told = Asked<'told'>

export interface ClientOptions {
  /** Where an instance listens, such as `http://127.0.0.1:8080`. */
  readonly baseUrl: string
  /** Needed to change something. */
  readonly token?: string
  /** How long one answer may take; live events have no end and are watched by their beat. Default 10 s. */
  readonly timeoutMs?: number
  /** What asks; `fetch` where it is left out. */
  readonly fetch?: typeof fetch
}

/** Ends a call early; it then rejects with the signal's reason. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/**
 * Asks an instance of assay over HTTP. A call rejects with an `AssayError` when the service refuses, and with an
 * `AssayUnreachableError` when it does not answer. Nothing is tried again, but live events, which go on by themselves.
 */
export class AssayClient {
  private readonly fetch: typeof fetch
  private readonly base: URL
  private readonly timeoutMs: number

  constructor(private readonly options: ClientOptions) {
    const { baseUrl, timeoutMs = 10_000, fetch: given = fetch } = options
    this.base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
    this.timeoutMs = timeoutMs
    this.fetch = given
  }

  /** Whether the service does its work, and why not. */
  async readiness(call: CallOptions = {}): Promise<Readiness> {
    const response = await this.ask('GET', ['readyz'], { ...call, isFine: (status) => status === 503 })
    return (await bodyOf(response)) as Readiness
  }

  verdicts(query: VerdictQuery = {}, call: CallOptions = {}): Promise<VerdictPage> {
    return this.get(['api', 'v1', 'verdicts'], { ...call, query })
  }

  /** A verdict by its highest revision; undefined when there is none of this id. */
  verdict(verdictId: string, call: CallOptions = {}): Promise<VerdictInFull | undefined> {
    return orNothing('unknown-verdict', this.get(['api', 'v1', 'verdicts', verdictId], call))
  }

  /** A verdict as a person reads it, and what to answer to an appeal; undefined when there is none of this id. */
  explanation(verdictId: string, query: Told = {}, call: CallOptions = {}): Promise<Explanation | undefined> {
    const path = ['api', 'v1', 'verdicts', verdictId, 'explanation']
    return orNothing('unknown-verdict', this.get(path, { ...call, query }))
  }

  /** What is known of an account. One that nobody has heard of is in good standing. */
  account(accountId: string, call: CallOptions = {}): Promise<Account> {
    return this.get(['api', 'v1', 'accounts', accountId], call)
  }

  accountVerdicts(accountId: string, query: Page = {}, call: CallOptions = {}): Promise<AccountVerdictPage> {
    return this.get(['api', 'v1', 'accounts', accountId, 'verdicts'], { ...call, query })
  }

  accountCorrections(
    accountId: string,
    query: CorrectionQuery = {},
    call: CallOptions = {},
  ): Promise<CorrectionPage> {
    return this.get(['api', 'v1', 'accounts', accountId, 'corrections'], { ...call, query })
  }

  clusters(query: Page = {}, call: CallOptions = {}): Promise<ClusterPage> {
    return this.get(['api', 'v1', 'clusters'], { ...call, query })
  }

  /** A cluster and its members; undefined when no verdict names one of this id. */
  cluster(clusterId: string, call: CallOptions = {}): Promise<Cluster | undefined> {
    return orNothing('unknown-cluster', this.get(['api', 'v1', 'clusters', clusterId], call))
  }

  /** What ties the members of a cluster now; undefined when this instance knows of none of this id. */
  clusterTies(clusterId: string, call: CallOptions = {}): Promise<ClusterTies | undefined> {
    return orNothing('unknown-cluster', this.get(['api', 'v1', 'clusters', clusterId, 'ties'], call))
  }

  /** How a cluster came about and what happened to it; undefined when this instance knows of none of this id. */
  clusterHistory(clusterId: string, call: CallOptions = {}): Promise<ClusterHistory | undefined> {
    return orNothing('unknown-cluster', this.get(['api', 'v1', 'clusters', clusterId, 'history'], call))
  }

  /** What came in so far and what waits, as this instance counts it. */
  flow(call: CallOptions = {}): Promise<Flow> {
    return this.get(['api', 'v1', 'flow'], call)
  }

  /** The policy in force, of the instance that decides; others refuse with `unreachable`. */
  policy(call: CallOptions = {}): Promise<PolicyInForce> {
    return this.get(['api', 'v1', 'policy'], call)
  }

  /** In which settings another policy differs from the one in force; changes nothing. */
  async comparePolicy(policy: object, call: CallOptions = {}): Promise<PolicyComparison> {
    const path = ['api', 'v1', 'policy', 'comparison']
    return (await bodyOf(await this.ask('POST', path, { ...call, body: policy }))) as PolicyComparison
  }

  /** What other policies would have decided over the same events, where this service was given reports of it. */
  backtests(call: CallOptions = {}): Promise<Backtests> {
    return this.get(['api', 'v1', 'policy', 'backtests'], call)
  }

  /** Why an account has no verdict; undefined when nothing was measured of it. */
  whyNot(accountId: string, query: Told = {}, call: CallOptions = {}): Promise<WhyNot | undefined> {
    return orNothing('unknown-account', this.get(['api', 'v1', 'why-not', accountId], { ...call, query }))
  }

  /** Says that a verdict stands, or that it was wrong; resolves when the service has it safe. Needs a token. */
  async sendFeedback(feedback: FeedbackGiven, call: CallOptions = {}): Promise<{ eventId: string }> {
    const response = await this.ask('POST', ['api', 'v1', 'feedback'], { ...call, body: feedback })
    return (await bodyOf(response)) as { eventId: string }
  }

  /**
   * New verdicts as they come, without end: behind `after`, or from now on. A connection that breaks or falls silent is
   * made anew, and goes on behind the last that was heard. Break out of the loop, or abort the signal, to stop.
   */
  events(options: ListenOptions = {}): AsyncGenerator<LiveEvent, void, undefined> {
    return listen(
      (headers, signal) => this.ask('GET', eventsPath, { headers, signal, isEndless: true }),
      options,
    )
  }

  private async get<T>(path: readonly string[], asked: AskOptions): Promise<T> {
    return (await bodyOf(await this.ask('GET', path, asked))) as T
  }

  private async ask(method: string, path: readonly string[], asked: AskOptions): Promise<Response> {
    const { query = {}, headers, body, signal, isEndless = false, isFine = () => false } = asked
    const url = new URL(path.map(encodeURIComponent).join('/'), this.base)
    for (const [name, value] of Object.entries(query) as [string, string | number | undefined][]) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const { token } = this.options
    const given = signal === undefined ? [] : [signal]
    const limits = isEndless ? given : [...given, AbortSignal.timeout(this.timeoutMs)]
    let response: Response
    try {
      response = await this.fetch(url, {
        method,
        headers: {
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.any(limits),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (error) {
      signal?.throwIfAborted()
      throw unreachable(this.base, error)
    }
    if (response.ok || isFine(response.status)) return response
    throw await errorFrom(response)
  }
}

interface AskOptions extends CallOptions {
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly isEndless?: boolean
  /** Statuses beside 2xx whose body is an answer. */
  readonly isFine?: (status: number) => boolean
}

const eventsPath = ['api', 'v1', 'events']

/** Gives every item of a list, page by page, as they are asked for. */
export async function* itemsOf<Item>(
  page: (cursor: {
    readonly cursor?: string
  }) => Promise<{ readonly items: Item[]; readonly next: string | null }>,
): AsyncGenerator<Item, void, undefined> {
  for (let next: string | null | undefined; next !== null;) {
    const found = await page(next === undefined ? {} : { cursor: next })
    yield* found.items
    next = found.next
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    throw new AssayUnreachableError('the answer of assay ended in the middle, or is no JSON', {
      cause: error,
    })
  }
}

async function orNothing<T>(code: AssayError['code'], asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof AssayError && error.code === code) return undefined
    throw error
  }
}

function unreachable(base: URL, error: unknown): AssayUnreachableError {
  const why = (error as Error).name === 'TimeoutError' ? 'did not answer in time' : 'cannot be reached'
  return new AssayUnreachableError(`assay at ${base.origin} ${why}; see whether it runs and listens there`, {
    cause: error,
  })
}
