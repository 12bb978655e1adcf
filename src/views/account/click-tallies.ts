import { judgedKinds } from '../../model/event'
import { exposedCounter, kindsJudged } from './measures'
import type { Measures } from './measures'
import type { Share } from './share-mix'
import { widened } from '../../state/memory'

/** What is asked of an account's clicks in one window. */
export interface Shares {
  readonly impressions: number
  /** Clicks that need an impression, of what was shown. */
  readonly exposure: Share
  /** What followed, of the clicks. */
  readonly response: Share
}

/**
 * What accounts had in the windows that end with one hour: impressions, clicks, clicks that need an impression, and what
 * follows a click. Rows of numbers, since an hour has tens of thousands of accounts and asks of nearly all of them nothing
 * more.
 */
export class ClickTallies {
  /** In the order in which they were added. */
  readonly accounts: number[] = []
  private numbers = new Float64Array(1024)

  constructor(
    /** Lengths of the windows in hours, the shortest first. */
    private readonly windows: readonly number[],
  ) {}

  clear(): void {
    this.accounts.length = 0
  }

  /** Sums up one more account, in one walk back from the hour. */
  add(account: number, hour: number, { hours, exposures }: Measures): void {
    const { windows } = this
    let at = this.accounts.push(account) * windows.length * tallyWords - windows.length * tallyWords
    if (at + windows.length * tallyWords > this.numbers.length)
      this.numbers = widened(this.numbers, this.numbers.length * 2)
    const { numbers } = this
    const first = account * kindsJudged
    let [needing, clicks, following, impressions] = [0, 0, 0, 0]
    let back = 0
    for (const hoursBack of windows) {
      for (; back < hoursBack; back++) {
        const pane = hour - back
        const record = hours.find(first + click, pane)
        if (record >= 0) {
          const counts = hours.pane(pane)
          clicks += counts.get(record, 0)
          needing += counts.get(record, exposedCounter)
        }
        following += hours.count(first + subscription, pane, 0)
        following += hours.count(first + forward, pane, 0) + hours.count(first + comment, pane, 0)
        impressions += exposures.impressionsIn(account, pane)
      }
      numbers[at] = impressions
      numbers[at + 1] = needing
      numbers[at + 2] = clicks
      numbers[at + 3] = following
      at += tallyWords
    }
  }

  /** The shares of the account at a place, in the window with a number. */
  sharesOf(place: number, window: number): Shares {
    const { numbers } = this
    const at = (place * this.windows.length + window) * tallyWords
    const impressions = numbers[at]!
    const needing = numbers[at + 1]!
    const clicks = numbers[at + 2]!
    return {
      impressions,
      exposure: { hits: needing, trials: Math.max(needing, impressions) },
      response: { hits: Math.min(clicks, numbers[at + 3]!), trials: clicks },
    }
  }
}

const tallyWords = 4
const subscription = judgedKinds.indexOf('subscription')
const click = judgedKinds.indexOf('click')
const forward = judgedKinds.indexOf('forward')
const comment = judgedKinds.indexOf('comment')
