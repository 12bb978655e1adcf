import { profile } from '../accounts'
import type { Deed } from '../burst'
import { about, topic } from '../control/hotspot'
import { registers } from '../control/members'
import type { Member } from '../control/members'
import { ownPosts, posts } from '../control/posting'
import { followerReferrers } from '../habits'
import { draw, mixOf } from '../random'
import { dayMs, hourMs, localHourOf, minuteMs } from '../season'
import type { Stage } from '../stage'
import { remark } from '../texts'
import { burst, contagious, scattered, withTheSeason } from '../times'
import { article, habitsOf } from '../writing/articles'
import type { BenignCase } from './benign'
import { reads } from '../doings'

export const retweetToWin: BenignCase = {
  name: 'retweet-to-win',
  summary:
    'Three shops raffle something every day; the same prize hunters forward each raffle within minutes, all with the phrase that is asked for.',

  plan(stage) {
    const { random } = stage
    const shops = Array.from({ length: 3 }, () => stage.takeAccount(0.1, 0.7))
    const hunters = [...stage.silentMajority(60), ...new Set(stage.anybody(140))]
    const deeds = shops.flatMap((account, place): Deed[] => {
      const author = { account, actor: stage.world.accounts.operator[account]! }
      const phrase = `转发并@三位好友，抽一位送${random.pick(['手机', '咖啡券', '门票', '键盘'])}`
      return daily(stage, 11 + 3 * place).flatMap((postMs) => {
        const raffle = { ...article(random, { length: 2 }), tags: ['转发抽奖'], text: `【抽奖】${phrase}` }
        const passersBy = stage.readersOf(account, 60)
        const present = [...hunters.filter(() => random.chance(0.75)), ...passersBy]
        return [
          posts(author, postMs, raffle),
          ...present.map((actor): Deed => ({
            kind: 'forward',
            timeMs: Math.floor(postMs + 15_000 + random.exponential(25 * minuteMs)),
            actor,
            account,
            channel: 'timeline',
            text: phrase,
          })),
        ]
      })
    })
    return { accounts: shops, offence: 'inflated-forwards', deeds }
  },
}

export const scoreTemplate: BenignCase = {
  name: 'score-template',
  summary:
    'A mini-program writes "I scored 37 in …" for whoever plays: a thousand people forward it, small groups time and again, small accounts post it.',

  plan(stage) {
    const { random } = stage
    const account = stage.takeAccount(0.05, 0.5)
    const game = random.pick(['合成大西瓜', '成语接龙', 'Word Garden', '跳一跳'])
    const score = (): string =>
      `我在《${game}》里得了${1 + random.below(99)}分，超过了${random.below(100)}%的玩家，快来挑战我！`
    const forward = (actor: number, timeMs: number): Deed => ({
      kind: 'forward',
      timeMs: Math.floor(timeMs),
      actor,
      account,
      channel: draw(
        mixOf([
          ['group' as const, 60],
          ['timeline' as const, 40],
        ]),
        random,
      ),
      text: score(),
    })
    const crowd = stage.anybody(1_000)
    const alone = contagious(stage.spanAt(10, 14), crowd.length, random).map((timeMs, place) =>
      forward(crowd[place]!, timeMs),
    )
    // Families and classmates who play against each other of an evening.
    const groups = Array.from({ length: 12 }, () => stage.anybody(4 + random.below(5)))
    const together = groups.flatMap((group) =>
      daily(stage, 20).flatMap((timeMs) =>
        group.flatMap((actor) => [
          forward(actor, timeMs + random.exponential(20 * minuteMs)),
          forward(actor, timeMs + random.exponential(40 * minuteMs)),
        ]),
      ),
    )
    const small = Array.from({ length: 12 }, () => newcomer(stage))
    const players = small.flatMap((member) => [
      ...ownPosts(stage, member, 3),
      ...scattered({ startMs: stage.warmUpEndMs, endMs: stage.endMs }, 3, random).map((timeMs) =>
        posts(member, timeMs, {
          ...article(random, { length: 1 }),
          text: score(),
          tags: [game],
          original: false,
        }),
      ),
    ])
    return {
      accounts: [account, ...small.map((member) => member.account)],
      offence: 'batch-homogeneous-posting',
      deeds: [...settleIn(stage, small), ...alone, ...together, ...players],
    }
  },
}

