import type { ControlHistory } from '../../detectors/control'
import { kindsJudged } from './measures'
import type { Measures } from './measures'
import { isBefore, isQuick, leastOfOpening } from './openings'
import type { OpeningEvent } from './openings'

/** Sums of the window that is judged. */
export interface WindowSums {
  readonly made: number
  readonly sisterDevices: number
  readonly operatorNetwork: number
}

/**
 * What is known of who may have arranged the made events of a series. Posts are judged over the account's latest ones and
 * not over the window, since a single one proves nothing.
 */
export function controlHistoryOf(measures: Measures, series: number, sums: WindowSums): ControlHistory {
  const account = Math.floor(series / kindsJudged)
  const { openings, operators, crewReach, accounts, eventTraits } = measures
  const { devices, ofDevices, networks, ofNetworks } = eventTraits.strangers
  const sisters = operators.sistersOf(account)
  const posts = postsOf(measures, account, series % kindsJudged)
  const { count, leaked, quick } = openings.platform
  return {
    posts,
    // What the account did itself is no measure of what is usual.
    platformPosts: {
      count: Math.max(0, count - posts.count),
      leaked: Math.max(0, leaked - posts.primed),
      quick: Math.max(0, quick - posts.quick),
    },
    made: sums.made,
    sisterDevices: { events: sums.sisterDevices, chance: rare(devices, ofDevices) },
    operatorNetwork: { events: sums.operatorNetwork, chance: rare(networks, ofNetworks) },
    crews: crewReach.of(account).map((others) => ({
      moved: others.length,
      sisters: others.filter((other) => sisters.has(other)).length,
    })),
    others: { accounts: accounts.size - 1, sisters: sisters.size },
  }
}

function postsOf(measures: Measures, account: number, kind: number): ControlHistory['posts'] {
  // Whoever has turned out to be of a crew, or in company, since, was so then.
  const isMade = ({ isMade: wasMade, ...event }: OpeningEvent): boolean =>
    wasMade ||
    measures.crews.has(event.actorHigh, event.actorLow) ||
    measures.eventTraits.isInCompany(account, event)
  const posts = { count: 0, primed: 0, leaked: 0, quick: 0, offsetsMs: [] as number[] }
  for (const events of measures.openings.of(account, kind)) {
    posts.count++
    const made = events.filter(isMade)
    const others = events.filter((event) => !made.includes(event))
    if (has(made, isBefore)) posts.primed++
    if (has(others, isBefore)) posts.leaked++
    if (has(made, isQuick)) posts.quick++
    const behind = made.filter(({ delayMs }) => delayMs > 0).map(({ delayMs }) => delayMs)
    if (behind.length >= leastOfOpening) posts.offsetsMs.push(Math.min(...behind))
  }
  return posts
}

function has(events: readonly OpeningEvent[], is: (delayMs: number) => boolean): boolean {
  return events.filter(({ delayMs }) => is(delayMs)).length >= leastOfOpening
}

/** A share that is one in a thousand at least, however seldom it was seen. */
function rare(hits: number, of: number): number {
  return Math.max(1e-3, hits / Math.max(1000, of))
}
