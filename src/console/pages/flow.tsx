import { useState } from 'preact/hooks'
import { modes, offences, recommendations, statuses } from '../../model/records'
import type { Filter, Summary } from '../feed'
import { filterNames, queryOf, useFeed } from '../feed'
import { brief, moment, rate, whole } from '../format'
import { isFormer, ModeBadge, RecommendationBadge, StatusBadge } from '../parts/badges'
import { Spark } from '../parts/spark'
import { Failed } from '../parts/states'
import { Id, Moment, Written } from '../parts/text'
import type { Rates } from '../rates'
import { useRates } from '../use-rates'
import { addressOf } from '../places'
import { goTo } from '../router'
import { useSettings, useWords } from '../settings'

/** What comes in, what waits, and what is found, as it happens. */
export function FlowPage({ query }: { query: URLSearchParams }) {
  const words = useWords()
  return (
    <>
      <h1>{words.flow.title}</h1>
      <FlowFigures />
      <VerdictFeed query={query} />
    </>
  )
}

function FlowFigures() {
  const words = useWords()
  const rates = useRates()
  const { flow, isRising } = rates
  const lag = (flow?.tasks ?? []).reduce((sum, task) => sum + task.lag, 0)
  return (
    <section aria-label={words.flow.events}>
      <Condition {...rates} />
      {flow === undefined ? null : (
        <>
          <ul class="kinds">
            {Object.entries(flow.events).map(([kind, count = 0]) => (
              <KindRate key={kind} kind={kind} count={count} rates={rates.byKind[kind] ?? []} />
            ))}
          </ul>
          <dl class="figures">
            <Figure
              name={words.flow.lag}
              value={brief(lag)}
              hint={
                flow.tasks.map(({ name, lag: waiting }) => `${name} ${brief(waiting)}`).join(' · ') ||
                words.flow.lagHint
              }
            />
            <Figure
              name={words.flow.late}
              value={brief(flow.tooLate)}
              hint={words.flow.lateHint}
              isRising={isRising.tooLate}
            />
            <Figure
              name={words.flow.dead}
              value={brief(flow.deadLetters)}
              hint={
                Object.entries(flow.deadLettersByReason)
                  .map(([reason, count]) => `${reason} ${brief(count)}`)
                  .join(' · ') || words.flow.deadHint
              }
              isRising={isRising.deadLetters}
            />
            <Figure
              name={words.flow.duplicates}
              value={brief(flow.duplicates)}
              hint={words.flow.duplicatesHint}
            />
            <Figure name={words.flow.verdicts} value={brief(flow.verdicts)} hint={words.flow.verdictsHint} />
            <Figure
              name={words.flow.asOf}
              value={flow.asOfMs === null ? '–' : moment(flow.asOfMs).replace(` ${words.utc}`, '')}
              hint={words.flow.asOfHint}
            />
          </dl>
        </>
      )}
    </section>
  )
}

