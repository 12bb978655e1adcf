import { controlTests } from '../model/control'
import type { ControlEvidence, ControlTest } from '../model/control'
import { binomialUpperTail, hypergeometricUpperTail, poissonUpperTail } from '../windows/tails'

/** What was measured of who may have arranged the made events of one account and kind. */
export interface ControlHistory {
  /** The account's latest posts that had events of this kind, at most sixteen. */
  readonly posts: {
    readonly count: number
    /** Those on which made events came well before the post itself, and those on which others did. */
    readonly primed: number
    readonly leaked: number
    /** Those on which made events came within seconds after it. */
    readonly quick: number
    /** From a post to the first made event behind it, where there were several; one a post. */
    readonly offsetsMs: readonly number[]
  }
  /** The same of all posts on the platform, whoever's. */
  readonly platformPosts: { readonly count: number; readonly leaked: number; readonly quick: number }
  /** Made events of the window. */
  readonly made: number
  /** Of the events of the window, those from many-named devices of operators of sister accounts, and its chance. */
  readonly sisterDevices: { readonly events: number; readonly chance: number }
  /** Those from a network that the account's operator publishes from and that nobody else uses, and its chance. */
  readonly operatorNetwork: { readonly events: number; readonly chance: number }
  /** For each crew in the audience: accounts that it moved beside this one, and how many of them are its sisters. */
  readonly crews: readonly { readonly moved: number; readonly sisters: number }[]
  /** Accounts of the platform beside this one, and how many of them are its sisters. */
  readonly others: { readonly accounts: number; readonly sisters: number }
}

/** Runs each test of control that has enough to go by. */
export function controlEvidence(history: ControlHistory): ControlEvidence[] {
  return [
    ...beforePublication(history),
    ...fromPlace('sister-devices', history.sisterDevices, history.made),
    ...fromPlace('operator-network', history.operatorNetwork, history.made),
    ...repeatTiming(history),
    ...withinSeconds(history),
    ...sisterCrew(history),
  ]
}

/**
 * The chance that somebody else arranged what was made: that of the surest test of what only the operator's own hand can
 * do, the choice of the test paid by Bonferroni. What a rival can do as well, from outside or as a guest, never adds to it.
 */
export function controlPValue(evidence: readonly ControlEvidence[]): number {
  const own = evidence.filter(({ test }) => controlTests[test] === 'own-hand').map(({ pValue }) => pValue)
  return Math.min(1, ...own.map((pValue) => pValue * own.length))
}

/**
 * Posts that had made events before they were published. Whoever frames somebody sees a post when everybody does. The
 * share of posts on which that happens by mistake (a record that comes late, a colleague who looks at a draft) is that of
 * the platform as ten posts, and that of this account's other events.
 */
function beforePublication({ posts, platformPosts }: ControlHistory): ControlEvidence[] {
  if (posts.count < leastPosts) return []
  const usual = (platformPosts.leaked + 0.5) / (platformPosts.count + 1)
  const probability = (posts.leaked + priorPosts * usual + 0.5) / (posts.count + priorPosts + 1)
  return [ofPosts('before-publication', posts.primed, posts.count, probability)]
}

/** Posts that had made events within seconds, against how many posts on the platform have any. */
function withinSeconds({ posts, platformPosts }: ControlHistory): ControlEvidence[] {
  if (posts.count < leastPosts) return []
  const probability = (platformPosts.quick + 0.5) / (platformPosts.count + 1)
  return [ofPosts('within-seconds', posts.quick, posts.count, probability)]
}

function ofPosts(test: ControlTest, observed: number, outOf: number, probability: number): ControlEvidence {
  const expected = outOf * probability
  const pValue = observed < leastPosts ? 1 : binomialUpperTail(observed, { trials: outOf, probability })
  return { test, observed, outOf, expected, pValue }
}

/**
 * Posts behind which the made events begin after the same time, to a twentieth. Whatever falls off with time since a post,
 * at whichever rate, has at most 2 in 19 of it within a twentieth of a moment (the density there times 0.95 of the moment
 * is at most one). Each post serves once as the moment that the others are held against, which Bonferroni's factor pays for.
 */
function repeatTiming({ posts: { offsetsMs } }: ControlHistory): ControlEvidence[] {
  const outOf = offsetsMs.length
  if (outOf < leastOffsets) return []
  const others = offsetsMs.map(
    (moment) => offsetsMs.filter((offset) => Math.abs(offset - moment) <= 0.05 * moment).length - 1,
  )
  const most = Math.max(...others)
  const tail = binomialUpperTail(most, { trials: outOf - 1, probability: aroundMoment })
  const expected = 1 + (outOf - 1) * aroundMoment
  return [{ test: 'repeat-timing', observed: most + 1, outOf, expected, pValue: Math.min(1, outOf * tail) }]
}

/** Events from where the account, or a sister of it, is run; against how often made events come from where strangers are. */
function fromPlace(
  test: ControlTest,
  { events, chance }: { readonly events: number; readonly chance: number },
  made: number,
): ControlEvidence[] {
  const outOf = Math.max(made, events)
  if (outOf === 0) return []
  const expected = outOf * chance
  const pValue = events < leastEvents ? 1 : poissonUpperTail(events, expected)
  return [{ test, observed: events, outOf, expected, pValue }]
}

/** Accounts moved by the same crew that are sisters of this one, against drawing them from all; the surest of its crews. */
function sisterCrew({ crews, others }: ControlHistory): ControlEvidence[] {
  if (others.sisters === 0) return []
  const tests = crews.map(({ moved, sisters }): ControlEvidence => {
    const drawn = { population: others.accounts, marked: others.sisters, draws: moved }
    const pValue = Math.min(1, crews.length * hypergeometricUpperTail(sisters, drawn))
    const expected = (moved * others.sisters) / others.accounts
    return { test: 'sister-crew', observed: sisters, outOf: moved, expected, pValue }
  })
  return tests.sort((a, b) => a.pValue - b.pValue || b.observed - a.observed).slice(0, 1)
}

/** One lucky bot of a rival proves nothing: so many posts, or events, are needed. */
const leastPosts = 3
const leastOffsets = 5
const leastEvents = 5
/** How many posts the platform's share stands for beside the account's own. */
const priorPosts = 10
const aroundMoment = 2 / 19
