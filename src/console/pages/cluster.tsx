import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { tieFamilies } from '../../model/cluster'
import type { TieFamily } from '../../model/cluster'
import { ask, pathOf, useAsked } from '../api'
import type { Answer } from '../api'
import { moment, whole } from '../format'
import { History } from '../parts/history'
import { Members } from '../parts/members'
import { Answered } from '../parts/states'
import { Id, Moment, plainly, Written } from '../parts/text'
import { addressOf } from '../places'
import { goTo } from '../router'
import { useSettings, useWords } from '../settings'
import { spread } from '../spread'
import type { Spot } from '../spread'
import { ClusterList } from './account'
import { VerdictRow } from './flow'

type Ties = Answer<'ClusterTies'>
type Tie = Ties['ties'][number]
type ActedTie = Extract<Tie, { act: string }>

/** The clusters that were named last. */
export function ClustersPage() {
  const words = useWords()
  const asked = useAsked('clusters', (signal) => ask('ClusterPage', '/api/v1/clusters?limit=200', { signal }))
  return (
    <>
      <h1>{words.cluster.list}</h1>
      <p class="hint">{words.cluster.listHint}</p>
      <Answered asked={asked}>
        {({ items }) =>
          items.length === 0 ? <p class="state">{words.cluster.empty}</p> : <ClusterList clusters={items} />
        }
      </Answered>
    </>
  )
}

/** Who belongs together, by what, since when, and what was found of it. */
export function ClusterPage({ id }: { id: string }) {
  const words = useWords()
  const asked = useAsked(`cluster ${id}`, (signal) => ask('Cluster', pathOf('clusters', id), { signal }))
  const ties = useAsked(`ties ${id}`, (signal) =>
    ask('ClusterTies', pathOf('clusters', id, '/ties'), { signal }),
  )
  return (
    <>
      <header class="page-head">
        <p class="kicker">{words.cluster.title}</p>
        <h1>
          <Written text={id} className="id" />
        </h1>
      </header>
      <Answered asked={asked}>
        {(cluster) => (
          <>
            <dl class="facts">
              <div>
                <dt>{words.cluster.members}</dt>
                <dd>{whole(cluster.size)}</dd>
              </div>
              <div>
                <dt>{words.cluster.named}</dt>
                <dd>
                  <Moment at={cluster.detectedAt} />
                </dd>
              </div>
              {ties.state === 'answered' ? (
                <>
                  <div>
                    <dt>{words.cluster.born}</dt>
                    <dd>
                      <Moment at={ties.value.bornMs} />
                    </dd>
                  </div>
                  <div>
                    <dt>{words.cluster.changed}</dt>
                    <dd>
                      <Moment at={ties.value.lastMs} />
                    </dd>
                  </div>
                </>
              ) : null}
            </dl>
            <Life id={id} />
            <section class="card" aria-labelledby="graph-title">
              <h2 id="graph-title">{words.cluster.graph}</h2>
              {ties.state === 'failed' && ties.error.code === 'unknown-cluster' ? (
                <p class="state quiet">{words.cluster.notHere}</p>
              ) : (
                <Answered asked={ties}>{(value) => <Graph ties={value} />}</Answered>
              )}
            </section>
            <section class="card" aria-labelledby="members-title">
              <h2 id="members-title">{words.cluster.members}</h2>
              <Members size={cluster.size} members={cluster.members} />
            </section>
            <Verdicts verdictIds={cluster.verdictIds} />
          </>
        )}
      </Answered>
    </>
  )
}

/** How it came about, and what happened to it since. */
function Life({ id }: { id: string }) {
  const words = useWords()
  const asked = useAsked(`history ${id}`, (signal) =>
    ask('ClusterHistory', pathOf('clusters', id, '/history'), { signal }),
  )
  return (
    <section class="card" aria-labelledby="life-title">
      <h2 id="life-title">{words.cluster.history}</h2>
      <Answered asked={asked}>
        {({ events, isOfVerdict }) =>
          events.length === 0 ? (
            <p class="state quiet">{words.cluster.noHistory}</p>
          ) : (
            <>
              <p class="hint">{isOfVerdict ? words.cluster.historyOfVerdict : words.cluster.historyHint}</p>
              <History events={events} />
            </>
          )
        }
      </Answered>
    </section>
  )
}