/** Whether all is well, in a line; and if not, why. */
function Condition({ readiness, error, flow }: Rates) {
  const words = useWords()
  if (readiness === undefined && error === undefined && flow === undefined) {
    return (
      <p class="condition loading" role="status">
        {words.loading}
      </p>
    )
  }
  if (readiness === undefined) {
    return (
      <p class="condition bad" role="alert">
        <span aria-hidden="true">✕</span> {words.flow.silent}
      </p>
    )
  }
  return (
    <div class={readiness.ready ? 'condition good' : 'condition bad'} role="status">
      <p>
        <span aria-hidden="true">{readiness.ready ? '✓' : '✕'}</span>{' '}
        {readiness.ready ? words.flow.ready : words.flow.notReady}
        {error?.code === 'not-provided' ? ` ${words.flow.notTold}` : ''}
      </p>
      {readiness.ready ? null : (
        <ul>
          {readiness.reasons.map((reason) => (
            <li key={reason}>
              <Written text={reason} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function KindRate({ kind, count, rates }: { kind: string; count: number; rates: readonly number[] }) {
  const words = useWords()
  const name = (words.kinds as Readonly<Record<string, string>>)[kind] ?? kind
  const now = rates.at(-1) ?? 0
  return (
    <li class="kind">
      <span class="kind-name">{name}</span>
      <span class="kind-rate">
        <strong>{rate(now)}</strong> <small>{words.flow.perSecond}</small>
      </span>
      <Spark values={rates} label={words.flow.perSecondOf(name, rate(now))} />
      <small class="kind-sum">{words.flow.inAll(whole(count))}</small>
    </li>
  )
}

function Figure({
  name,
  value,
  hint,
  isRising = false,
}: {
  name: string
  value: string
  hint: string
  isRising?: boolean
}) {
  const words = useWords()
  return (
    <div class={isRising ? 'figure rising' : 'figure'}>
      <dt>{name}</dt>
      <dd>
        <strong class={value.length > longestFigure ? 'long' : ''}>{value}</strong>
        {isRising ? <span class="badge warning">▲ {words.flow.rising}</span> : null}
        <small>{hint}</small>
      </dd>
    </div>
  )
}

const longestFigure = 10

function VerdictFeed({ query }: { query: URLSearchParams }) {
  const { words, language } = useSettings()
  const filter = filterIn(query)
  const [isPaused, setIsPaused] = useState(false)
  const [isTouched, setIsTouched] = useState(false)
  const [most, setMost] = useState(fewShown)
  const feed = useFeed(filter, { isHeld: isPaused || isTouched, most, language })
  const isFiltered = queryOf(filter) !== ''
  const hold = (): void => {
    setIsTouched(true)
  }
  const letGo = (): void => {
    setIsTouched(false)
  }
  return (
    <section aria-labelledby="feed-title">
      <div class="feed-head">
        <h2 id="feed-title">{words.feed.title}</h2>
        <p class={`connection ${isPaused ? 'paused' : feed.state}`} role="status">
          {isPaused ? words.feed.paused : words.feed[feed.state]}
        </p>
        <button
          type="button"
          aria-pressed={isPaused}
          onClick={() => {
            setIsPaused(!isPaused)
          }}
        >
          {isPaused ? words.feed.resume : words.feed.pause}
        </button>
        {feed.waiting > 0 && (isPaused || isTouched) ? (
          <button
            type="button"
            class="primary"
            onClick={() => {
              setIsPaused(false)
              setIsTouched(false)
            }}
          >
            {words.feed.waiting(feed.waiting)}
          </button>
        ) : null}
      </div>
      <Filters filter={filter} isFiltered={isFiltered} />
      {feed.error === undefined ? null : (
        <Failed
          error={feed.error}
          again={() => {
            location.reload()
          }}
        />
      )}
      {feed.items.length === 0 ? (
        <p class="state" role="status">
          {!feed.isLoaded ? words.loading : isFiltered ? words.feed.emptyFiltered : words.feed.empty}
        </p>
      ) : (
        // Whoever points at a row or has reached one by the keyboard does not want it to move away.
        <ol
          class="verdicts"
          onPointerEnter={hold}
          onPointerLeave={letGo}
          onFocusCapture={hold}
          onBlurCapture={letGo}
        >
          {feed.items.map((summary) => (
            <VerdictRow key={summary.verdictId} summary={summary} />
          ))}
        </ol>
      )}
      {most === fewShown && feed.items.length === fewShown ? (
        <p class="actions more">
          <button
            type="button"
            onClick={() => {
              setMost(manyShown)
            }}
          >
            {words.more}
          </button>
        </p>
      ) : null}
    </section>
  )
}

/** How many verdicts the list has at first, and how many when one asks for more. */
const fewShown = 60
const manyShown = 200

/** A verdict in a list: what, against whom, how grave, and since when. */
export function VerdictRow({ summary, note }: { summary: Summary; note?: string }) {
  const words = useWords()
  const { verdictId, offence, recommendation, status, mode, accountId, detectedAt, headline, counts } =
    summary
  return (
    <li class="row">
      <div class="row-badges">
        <RecommendationBadge is={recommendation} isFormer={isFormer(status)} />
        <ModeBadge is={mode} />
      </div>
      <div class="row-main">
        <p class="row-title">
          <a href={addressOf('verdict', verdictId)}>{words.offences[offence]}</a>
          <span class="row-account">
            <Id id={accountId} page="account" />
          </span>
          {note === undefined ? null : <small>{note}</small>}
        </p>
        <p class="row-headline">
          <Written text={headline} />
        </p>
      </div>
      <div class="row-counts">
        {counts.raw === 0 ? null : <small>{words.sum(brief(counts.raw), brief(counts.authentic))}</small>}
      </div>
      <div class="row-when">
        <StatusBadge is={status} />
        <Moment at={detectedAt} />
      </div>
    </li>
  )
}

function Filters({ filter, isFiltered }: { filter: Filter; isFiltered: boolean }) {
  const words = useWords()
  const choices = {
    offence: offences.map((one) => [one, words.offences[one]] as const),
    recommendation: recommendations.map((one) => [one, words.recommendations[one]] as const),
    status: statuses.map((one) => [one, words.statuses[one]] as const),
    mode: modes.map((one) => [one, words.modes[one]] as const),
  }
  return (
    <div class="filters" role="group" aria-label={words.feed.filters}>
      {filterNames.map((name) => (
        <label key={name}>
          <span>{words.feed[name]}</span>
          <select
            value={filter[name] ?? ''}
            onChange={({ currentTarget: { value } }) => {
              const changed = Object.entries({ ...filter, [name]: value }).filter(([, one]) => one !== '')
              goTo(`/?${queryOf(Object.fromEntries(changed))}`, { replaces: true })
            }}
          >
            <option value="">{words.feed.any}</option>
            {choices[name].map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
      ))}
      {isFiltered ? (
        <button
          type="button"
          onClick={() => {
            goTo('/', { replaces: true })
          }}
        >
          {words.feed.clear}
        </button>
      ) : null}
    </div>
  )
}

/** What the address asks for, as far as there is such a thing. */
function filterIn(query: URLSearchParams): Filter {
  const known: Readonly<Record<(typeof filterNames)[number], readonly string[]>> = {
    offence: offences,
    recommendation: recommendations,
    status: statuses,
    mode: modes,
  }
  return Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = query.get(name)
      return value !== null && known[name].includes(value) ? [[name, value]] : []
    }),
  )
}
