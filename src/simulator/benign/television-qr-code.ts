import type { Deed } from '../burst'
import { followerReferrers } from '../habits'
import { minuteMs } from '../season'
import type { Stage } from '../stage'
import type { BenignCase } from './benign'
import { reads } from '../doings'

/** When the code is on the screen, in minutes from the start of the show, and which share of the viewers takes it up. */
const showings = [
  { minute: 6, share: 0.25 },
  { minute: 38, share: 0.3 },
  { minute: 79, share: 0.45 },
]

export const televisionQrCode: BenignCase = {
  name: 'television-qr-code',
  summary:
    'A show holds up a QR code three times: thousands subscribe from home within minutes, a third of them new here.',

  plan(stage) {
    const account = stage.takeAccount(0.2, 0.6)
    const { startMs } = stage.spanAt(20, 2)
    const viewers = 2_400 + stage.random.below(800)
    const deeds = showings.flatMap(({ minute, share }) =>
      Array.from({ length: Math.round(viewers * share) }, () => {
        // Up from the sofa, phone in hand: most within three minutes.
        const timeMs = Math.floor(startMs + minute * minuteMs + 15_000 + stage.random.logNormal(70_000, 0.6))
        return scans(stage, account, timeMs)
      }).flat(),
    )
    return { accounts: [account], offence: 'inflated-subscriptions', deeds }
  },
}

function scans(stage: Stage, account: number, timeMs: number): Deed[] {
  const { random } = stage
  const actor = viewer(stage, timeMs)
  const subscription: Deed = { kind: 'subscription', timeMs, actor, account, source: 'qr-code' }
  const deeds: Deed[] = [subscription]
  if (random.chance(0.35)) {
    deeds.push(
      ...reads(stage, { timeMs: Math.floor(timeMs + 3_000 + random.exponential(30_000)), actor, account }),
    )
  }
  // Some of them come back the same evening.
  if (random.chance(0.15)) {
    const backMs = Math.floor(timeMs + random.between(20, 180) * minuteMs)
    deeds.push(
      ...reads(stage, { timeMs: backMs, actor, account, referrers: followerReferrers }, { forwards: 0.08 }),
    )
  }
  return deeds
}

function viewer(stage: Stage, timeMs: number): number {
  const { random, people } = stage
  if (random.chance(0.3)) return people.newcomer(timeMs - random.between(40_000, 20 * minuteMs))
  return random.chance(0.4) ? stage.anybody(1)[0]! : people.resident(timeMs)
}