/** The verdicts that named it, with what they said of it. */
function Verdicts({ verdictIds }: { verdictIds: readonly string[] }) {
  const { words, language } = useSettings()
  const asked = useAsked(`verdicts ${language} ${verdictIds.join(' ')}`, (signal) =>
    Promise.all(verdictIds.slice(0, mostVerdicts).map((verdictId) => named(verdictId, { language, signal }))),
  )
  return (
    <section class="card" aria-labelledby="named-title">
      <h2 id="named-title">{words.cluster.verdicts}</h2>
      <Answered asked={asked}>
        {(verdicts) => (
          <ol class="verdicts">
            {verdicts.map(({ verdict, headline }) => (
              <VerdictRow
                key={verdict.verdictId}
                summary={{
                  ...verdict,
                  cluster: verdict.cluster ?? null,
                  headline,
                  position: 0,
                }}
                note={words.cluster.size(whole(verdict.cluster?.size ?? 0))}
              />
            ))}
          </ol>
        )}
      </Answered>
    </section>
  )
}

/** A verdict and what it says in a language; in its own words where nobody here can explain it. */
async function named(verdictId: string, { language, signal }: { language: string; signal: AbortSignal }) {
  const [verdict, headline] = await Promise.all([
    ask('Verdict', pathOf('verdicts', verdictId), { signal }),
    ask('Explanation', pathOf('verdicts', verdictId, `/explanation?lang=${language}`), { signal }).then(
      (told) => told.headline,
      () => undefined,
    ),
  ])
  return { verdict, headline: headline ?? verdict.elements[0]?.sentence ?? '' }
}

function Graph({ ties }: { ties: Ties }) {
  const words = useWords()
  const [hidden, setHidden] = useState<ReadonlySet<TieFamily>>(new Set())
  const families = (Object.keys(tieFamilies) as TieFamily[]).filter((family) =>
    ties.ties.some((tie) => tie.family === family),
  )
  const shown = ties.ties.filter(({ family }) => !hidden.has(family))
  return (
    <>
      <div class="families" role="group" aria-label={words.cluster.family}>
        {families.map((family) => (
          <label key={family} class={`family family-${family}`}>
            <input
              type="checkbox"
              checked={!hidden.has(family)}
              onChange={({ currentTarget: { checked } }) => {
                const next = new Set(hidden)
                if (checked) next.delete(family)
                else next.add(family)
                setHidden(next)
              }}
            />
            <svg width="28" height="8" aria-hidden="true">
              <line x1="0" y1="4" x2="28" y2="4" />
            </svg>
            {words.families[family]}{' '}
            <small>{whole(ties.ties.filter((tie) => tie.family === family).length)}</small>
          </label>
        ))}
      </div>
      <Drawing ties={ties} shown={shown} />
      {ties.tiesLeftOut === 0 ? null : <p class="hint">{words.cluster.leftOut(whole(ties.tiesLeftOut))}</p>}
      <JointActions ties={shown.filter((tie): tie is ActedTie => 'act' in tie)} />
      <TieTable ties={shown} />
    </>
  )
}

function Drawing({ ties, shown }: { ties: Ties; shown: readonly Tie[] }) {
  const words = useWords()
  const spots = useSpots(ties)
  const place = new Map(ties.members.map(({ id }, at) => [id, at]))
  const fitted = fit(spots)
  const at = (id: string): Spot => fitted[place.get(id) ?? -1] ?? { x: 0.5, y: 0.5 }
  const isSmall = ties.members.length <= mostNamed
  const lines = linesOf(shown)
  return (
    <svg
      class="graph"
      viewBox="0 0 1000 700"
      role="group"
      aria-label={words.cluster.graphLabel(whole(ties.members.length), whole(shown.length))}
    >
      <g aria-hidden="true" class={lines.length > manyLines ? 'many' : ''}>
        {lines.map(({ a, b, family, shift }) => {
          const [one, other] = [at(a), at(b)]
          return (
            <line
              key={`${a} ${b} ${family}`}
              class={`family-${family}`}
              x1={one.x * 1000}
              y1={one.y * 700 + shift}
              x2={other.x * 1000}
              y2={other.y * 700 + shift}
            />
          )
        })}
      </g>
      {ties.members.map(({ id, type }) => {
        const { x, y } = at(id)
        const name = plainly(id)
        return (
          <a
            key={id}
            href={addressOf('account', id)}
            onClick={(event) => {
              event.preventDefault()
              goTo(addressOf('account', id))
            }}
          >
            <title>{`${words.cluster[type]} ${name}`}</title>
            <circle class={`node ${type}`} cx={x * 1000} cy={y * 700} r={isSmall ? 9 : 6} />
            {isSmall ? (
              <text x={x * 1000 + 13} y={y * 700 + 5}>
                {name.length > 18 ? `${name.slice(0, 17)}…` : name}
              </text>
            ) : null}
          </a>
        )
      })}
    </svg>
  )
}

