import { clusterEventKinds } from '../../model/records'
import type { ClusterEventKind } from '../../model/records'
import type { Answer } from '../api'
import { moment, whole } from '../format'
import { addressOf } from '../places'
import { useWords } from '../settings'
import { Id, Moment } from './text'

type ClusterEvent = Answer<'ClusterHistory'>['events'][number]

/** What happened to a cluster: its size over time with a mark for each event, and the same as a list. */
export function History({ events }: { events: readonly ClusterEvent[] }) {
  const words = useWords()
  const known = events.filter(({ change }) => clusterEventKinds.includes(change))
  return (
    <>
      <Drawing events={known} />
      <ol class="life-events">
        {known.map(({ at, change, size, other }, place) => {
          const [before, after = ''] = words.cluster.events[change](whole(size))
          return (
            <li key={place}>
              <span class={`life-sign ${change}`} aria-hidden="true">
                {signs[change]}
              </span>
              <Moment at={at} />
              <span>
                {before}
                {other === null || other === undefined ? null : <Id id={other} page="cluster" />}
                {after}
              </span>
            </li>
          )
        })}
      </ol>
    </>
  )
}

function Drawing({ events }: { events: readonly ClusterEvent[] }) {
  const words = useWords()
  const [first, last] = [events[0]!, events.at(-1)!]
  const most = Math.max(...events.map(({ size }) => size), 1)
  // So that a single event has something behind it.
  const toMs = Math.max(last.at, first.at + shortestMs)
  const x = (at: number): number => 4 + 91 * ((at - first.at) / (toMs - first.at))
  const height = ({ change, size }: ClusterEvent): number => (isEnd(change) ? 0 : 74 * (size / most))
  return (
    <>
      <svg
        class="life"
        role="group"
        aria-label={words.cluster.historyLabel(moment(first.at), moment(last.at), whole(most))}
      >
        <line x1="0" x2="100%" y1={`${ground}%`} y2={`${ground}%`} />
        {events.map((event, place) => {
          const next = events[place + 1]
          const from = x(event.at)
          const to = next === undefined ? (isEnd(event.change) ? from : 100) : x(next.at)
          return (
            <rect
              key={place}
              x={`${from}%`}
              width={`${to - from}%`}
              y={`${ground - height(event)}%`}
              height={`${height(event)}%`}
            />
          )
        })}
        {events.map((event, place) => {
          const { at, change, size, other } = event
          const [before, after = ''] = words.cluster.events[change](whole(size))
          const said = `${moment(at)}: ${before}${other ?? ''}${after}`
          const spot = { x: `${x(at)}%`, y: `${ground - height(event)}%` }
          const mark = (
            <>
              <title>{said}</title>
              <circle class={change} cx={spot.x} cy={spot.y} r="9" />
              <text {...spot} dy="0.35em">
                {signs[change]}
              </text>
            </>
          )
          return other === null || other === undefined ? (
            <g key={place}>{mark}</g>
          ) : (
            <a key={place} href={addressOf('cluster', other)} aria-label={said}>
              {mark}
            </a>
          )
        })}
      </svg>
      <p class="ends">
        <Moment at={first.at} />
        <Moment at={toMs} />
      </p>
    </>
  )
}

function isEnd(change: ClusterEventKind): boolean {
  return change === 'died' || change === 'merged-into'
}

const signs: Readonly<Record<ClusterEventKind, string>> = {
  born: '●',
  'split-from': '◐',
  grown: '↑',
  shrunk: '↓',
  absorbed: '+',
  split: '−',
  'merged-into': '→',
  died: '×',
}
/** Where the drawing has its ground, in percent of its height. */
const ground = 90
const shortestMs = 3_600_000
