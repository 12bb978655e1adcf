import { useState } from 'preact/hooks'
import { ask, askAll, pathOf, useAsked } from '../api'
import type { Answer } from '../api'
import { chance, measured, moment, whole } from '../format'
import { isFormer, RecommendationBadge } from '../parts/badges'
import { CountsChart, hoursOf } from '../parts/counts-chart'
import { Answered } from '../parts/states'
import { Id, Moment, Written } from '../parts/text'
import { useSettings, useWords } from '../settings'
import { VerdictRow } from './flow'

type Account = Answer<'Account'>
type Kind = 'subscription' | 'click' | 'forward' | 'comment'

/** Everything that is known of one account. */
export function AccountPage({ id }: { id: string }) {
  const { words, language } = useSettings()
  const asked = useAsked(`account ${id} ${language}`, (signal) =>
    ask('Account', pathOf('accounts', id, `?lang=${language}`), { signal }),
  )
  return (
    <>
      <header class="page-head">
        <p class="kicker">{words.account.title}</p>
        <h1>
          <Written text={id} className="id" />
        </h1>
      </header>
      <Answered asked={asked}>
        {(account) => (
          <>
            <Standing account={account} />
            <Counts account={account} />
            <Verdicts account={account} />
            <Clusters clusters={account.clusters} />
          </>
        )}
      </Answered>
      <WhyNot id={id} />
    </>
  )
}

function Standing({ account: { standing } }: { account: Account }) {
  const words = useWords()
  return (
    <section class="card" aria-labelledby="standing-title">
      <h2 id="standing-title">{words.account.standing}</h2>
      {standing.recommendation === null ? (
        <p>{words.account.nothing}</p>
      ) : (
        <p class="standing">
          <RecommendationBadge is={standing.recommendation} /> {words.rungs[standing.recommendation]}
          {standing.until === null ? null : <> · {words.account.until(moment(standing.until))}</>}
        </p>
      )}
    </section>
  )
}

function Counts({ account: { accountId, counts } }: { account: Account }) {
  const words = useWords()
  const kinds = (['subscription', 'click', 'forward', 'comment'] as const).filter(
    (kind) => counts[kind] !== undefined,
  )
  const [chosen, setChosen] = useState<Kind>()
  const kind = chosen !== undefined && kinds.includes(chosen) ? chosen : kinds[0]
  return (
    <section class="card" aria-labelledby="counts-title">
      <h2 id="counts-title">{words.account.counts}</h2>
      {kind === undefined ? (
        <p>{words.account.noCounts}</p>
      ) : (
        <>
          <p class="hint">{words.account.countsHint}</p>
          <div class="choices" role="group" aria-label={words.flow.events}>
            {kinds.map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={one === kind}
                onClick={() => {
                  setChosen(one)
                }}
              >
                {words.kinds[one]}{' '}
                <small>{words.sum(whole(counts[one]!.raw), whole(counts[one]!.authentic))}</small>
              </button>
            ))}
          </div>
          <KindCounts accountId={accountId} kind={kind} />
        </>
      )}
    </section>
  )
}

function KindCounts({ accountId, kind }: { accountId: string; kind: Kind }) {
  const words = useWords()
  const asked = useAsked(`corrections ${kind} ${accountId}`, async (signal) => {
    const path = pathOf('accounts', accountId, `/corrections?limit=200&kind=${kind}`)
    const { items, isWhole } = await askAll(path, mostPages, signal)
    return { hours: hoursOf(items), isWhole }
  })
  return (
    <Answered asked={asked}>
      {({ hours, isWhole }) => (
        <>
          <CountsChart hours={hours} label={words.account.chart(words.kinds[kind])} />
          {isWhole ? null : <p class="hint">{words.account.partial}</p>}
        </>
      )}
    </Answered>
  )
}

function Verdicts({ account: { accountId, verdicts } }: { account: Account }) {
  const words = useWords()
  const [isWhole, setIsWhole] = useState(false)
  return (
    <section class="card" aria-labelledby="verdicts-title">
      <h2 id="verdicts-title">{words.account.verdicts}</h2>
      {verdicts.length === 0 ? <p>{words.account.noVerdicts}</p> : null}
      {isWhole ? (
        <AllVerdicts accountId={accountId} />
      ) : (
        <>
          <AccountVerdicts items={verdicts} />
          {verdicts.length < 20 ? null : (
            <button
              type="button"
              onClick={() => {
                setIsWhole(true)
              }}
            >
              {words.more}
            </button>
          )}
        </>
      )}
    </section>
  )
}