export const fanClubDaily: BenignCase = {
  name: 'fan-club-daily',
  summary:
    'Day after day a fan club waits for the posts of its star and his studio, forwards each within minutes and chants the same slogans.',

  plan(stage) {
    const { random } = stage
    const star = stage.takeAccount(0.02, 0.3)
    const studio = stage.takeAccount(0.05, 0.6)
    const fans = stage.readersOf(star, 150)
    const chants = Array.from({ length: 4 }, () => remark(random))
    const deeds = [star, studio].flatMap((account, place) =>
      [12, 20].flatMap((hour) =>
        daily(stage, hour + place).flatMap((postMs) => {
          const author = { account, actor: stage.world.accounts.operator[account]! }
          const present = fans.filter(() => random.chance(0.65))
          return [
            posts(author, postMs, article(random)),
            ...present.flatMap((actor): Deed[] => {
              const timeMs = Math.floor(postMs + 10_000 + random.exponential(4 * minuteMs))
              return [
                ...reads(stage, { timeMs, actor, account, referrers: followerReferrers }),
                {
                  kind: 'forward',
                  timeMs: timeMs + 20_000,
                  actor,
                  account,
                  channel: 'timeline',
                  text: random.pick(chants),
                },
                { kind: 'comment', timeMs: timeMs + 40_000, actor, account, text: random.pick(chants) },
              ]
            }),
          ]
        }),
      ),
    )
    return { accounts: [star, studio], offence: 'steered-accounts', deeds }
  },
}

export const homework: BenignCase = {
  name: 'homework',
  summary:
    'Thirty pupils of one school, each with an account of his own, post the task of the day word for word above their answers.',

  plan(stage) {
    const { random } = stage
    const school = stage.world.networks.add('school')
    const pupils = Array.from({ length: 30 }, () => newcomer(stage, school))
    const days = daily(stage, 16)
    const deeds = days.flatMap((timeMs) => {
      const task = `【作业】${article(random, { language: 'zh', length: 2 }).text}`
      return pupils.flatMap((pupil) => {
        if (random.chance(0.1)) return []
        const answer = article(random, { ...pupil.habits, length: 1 + random.below(3) })
        const text = `${task}\n${answer.text}`
        const handedInMs = timeMs + random.exponential(50 * minuteMs)
        return [posts(pupil, handedInMs, { ...answer, text, tags: ['学习打卡'], links: [], original: false })]
      })
    })
    return {
      accounts: pupils.map(({ account }) => account),
      offence: 'batch-homogeneous-posting',
      deeds: [...settleIn(stage, pupils), ...pupils.flatMap((pupil) => ownPosts(stage, pupil, 2)), ...deeds],
    }
  },
}

export const familyDevice: BenignCase = {
  name: 'family-device',
  summary:
    'Three members of a family run an account each from one tablet, and forward each other now and then.',

  plan(stage) {
    const { random } = stage
    const first = newcomer(stage)
    const kin = (): Member => ({
      ...newcomer(stage),
      actor: stage.people.relative(first.actor, stage.world.options.startMs),
    })
    const family = [first, kin(), kin()]
    const deeds = family.flatMap((member) =>
      withTheSeason({ startMs: stage.warmUpEndMs, endMs: stage.endMs }, 6, random).flatMap(
        (timeMs): Deed[] => {
          const content = stage.newContent()
          const post = posts(member, timeMs, article(random, member.habits), content)
          const relative = random.pick(family)
          if (relative === member || !random.chance(0.5)) return [post]
          const laterMs = Math.floor(timeMs + random.exponential(90 * minuteMs))
          const { account } = member
          return [
            post,
            {
              kind: 'forward',
              timeMs: laterMs,
              actor: relative.actor,
              account,
              content,
              channel: 'timeline',
            },
          ]
        },
      ),
    )
    return {
      accounts: family.map(({ account }) => account),
      offence: 'steered-accounts',
      deeds: [...settleIn(stage, family), ...deeds],
    }
  },
}

