import type { Deed } from '../burst'
import type { MaybeEntry } from '../habits'
import { followerReferrers } from '../habits'
import type { Mix } from '../random'
import { mixOf } from '../random'
import { hourMs } from '../season'
import type { Stage } from '../stage'
import type { Span } from '../times'
import { burst, contagious, scattered, withTheSeason } from '../times'
import { crowdSize, reads } from '../doings'
import type { BenignCase } from './benign'

const fromChats = mixOf<MaybeEntry>([
  ['chat', 90],
  ['direct', 6],
  [undefined, 4],
])
const fromPush = mixOf<MaybeEntry>([
  ['direct', 92],
  ['unknown', 4],
  [undefined, 4],
])
const fromFeeds = mixOf<MaybeEntry>([
  ['feed', 88],
  ['search', 8],
  [undefined, 4],
])

export const chatsAlone: BenignCase = {
  name: 'viral-in-chats',
  summary: 'A post is passed from chat to chat; whoever opens it there was never shown it in a feed.',
  plan: (stage) => {
    const account = stage.takeAccount(0.3, 0.9)
    return clicked(account, visits(stage, account, { span: stage.spanAt(12, 9), referrers: fromChats }))
  },
}

export const pushNotification: BenignCase = {
  name: 'push-notification',
  summary: 'A notification to all subscribers: many open it within minutes, and no feed showed it.',
  plan: (stage) => {
    const account = stage.takeAccount(0.1, 0.6)
    const span = stage.spanAt(19, 2)
    return clicked(account, visits(stage, account, { span, referrers: fromPush, isBurst: true }))
  },
}

export const lostCounter: BenignCase = {
  name: 'lost-impressions',
  summary: 'A feed recommends an article, and the impressions of that placement are never counted.',
  plan: (stage) => {
    const account = stage.takeAccount(0.2, 0.9)
    return clicked(account, visits(stage, account, { span: stage.spanAt(10, 8), referrers: fromFeeds }))
  },
}

export const lateCounter: BenignCase = {
  name: 'late-impressions',
  summary: 'A feed recommends an article, and its impressions are counted five hours late.',
  plan: (stage) => {
    const account = stage.takeAccount(0.2, 0.9)
    const deeds = visits(stage, account, { span: stage.spanAt(9, 6), referrers: fromFeeds })
    return clicked(account, [...deeds, ...shown(stage, account, deeds, { factor: 1, lateMs: 5 * hourMs })])
  },
}

export const doubledCounter: BenignCase = {
  name: 'doubled-impressions',
  summary: 'A feed recommends an article, and a retried job counts its impressions three times.',
  plan: (stage) => {
    const account = stage.takeAccount(0.2, 0.9)
    const deeds = visits(stage, account, { span: stage.spanAt(9, 8), referrers: fromFeeds })
    return clicked(account, [...deeds, ...shown(stage, account, deeds, { factor: 3, lateMs: 0 })])
  },
}

export const headlineTest: BenignCase = {
  name: 'headline-test',
  summary: 'A new headline is tried, and four times as many of those who see it open the article.',
  plan: (stage) => {
    const account = stage.takeAccount(0.1, 0.7)
    const deeds = visits(stage, account, { span: stage.spanAt(10, 9), referrers: fromFeeds })
    return clicked(account, [...deeds, ...shown(stage, account, deeds, { factor: 0.25, lateMs: 0 })])
  },
}

export const autoplayFeed: BenignCase = {
  name: 'autoplay-feed',
  summary: 'A feed plays one video after the other on many phones, counted by each; hardly anybody clicks.',
  plan: (stage) => {
    const account = stage.takeAccount(0.1, 0.8)
    const viewers = stage.anybody(1_200)
    const deeds = scattered(stage.spanAt(8, 12), 4_000, stage.random).map((timeMs, place): Deed => ({
      kind: 'impression',
      timeMs,
      account,
      count: 1 + stage.random.below(9),
      viewer: viewers[place % viewers.length]!,
    }))
    return clicked(account, deeds)
  },
}

export const hallScreens: BenignCase = {
  name: 'hall-screens',
  summary: 'Two screens in a hall show one account all day long, to whoever passes.',
  plan: (stage) => {
    const account = stage.takeAccount(0.3, 0.9)
    const screens = stage.anybody(2)
    const deeds = scattered(stage.spanAt(8, 11), 900, stage.random).map((timeMs, place): Deed => ({
      kind: 'impression',
      timeMs,
      account,
      count: 6,
      viewer: screens[place % screens.length]!,
    }))
    return clicked(account, deeds)
  },
}

