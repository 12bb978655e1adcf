import { useState } from 'preact/hooks'
import { ask, askAll, pathOf, useAsked } from '../api'
import type { Answer } from '../api'
import { chance, measured, span, whole } from '../format'
import { Members } from '../parts/members'
import { isFormer, ModeBadge, RecommendationBadge, StatusBadge } from '../parts/badges'
import { CountsChart, hoursOf } from '../parts/counts-chart'
import { Ladder } from '../parts/ladder'
import { Answered } from '../parts/states'
import { Id, Moment, plainly, Written } from '../parts/text'
import { Texts } from '../parts/texts'
import { languages, useSettings, useWords } from '../settings'
import type { Language } from '../settings'

type Verdict = Answer<'Verdict'>
type Explanation = Answer<'Explanation'>
type Section = Explanation['sections'][number]

/** One verdict with all that it rests on, so that whoever answers for it can. */
export function VerdictPage({ id }: { id: string }) {
  const asked = useAsked(`verdict ${id}`, (signal) => ask('Verdict', pathOf('verdicts', id), { signal }))
  return <Answered asked={asked}>{(verdict) => <Told verdict={verdict} />}</Answered>
}

function Told({ verdict }: { verdict: Verdict }) {
  const { language, words } = useSettings()
  const { verdictId, elements, evidence, exonerating, cluster } = verdict
  const explained = useExplanation(verdictId, language)
  const explanation = explained.state === 'answered' ? explained.value : undefined
  const sectionOf = (name: Section['name']): Section | undefined =>
    explanation?.sections.find((section) => section.name === name)
  return (
    <article class="verdict">
      <Head verdict={verdict} />
      <Facts verdict={verdict} />
      <section class="card" aria-labelledby="elements-title">
        <h2 id="elements-title">{words.verdict.elements}</h2>
        <ol class="elements">
          {elements.map((element, at) => (
            <Element key={at} element={element} told={sectionOf('elements')?.items[at]} />
          ))}
        </ol>
      </section>
      <section class="card" aria-labelledby="exonerating-title">
        <h2 id="exonerating-title">{words.verdict.exonerating}</h2>
        {exonerating.length === 0 ? (
          <p>{words.verdict.noExonerating}</p>
        ) : (
          <ul>
            {(sectionOf('exonerating')?.items.map(({ text }) => text) ?? exonerating).map((text) => (
              <li key={text}>
                <Written text={text} />
              </li>
            ))}
          </ul>
        )}
      </section>
      {evidence.texts.length === 0 ? null : (
        <section class="card" aria-labelledby="texts-title">
          <h2 id="texts-title">{words.verdict.texts}</h2>
          {evidence.texts.length < 2 ? null : <p class="hint">{words.verdict.textsHint}</p>}
          <Texts texts={evidence.texts} />
        </section>
      )}
      <section class="card" aria-labelledby="ladder-title">
        <h2 id="ladder-title">{words.verdict.ladder}</h2>
        <Ladder at={verdict.recommendation} isFormer={isFormer(verdict.status)} />
        <Items section={sectionOf('changes')} isOpen />
      </section>
      <section class="card" aria-labelledby="timeline-title">
        <h2 id="timeline-title">{words.verdict.timeline}</h2>
        <Timeline verdict={verdict} />
        <Hours verdict={verdict} />
        <Items section={sectionOf('history')} isOpen />
      </section>
      <section class="card" aria-labelledby="evidence-title">
        <h2 id="evidence-title">{words.verdict.evidence}</h2>
        <Evidence verdict={verdict} />
        {cluster === null || cluster === undefined ? null : (
          <>
            <h3>{words.verdict.members}</h3>
            <Members size={cluster.size} members={cluster.members} />
          </>
        )}
      </section>
      <Appeal verdictId={verdictId} />
    </article>
  )
}

function useExplanation(verdictId: string, language: Language) {
  return useAsked(`explanation ${language} ${verdictId}`, (signal) =>
    ask('Explanation', pathOf('verdicts', verdictId, `/explanation?lang=${language}`), { signal }),
  )
}

function Head({ verdict }: { verdict: Verdict }) {
  const words = useWords()
  const { offence, subject, accountId, status, recommendation, mode, verdictId, revision } = verdict
  return (
    <header class="page-head">
      <p class="kicker">
        {words.verdict.title} <Written text={verdictId} className="id" /> · {words.verdict.revision(revision)}
      </p>
      <h1>{words.offences[offence]}</h1>
      <p class="badges">
        <RecommendationBadge is={recommendation} isFormer={isFormer(status)} />
        <StatusBadge is={status} />
        <ModeBadge is={mode} />
        {mode === 'shadow' ? <span>{words.verdict.shadow}</span> : null}
      </p>
      <p class="actions">
        <a class="button" href="#appeal">
          {words.verdict.appeal}
        </a>
        <button
          type="button"
          onClick={() => {
            document.title = `${plainly(accountId)} ${plainly(verdictId)} ${subject.type}`
            print()
          }}
        >
          {words.print}
        </button>
      </p>
    </header>
  )
}