function AllVerdicts({ accountId }: { accountId: string }) {
  const { language } = useSettings()
  const asked = useAsked(`verdicts ${accountId} ${language}`, (signal) =>
    ask('AccountVerdictPage', pathOf('accounts', accountId, `/verdicts?limit=200&lang=${language}`), {
      signal,
    }),
  )
  return <Answered asked={asked}>{({ items }) => <AccountVerdicts items={items} />}</Answered>
}

function AccountVerdicts({ items }: { items: Account['verdicts'] }) {
  const words = useWords()
  return (
    <ol class="verdicts">
      {[...items]
        .sort((one, other) => Number(isFormer(one.status)) - Number(isFormer(other.status)))
        .map((summary) => (
          <VerdictRow
            key={summary.verdictId}
            summary={summary}
            note={words.account.concern[summary.concern]}
          />
        ))}
    </ol>
  )
}

function Clusters({ clusters }: { clusters: Account['clusters'] }) {
  const words = useWords()
  if (clusters.length === 0) return null
  return (
    <section class="card" aria-labelledby="clusters-title">
      <h2 id="clusters-title">{words.account.clusters}</h2>
      <ClusterList clusters={clusters} />
    </section>
  )
}

export function ClusterList({ clusters }: { clusters: Account['clusters'] }) {
  const words = useWords()
  return (
    <ul class="list">
      {clusters.map(({ id, size, detectedAt, verdictIds }) => (
        <li key={id}>
          <Id id={id} page="cluster" />
          <span>{words.cluster.size(whole(size))}</span>
          <small>
            {words.cluster.named} <Moment at={detectedAt} /> · {words.account.verdicts}: {verdictIds.length}
          </small>
        </li>
      ))}
    </ul>
  )
}

function WhyNot({ id }: { id: string }) {
  const { language, words } = useSettings()
  const asked = useAsked(`why-not ${language} ${id}`, (signal) =>
    ask('WhyNot', pathOf('why-not', id, `?lang=${language}`), { signal }),
  )
  return (
    <section class="card" aria-labelledby="why-not-title">
      <h2 id="why-not-title">{words.account.whyNot}</h2>
      <p class="hint">{words.account.whyNotHint}</p>
      <Answered asked={asked}>
        {({ asOf, now, past, exempt, elsewhere }) => (
          <>
            {asOf === null ? null : <p class="hint">{words.account.asOf(moment(asOf))}</p>}
            {elsewhere.length === 0 ? null : <p class="state quiet">{words.elsewhere}</p>}
            {now.length + past.length + exempt.length === 0 ? <p>{words.account.noWhyNot}</p> : null}
            {exempt.map(({ offence, reason }) => (
              <p key={`${offence} ${reason}`}>
                <strong>
                  {words.account.exempt}: {words.offences[offence]}.
                </strong>{' '}
                <Written text={reason} />
              </p>
            ))}
            {[...now, ...past].map((miss, at) => (
              <Miss key={`${miss.detector} ${at}`} miss={miss} />
            ))}
          </>
        )}
      </Answered>
    </section>
  )
}

function Miss({ miss: { offence, window, conditions } }: { miss: Answer<'WhyNot'>['now'][number] }) {
  const words = useWords()
  const met = conditions.filter(({ isMet }) => isMet).length
  return (
    <details class="miss">
      <summary>
        <strong>{words.offences[offence]}</strong>
        <meter
          min={0}
          max={conditions.length}
          value={met}
          aria-label={`${words.account.met}: ${met} / ${conditions.length}`}
        />
        <small>
          {words.account.met} {met} / {conditions.length}
        </small>
      </summary>
      <p class="hint">
        <Moment at={window.start} /> – <Moment at={window.end} />
      </p>
      <ul class="conditions">
        {conditions.map((condition, at) => (
          <li key={`${condition.name} ${at}`} class={condition.isMet ? 'met' : 'unmet'}>
            <span class="mark">
              {condition.isMet ? `✓ ${words.account.met}` : `– ${words.account.unmet}`}
            </span>{' '}
            <Written text={condition.sentence} />{' '}
            <small>
              {measured(condition.observed)} · {words.account.needed}{' '}
              {condition.needed < 0.001 ? chance(condition.needed) : measured(condition.needed)}
            </small>
          </li>
        ))}
      </ul>
    </details>
  )
}

const mostPages = 10
