import { nameIn, profile, subjectId } from '../accounts'
import type { Deed } from '../burst'
import { ownPosts, posts } from '../control/posting'
import { followerReferrers } from '../habits'
import { dayMs, hourMs, minuteMs } from '../season'
import type { Stage } from '../stage'
import type { Article } from '../writing/articles'
import { article, creditedTo, habitsOf } from '../writing/articles'
import type { BenignCase } from './benign'
import { reads } from '../doings'

export const agencySyndication: BenignCase = {
  name: 'agency-syndication',
  summary:
    "Papers print an agency's reports under their own titles and with its name, word for word and within the hour.",

  plan(stage) {
    const agency = stage.takeAccount(0, 0.5)
    const papers = Array.from({ length: 10 }, () => stage.takeAccount(0.05, 0.9))
    const { startMs } = stage.spanAt(10, 8)
    const name = nameIn(stage.world.accounts.profiles[agency]!)
    const deeds = Array.from({ length: 5 }, (_, report) => {
      const wire = article(stage.random, { original: true })
      const wireMs = startMs + report * 80 * minuteMs
      const printed = papers.map((account) =>
        prints(
          stage,
          account,
          wireMs + minuteMs + stage.random.below(50 * minuteMs),
          creditedTo(name, wire, stage.random),
        ),
      )
      return [prints(stage, agency, wireMs, wire), ...printed]
    }).flat()
    return { accounts: [agency, ...papers], offence: 'batch-homogeneous-posting', deeds }
  },
}

export const pressRelease: BenignCase = {
  name: 'press-release',
  summary:
    'A company sends out a press release, and unlinked papers print it within hours, word for word and without credit.',

  plan(stage) {
    const accounts = Array.from({ length: 8 }, () => stage.takeAccount(0.05, 0.95))
    const { startMs } = stage.spanAt(9, 6)
    const release = { ...article(stage.random, { length: 7 }), original: false }
    const deeds = accounts.map((account) => {
      const timeMs = startMs + stage.random.below(3 * hourMs)
      const cut = stage.random.chance(0.4) ? { ...release, mediaHashes: [] } : release
      return prints(stage, account, timeMs, cut)
    })
    return { accounts, offence: 'batch-homogeneous-posting', deeds }
  },
}

export const declaredNetwork: BenignCase = {
  name: 'declared-network',
  summary:
    'City editions of one publisher, declared as a network, post the same texts day after day and send each other their readers.',

  plan(stage) {
    const accounts = Array.from({ length: 6 }, () => stage.takeAccount(0.1, 0.9))
    const network = `n${(stage.random.bits() >>> 0).toString(16).padStart(8, '0')}`
    const { startMs } = stage.spanAt(9, 10)
    const days = Math.max(1, Math.floor((stage.endMs - startMs) / dayMs))
    const deeds = accounts.flatMap((account): Deed[] => [
      declares(stage, account, startMs - stage.random.below(30 * minuteMs), network),
      ...readersOfAll(stage, account, accounts, startMs),
    ])
    const notices = Array.from({ length: Math.max(3, 3 * days) }, (_, turn) => {
      const notice = article(stage.random)
      const noticeMs = startMs + turn * 8 * hourMs
      return accounts.map((account) =>
        prints(stage, account, noticeMs + stage.random.below(3 * minuteMs), notice),
      )
    })
    return { accounts, offence: 'batch-homogeneous-posting', deeds: [...deeds, ...notices.flat()] }
  },
}

export const branchNotices: BenignCase = {
  name: 'branch-notices',
  summary:
    'Twenty branches of one company, each with an account of the same verified identity, post every official notice of head office.',

  plan(stage) {
    const { random } = stage
    const subject = subjectId(random)
    const office = stage.world.networks.add('office')
    const branches = Array.from({ length: 20 }, (_, place) => {
      const actor = stage.people.resident(stage.world.options.startMs)
      const atOffice = random.chance(0.3)
      return {
        account: stage.newAccount(),
        actor: atOffice ? behind(stage, office) : actor,
        profile: profile(random, { subject, category: 'government', name: `电力服务${place + 1}所` }),
        habits: habitsOf(random),
      }
    })
    const firstMs = stage.warmUpEndMs + random.below(2 * hourMs)
    const notices: Deed[] = []
    for (let timeMs = firstMs; timeMs < stage.endMs; timeMs += 8 * hourMs) {
      const notice = article(random, { language: 'zh', length: 4, original: false })
      const official = { ...notice, title: `【官方通知】${notice.title}`, tags: ['官方通知'] }
      notices.push(
        ...branches.map((branch) =>
          posts(branch, timeMs + 3 * minuteMs + random.below(25 * minuteMs), official),
        ),
      )
    }
    return {
      accounts: branches.map(({ account }) => account),
      offence: 'batch-homogeneous-posting',
      deeds: [
        ...branches.map((branch): Deed => ({
          kind: 'account',
          timeMs: Math.floor(random.between(stage.world.options.startMs, firstMs)),
          actor: branch.actor,
          account: branch.account,
          activity: 'login',
          profile: branch.profile,
        })),
        ...branches.flatMap((branch) => ownPosts(stage, branch, 2)),
        ...notices,
      ],
    }
  },
}

function behind(stage: Stage, network: number): number {
  const { crowd } = stage.world
  const resident = crowd.person(stage.people.resident(stage.world.options.startMs))
  return crowd.add({ ...resident, home: network, work: -1, carrier: -1 })
}

function prints(stage: Stage, account: number, timeMs: number, text: Article): Deed {
  return posts({ account, actor: stage.world.accounts.operator[account]! }, timeMs, text)
}

function declares(stage: Stage, account: number, timeMs: number, network: string): Deed {
  const { operator, profiles } = stage.world.accounts
  const said = `${profiles[account]!},"declaredNetwork":"${network}"`
  return { kind: 'account', timeMs, actor: operator[account]!, account, activity: 'login', profile: said }
}

// Readers of one edition follow a link at the foot of the notice and subscribe to the others, one after the other.
function readersOfAll(stage: Stage, own: number, accounts: readonly number[], startMs: number): Deed[] {
  const { random } = stage
  return stage.random.sample(stage.readersOf(own, 300), 60).flatMap((actor) => {
    const timeMs = Math.floor(startMs + 4 * minuteMs + random.exponential(150 * minuteMs))
    const others = random.sample(accounts, 2 + random.below(4)).filter((account) => account !== own)
    return [
      ...reads(stage, { timeMs, actor, account: own, referrers: followerReferrers }),
      ...others.map((account, place): Deed => {
        const laterMs = timeMs + 40_000 + place * 9_000 + random.below(7_000)
        return { kind: 'subscription', timeMs: laterMs, actor, account, source: 'article' }
      }),
    ]
  })
}