/** A line for each family that ties a pair, side by side. */
function linesOf(ties: readonly Tie[]): { a: string; b: string; family: TieFamily; shift: number }[] {
  const families = new Map<string, { a: string; b: string; of: Set<TieFamily> }>()
  for (const { a, b, family } of ties) {
    const pair = families.get(`${a} ${b}`) ?? { a, b, of: new Set() }
    pair.of.add(family)
    families.set(`${a} ${b}`, pair)
  }
  return [...families.values()].flatMap(({ a, b, of }) =>
    [...of].map((family, nth) => ({ a, b, family, shift: nth * 3 })),
  )
}

/** The same spots, stretched so that they fill the drawing. */
function fit(spots: readonly Spot[]): Spot[] {
  const [xs, ys] = [spots.map(({ x }) => x), spots.map(({ y }) => y)]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const [width, height] = [Math.max(...xs) - left || 1, Math.max(...ys) - top || 1]
  // Room for a name at the right, and for a dot everywhere.
  return spots.map(({ x, y }) => ({
    x: 0.04 + 0.82 * ((x - left) / width),
    y: 0.06 + 0.88 * ((y - top) / height),
  }))
}

/** Where the members stand; a few steps a frame, so that the page answers meanwhile. */
function useSpots(ties: Ties): readonly Spot[] {
  const graph = useMemo(() => {
    const place = new Map(ties.members.map(({ id }, at) => [id, at]))
    const pairs = new Map<string, readonly [number, number]>()
    for (const { a, b } of ties.ties) pairs.set(`${a} ${b}`, [place.get(a) ?? -1, place.get(b) ?? -1])
    return spread(ties.members.length, [...pairs.values()])
  }, [ties])
  const [, draw] = useState(0)
  const frame = useRef<number>(undefined)
  useEffect(() => {
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
    let turn = 0
    const go = (): void => {
      const goesOn = graph.step(stepsPerFrame)
      turn++
      if (!isStill || !goesOn) draw(turn)
      if (goesOn) frame.current = requestAnimationFrame(go)
    }
    go()
    return () => {
      cancelAnimationFrame(frame.current ?? 0)
    }
  }, [graph])
  return graph.spots
}

/** From when to when each pair acted together. */
function JointActions({ ties }: { ties: readonly ActedTie[] }) {
  const words = useWords()
  const seen = new Set<string>()
  const listed = ties
    .filter(({ a, b, family }) => !seen.has(`${a} ${b} ${family}`) && seen.add(`${a} ${b} ${family}`))
    .slice(0, mostLines)
  if (listed.length === 0) return null
  const fromMs = Math.min(...listed.map((tie) => tie.fromMs))
  const toMs = Math.max(...listed.map((tie) => tie.toMs), fromMs + 1)
  const x = (timeMs: number): number => ((timeMs - fromMs) / (toMs - fromMs)) * 1000
  const height = listed.length * 7 + 4
  return (
    <>
      <h3>{words.cluster.timeline}</h3>
      <p class="hint">{words.cluster.timelineHint}</p>
      <svg
        class="joint"
        viewBox={`0 0 1000 ${height}`}
        preserveAspectRatio="none"
        style={{ height: `${Math.min(height, 420)}px` }}
        role="img"
        aria-label={`${words.cluster.timeline}: ${moment(fromMs)} – ${moment(toMs)}`}
      >
        {[...listed]
          .sort((one, other) => one.fromMs - other.fromMs)
          .map((tie, at) => (
            <line
              key={at}
              class={`family-${tie.family}`}
              x1={x(tie.fromMs)}
              x2={Math.max(x(tie.toMs), x(tie.fromMs) + 3)}
              y1={at * 7 + 5}
              y2={at * 7 + 5}
              vector-effect="non-scaling-stroke"
            />
          ))}
      </svg>
      <p class="ends">
        <Moment at={fromMs} />
        <Moment at={toMs} />
      </p>
    </>
  )
}

function TieTable({ ties }: { ties: readonly Tie[] }) {
  const words = useWords()
  return (
    <details>
      <summary>
        {words.cluster.table} <small>{words.cluster.ties(whole(ties.length))}</small>
      </summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={words.cluster.table}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.cluster.pair}</th>
              <th scope="col">{words.cluster.family}</th>
              <th scope="col">{words.cluster.acts}</th>
            </tr>
          </thead>
          <tbody>
            {ties.slice(0, mostRows).map((tie, at) => (
              <tr key={at}>
                <td>
                  <Id id={tie.a} page="account" /> – <Id id={tie.b} page="account" />
                </td>
                <td>{words.families[tie.family]}</td>
                <td>
                  {'act' in tie ? words.cluster.tie(whole(tie.count), tie.expected.toPrecision(2)) : '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

const mostVerdicts = 20
const mostNamed = 40
const mostLines = 60
/** More lines than these are drawn faintly. */
const manyLines = 250
const mostRows = 200
const stepsPerFrame = 4