export const honestHotspot: BenignCase = {
  name: 'honest-hotspot',
  summary:
    'Something happens, and unlinked accounts publish about it under one tag within hours, with links to the same source; their readers take it up.',

  plan(stage) {
    const { random } = stage
    const papers = Array.from({ length: 8 }, () => stage.takeAccount(0, 0.9))
    const small = Array.from({ length: 25 }, () => newcomer(stage))
    const of = topic(stage)
    const span = stage.spanAt(9, 12)
    const authors = [
      ...papers.map((account) => ({
        account,
        actor: stage.world.accounts.operator[account]!,
        habits: habitsOf(random),
      })),
      ...small,
    ]
    const times = burst(span, authors.length, random)
    const deeds = authors.flatMap((author, place): Deed[] => {
      const timeMs = times[place]!
      const content = stage.newContent()
      const isPaper = place < papers.length
      const readers = isPaper ? stage.readersOf(author.account, 80) : stage.anybody(random.poisson(8))
      return [
        posts(author, timeMs, about(stage, author, of, 0.3), content),
        ...readers.flatMap((actor) => {
          const readMs = Math.floor(timeMs + random.exponential(60 * minuteMs))
          const read = reads(stage, { timeMs: readMs, actor, account: author.account, content })
          if (!random.chance(0.4)) return read
          const text = `#${of.tag}# ${random.chance(0.15) ? of.phrase : remark(random)}`
          const base = { timeMs: readMs + 45_000, actor, account: author.account, content, text }
          const deed: Deed = random.chance(0.5)
            ? { ...base, kind: 'forward', channel: 'timeline' }
            : { ...base, kind: 'comment' }
          return [...read, deed]
        }),
      ]
    })
    return {
      accounts: authors.map(({ account }) => account),
      offence: 'false-hotspot',
      deeds: [...settleIn(stage, small), ...small.flatMap((member) => ownPosts(stage, member, 3)), ...deeds],
    }
  },
}

export const tradeFair: BenignCase = {
  name: 'trade-fair',
  summary:
    'At a trade fair forty shopkeepers register an account each at one stand, all behind its line, on phones of their own.',

  plan(stage) {
    const { random } = stage
    const hall = stage.world.networks.add('office')
    const span = stage.spanAt(10, 7)
    const keepers = scattered(span, 40, random).map((timeMs) => ({ timeMs, member: newcomer(stage, hall) }))
    return {
      accounts: keepers.map(({ member }) => member.account),
      offence: 'bulk-registration',
      deeds: keepers.flatMap(({ timeMs, member }) => [
        registers(member, timeMs),
        ...ownPosts(stage, member, random.poisson(1.5), { startMs: timeMs + minuteMs, endMs: stage.endMs }),
      ]),
    }
  },
}

/** Some register at the beginning of the run, the others have done so before; all are heard of with their profile. */
function settleIn(stage: Stage, members: readonly Member[]): Deed[] {
  const { random, world } = stage
  return members.map((member) => {
    const comes = registers(member, random.between(world.options.startMs, stage.warmUpEndMs))
    return random.chance(0.35) ? comes : { ...comes, activity: 'login' }
  })
}

/** An account that nobody has heard of yet, run by somebody with a phone of his own; behind a line where one is given. */
function newcomer(stage: Stage, line?: number): Member {
  const { random, world } = stage
  const resident = stage.people.resident(world.options.startMs)
  const actor =
    line === undefined
      ? resident
      : world.crowd.add({ ...world.crowd.person(resident), home: line, work: -1, carrier: -1 })
  return { account: stage.newAccount(), actor, profile: profile(random), habits: habitsOf(random) }
}

/** About that hour of every day of the run, after the warm-up. */
function daily(stage: Stage, localHour: number): number[] {
  const times: number[] = []
  for (let timeMs = stage.warmUpEndMs; timeMs < stage.endMs - 2 * hourMs; timeMs += hourMs) {
    if (localHourOf(timeMs) !== localHour % 24) continue
    times.push(Math.floor(timeMs + stage.random.below(hourMs / 3)))
    timeMs += dayMs - 2 * hourMs
  }
  return times
}