export const scandal: BenignCase = {
  name: 'scandal',
  summary: 'What an account has said makes a third of its readers leave within hours.',
  plan: (stage) => {
    const account = stage.takeAccount(0.05, 0.5)
    const readers = stage.readersOf(account, 900)
    const leavers = stage.random.sample(readers, Math.ceil(readers.length / 3))
    const deeds = burst(stage.spanAt(20, 4), leavers.length, stage.random).map((timeMs, place): Deed => ({
      kind: 'unsubscription',
      timeMs,
      actor: leavers[place]!,
      account,
    }))
    return { accounts: [account], offence: 'abnormal-unsubscription', deeds }
  },
}

export const cleanUp: BenignCase = {
  name: 'clean-up',
  summary: 'The platform takes dead subscribers off several accounts in one night, one after the other.',
  plan: (stage) => {
    const accounts = Array.from({ length: 4 }, () => stage.takeAccount(0.1, 0.8))
    const span = stage.spanAt(3, 2)
    const deeds = accounts.flatMap((account) => {
      const dead = stage.silentMajority(150)
      const stepMs = (span.endMs - span.startMs) / dead.length
      return dead.map((actor, place): Deed => ({
        kind: 'unsubscription',
        timeMs: Math.floor(span.startMs + place * stepMs),
        actor,
        account,
        isBare: true,
      }))
    })
    return { accounts, offence: 'abnormal-unsubscription', deeds }
  },
}

export const competitionOver: BenignCase = {
  name: 'competition-over',
  summary: 'Hundreds subscribe within hours to win a prize, and leave together when it has been drawn.',
  plan: (stage) => {
    const account = stage.takeAccount(0.1, 0.6)
    const crowd = [...stage.anybody(250), ...stage.silentMajority(150)]
    const whole = stage.spanAnywhere(16)
    const coming = { startMs: whole.startMs, endMs: whole.startMs + 5 * hourMs }
    const going = { startMs: whole.endMs - 3 * hourMs, endMs: whole.endMs }
    const people = stage.random.sample(crowd, crowd.length)
    const gone = stage.random.sample(people, Math.floor(people.length * 0.8))
    const arrivals = contagious(coming, people.length, stage.random).map((timeMs, place): Deed => ({
      kind: 'subscription',
      timeMs,
      actor: people[place]!,
      account,
      source: 'article',
    }))
    const departures = burst(going, gone.length, stage.random).map((timeMs, place): Deed => ({
      kind: 'unsubscription',
      timeMs,
      actor: gone[place]!,
      account,
    }))
    return { accounts: [account], offence: 'abnormal-unsubscription', deeds: [...arrivals, ...departures] }
  },
}

/** What broken counters, new places and people with reasons do to rates and to subscribers. */
export const conductSuite: readonly BenignCase[] = [
  chatsAlone,
  pushNotification,
  lostCounter,
  lateCounter,
  doubledCounter,
  headlineTest,
  autoplayFeed,
  hallScreens,
  scandal,
  cleanUp,
  competitionOver,
]

function clicked(account: number, deeds: readonly Deed[]) {
  return { accounts: [account], offence: 'manipulated-click-through' as const, deeds }
}

interface Visits {
  readonly span: Span
  readonly referrers: Mix<MaybeEntry>
  readonly isBurst?: boolean
}

function visits(stage: Stage, account: number, { span, referrers, isBurst = false }: Visits): Deed[] {
  const count = crowdSize(stage, account, 24, 500, 2_500)
  const readers = stage.readersOf(account, Math.round(count / 3))
  const crowd = [...readers, ...stage.anybody(count - readers.length)]
  const people = stage.random.sample(crowd, crowd.length)
  const pace = isBurst ? burst : withTheSeason
  return pace(span, people.length, stage.random).flatMap((timeMs, place) =>
    reads(
      stage,
      { timeMs, actor: people[place]!, account, referrers: place % 9 === 0 ? followerReferrers : referrers },
      { forwards: 0.05, comments: 0.03, subscribes: 0.03 },
    ),
  )
}

/** The impressions that brought these clicks from feeds and searches, so many times as many as usual. */
function shown(
  stage: Stage,
  account: number,
  deeds: readonly Deed[],
  { factor, lateMs }: { factor: number; lateMs: number },
): Deed[] {
  const rate = stage.world.accounts.clickThrough[account]!
  const byHour = new Map<number, number>()
  for (const deed of deeds) {
    if (deed.kind !== 'click' || (deed.referrer !== 'feed' && deed.referrer !== 'search')) continue
    const hour = Math.floor(deed.timeMs / hourMs)
    byHour.set(hour, (byHour.get(hour) ?? 0) + 1)
  }
  return [...byHour].map(([hour, count]): Deed => ({
    kind: 'impression',
    timeMs: Math.min(stage.endMs - 1, (hour + 1) * hourMs - 1 - stage.random.below(60_000) + lateMs),
    account,
    count: Math.max(1, Math.round((factor * count) / rate)),
  }))
}
