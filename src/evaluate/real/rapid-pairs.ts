import { JointActions } from '../../views/crew/joint-actions'
import { Names, unthinned } from './joint-groups'

/** Somebody shares an object by a content of their own. */
export interface Share {
  readonly account: string
  readonly object: string
  readonly content: string
  readonly timeMs: number
}

/**
 * Which accounts shared the same objects within a time window, and how often, by the rules of CooRTweet with
 * `min_participation` 2: accounts with a single row are left out first; of the pairs of contents those stay of which
 * either belongs to an account that still has two matched contents. Keys are both accounts in order of the alphabet.
 *
 * The meetings are those that `JointActions` walks through, every one of them, so that its counting is held against that
 * of a package that others use.
 *
 * Source: Righetti and Balluff, CooRTweet: `detect_groups` and `generate_coordinated_network`.
 */
export function rapidPairs(
  shares: readonly Share[],
  { windowMs }: { windowMs: number },
): Map<string, number> {
  const busy = withTwo(shares.map(({ account }) => account))
  const taken = shares.filter(({ account }) => busy.has(account))
  const meetings = meetingsOf(taken, windowMs)
  const contents = new Set(meetings.flatMap(([one, other]) => [taken[one]!, taken[other]!]).map(contentKey))
  const matched = withTwo([...contents].map((key) => key.slice(0, key.indexOf(' '))))
  const weights = new Map<string, number>()
  for (const [one, other] of meetings) {
    const a = taken[one]!.account
    const b = taken[other]!.account
    if (!matched.has(a) && !matched.has(b)) continue
    const key = a < b ? `${a} ${b}` : `${b} ${a}`
    weights.set(key, (weights.get(key) ?? 0) + 1)
  }
  return weights
}

/** The pairs of rows, by number, that meet within the window. */
function meetingsOf(shares: readonly Share[], windowMs: number): [number, number][] {
  const names = new Names()
  const meetings: [number, number][] = []
  const joint = new JointActions({
    ...unthinned,
    maxActs: Math.max(2, shares.length),
    horizonMs: Number.MAX_SAFE_INTEGER,
    reachMs: windowMs,
    onMeeting: (earlier, later) => {
      meetings.push([earlier, later])
    },
  })
  for (const { account, object, timeMs } of shares) {
    const actor = names.hashOf(account)
    const { high, low } = names.hashOf(object)
    joint.add(0, actor.high, actor.low, high, low, low, 0, timeMs)
  }
  return meetings
}

function contentKey({ account, content }: Share): string {
  return `${account} ${content}`
}

/** What is there at least twice. */
function withTwo(values: readonly string[]): Set<string> {
  const seen = new Set<string>()
  return new Set(values.filter((value) => seen.has(value) || !seen.add(value)))
}