/** Who, since when, what was corrected, how sure: in a glance. */
function Facts({ verdict }: { verdict: Verdict }) {
  const words = useWords()
  const { subject, accountId, role, window, detectedAt, counts, pValue, qValue, expiresAt, cluster } = verdict
  const { detector, detectorVersion, policyVersion, statutes } = verdict
  return (
    <dl class="facts">
      <div>
        <dt>{words.verdict.who}</dt>
        <dd>
          <Id id={accountId} page="account" />
          {subject.type === 'account' && subject.id === accountId ? null : (
            <span class="line">
              {words.subjects[subject.type]}{' '}
              <Id
                id={subject.id}
                {...(subject.type === 'account' || subject.type === 'cluster' ? { page: subject.type } : {})}
              />
            </span>
          )}
          <small>{words.roles[role]}</small>
          {cluster === null || cluster === undefined ? null : subject.id === cluster.id ? (
            <small>{words.cluster.size(whole(cluster.size))}</small>
          ) : (
            <small>
              {words.verdict.cluster(whole(cluster.size))}: <Id id={cluster.id} page="cluster" />
            </small>
          )}
        </dd>
      </div>
      <div>
        <dt>{words.verdict.since}</dt>
        <dd>
          <Moment at={window.start} />
          <small>
            – <Moment at={window.end} />
          </small>
          <small>
            {words.verdict.decided} <Moment at={detectedAt} />
          </small>
        </dd>
      </div>
      <div>
        <dt>{words.verdict.corrected}</dt>
        <dd>
          {counts.raw === 0 ? (
            words.verdict.notCorrected
          ) : (
            <>
              <span class="corrected">
                <s>{whole(counts.raw)}</s> → <strong>{whole(counts.authentic)}</strong>
              </span>
              <small>
                {words.account.disputed} {whole(counts.disputed)}
              </small>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>{words.verdict.chance}</dt>
        <dd>
          {chance(pValue)}
          <small>
            {words.verdict.falseShare}: {chance(qValue)}
          </small>
        </dd>
      </div>
      <div>
        <dt>{words.verdict.expires}</dt>
        <dd>
          <Moment at={expiresAt} />
          {statutes.map((statute) => (
            <small key={statute}>
              <Written text={statute} />
            </small>
          ))}
        </dd>
      </div>
      <div>
        <dt>{words.verdict.by}</dt>
        <dd>
          <Written text={detector} /> <small>{words.verdict.version(detectorVersion)}</small>
          <small>
            <a href="/policy">{words.verdict.underPolicy(policyVersion)}</a>
          </small>
        </dd>
      </div>
    </dl>
  )
}

function Element({
  element: { element, test, observed, expected, pValue, sentence },
  told,
}: {
  element: Verdict['elements'][number]
  told: Section['items'][number] | undefined
}) {
  const words = useWords()
  const most = Math.max(Math.abs(observed), Math.abs(expected), 1e-9)
  return (
    <li class="element">
      <p>
        <Written text={told?.text ?? `${element}: ${sentence}`} />
      </p>
      <dl class="bars">
        {(
          [
            ['observed', observed],
            ['expected', expected],
          ] as const
        ).map(([name, value]) => (
          <div key={name} class={name}>
            <dt>{words.verdict[name]}</dt>
            <dd>
              <meter
                min={0}
                max={most}
                value={Math.abs(value)}
                aria-label={`${words.verdict[name]} ${measured(value)}`}
              />
              <span>{measured(value)}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p class="hint">
        {told === undefined ? <Written text={test} /> : <Written text={told.details[0] ?? test} />} · p ={' '}
        {chance(pValue)}
      </p>
    </li>
  )
}

/** What happened in which order, and how long after each other. */
function Timeline({ verdict: { window, detectedAt, expiresAt } }: { verdict: Verdict }) {
  const words = useWords()
  const stations = [
    { name: words.verdict.from, at: window.start },
    { name: words.verdict.to, at: window.end },
    { name: words.verdict.decided, at: detectedAt },
    { name: words.verdict.expires, at: expiresAt },
  ].sort((one, other) => one.at - other.at)
  return (
    <ol class="timeline">
      {stations.map(({ name, at }, place) => {
        const before = stations[place - 1]
        return (
          <li key={name}>
            <strong>{name}</strong>
            <Moment at={at} />
            {before === undefined || before.at === at ? null : (
              <small>{words.verdict.later(span(at - before.at, words))}</small>
            )}
          </li>
        )
      })}
    </ol>
  )
}

/** The hours that this verdict corrected, where it is about a number. */
function Hours({ verdict: { verdictId, accountId, window } }: { verdict: Verdict }) {
  const words = useWords()
  const asked = useAsked(`hours ${verdictId}`, async (signal) => {
    const [fromMs, toMs] = [Math.max(0, window.start - hourMs), Math.max(0, window.end + hourMs)]
    const path = pathOf('accounts', accountId, `/corrections?limit=200&fromMs=${fromMs}&toMs=${toMs}`)
    const { items } = await askAll(path, mostPages, signal)
    return items.filter((one) => one.verdictIds.includes(verdictId))
  })
  return (
    <Answered asked={asked}>
      {(corrections) => {
        const kind = corrections[0]?.kind
        if (kind === undefined) return null
        return (
          <>
            <h3>
              {words.verdict.hours}: {words.kinds[kind]}
            </h3>
            <CountsChart
              hours={hoursOf(corrections.filter((one) => one.kind === kind))}
              label={words.account.chart(words.kinds[kind])}
            />
          </>
        )
      }}
    </Answered>
  )
}

function Evidence({ verdict: { evidence } }: { verdict: Verdict }) {
  const words = useWords()
  return (
    <dl class="evidence">
      <dt>{words.verdict.events}</dt>
      <dd>
        {evidence.eventIds.length === 0 ? words.none : null}
        <ul class="ids">
          {evidence.eventIds.map((id) => (
            <li key={id}>
              <Id id={id} />
            </li>
          ))}
        </ul>
      </dd>
      <dt>{words.verdict.positions}</dt>
      <dd>
        {evidence.positions.length === 0 ? words.none : null}
        <ul class="ids">
          {evidence.positions.map(({ log, partition, from, to }) => (
            <li key={`${log}/${partition} ${from}`}>
              <Written text={`${log}/${partition} ${from}–${to}`} className="id" />
            </li>
          ))}
        </ul>
      </dd>
    </dl>
  )
}

/** A part of the explanation as a list. */
function Items({ section, isOpen = false }: { section: Section | undefined; isOpen?: boolean }) {
  if (section === undefined) return null
  return (
    <details class="told" open={isOpen}>
      <summary>{section.title}</summary>
      <SectionItems section={section} />
    </details>
  )
}

function SectionItems({ section }: { section: Section }) {
  const isList = ordered.has(section.name)
  const items = section.items.map(({ text, details, isVerbatim = false }, at) => (
    <li key={at}>
      {isVerbatim ? (
        <code class="verbatim">
          <Written text={text} />
        </code>
      ) : (
        <Written text={text} />
      )}
      {details.map((detail) => (
        <small key={detail} class="line">
          <Written text={detail} />
        </small>
      ))}
    </li>
  ))
  return isList ? <ol>{items}</ol> : <ul>{items}</ul>
}

const ordered: ReadonlySet<string> = new Set(['elements', 'checks', 'changes'])

/** The whole explanation, in the language of whoever appeals, to copy or to print. */
function Appeal({ verdictId }: { verdictId: string }) {
  const { language: own, words } = useSettings()
  const [chosen, setChosen] = useState<Language>()
  const [isCopied, setIsCopied] = useState(false)
  const language = chosen ?? own
  const asked = useExplanation(verdictId, language)
  return (
    <section class="card appeal" id="appeal" aria-labelledby="appeal-title" tabIndex={-1}>
      <h2 id="appeal-title">{words.verdict.appeal}</h2>
      <p class="hint">{words.verdict.appealHint}</p>
      <div class="choices" role="group" aria-label={words.verdict.appealLanguage}>
        {Object.values(languages).map(({ code, name }) => (
          <button
            key={code}
            type="button"
            aria-pressed={code === language}
            onClick={() => {
              setChosen(code as Language)
              setIsCopied(false)
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <Answered asked={asked}>
        {(explanation) => (
          <>
            <p class="actions">
              <button
                type="button"
                class="primary"
                onClick={() => {
                  void navigator.clipboard.writeText(textOf(explanation)).then(() => {
                    setIsCopied(true)
                  })
                }}
              >
                {words.copy}
              </button>
              <span role="status">{isCopied ? words.copied : ''}</span>
            </p>
            <div class="letter" lang={language === 'zh' ? 'zh-Hans' : 'en'}>
              <h3>
                <Written text={explanation.title} />
              </h3>
              {explanation.sections.map((section) => (
                <section key={section.name}>
                  <h4>{section.title}</h4>
                  <SectionItems section={section} />
                </section>
              ))}
            </div>
          </>
        )}
      </Answered>
    </section>
  )
}

/** The explanation as plain text, in which nothing is hidden. */
function textOf({ title, sections }: Explanation): string {
  const parts = sections.map((section) => {
    const items = section.items.map(({ text, details }, at) => {
      const mark = ordered.has(section.name) ? `${at + 1}.` : '-'
      return [`${mark} ${plainly(text)}`, ...details.map((detail) => `  ${plainly(detail)}`)].join('\n')
    })
    return [section.title, ...items].join('\n')
  })
  return `${[plainly(title), ...parts].join('\n\n')}\n`
}

const hourMs = 3_600_000
const mostPages = 5
