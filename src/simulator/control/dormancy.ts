import type { Burst, Deed, Strength } from '../burst'
import { reads } from '../doings'
import type { OpenStage } from '../scenarios/scenario'
import { dayMs, hourMs } from '../season'
import type { Stage } from '../stage'
import type { Member } from './members'
import { posts } from './posting'
import { article, habitsOf } from '../writing/articles'
import { activity, audienceOf, registration, somebody, wholeSpan } from './tenure'

/**
 * Accounts that are registered and never used. Blatant: by one hand, and nothing ever happens; moderate: people find and
 * follow them; stealth: whoever registered them is on the platform every day, as a reader of others.
 */
export function planDormancies(stage: Stage, strength: Strength, size: number): Burst[] {
  const owner = somebody(stage)
  return Array.from({ length: size }, () => {
    const actor = strength === 'blatant' ? owner : somebody(stage)
    const { account, deed, timeMs } = comes(stage, actor)
    const around = {
      blatant: () => [],
      moderate: () => audienceOf(stage, account, { startMs: timeMs, endMs: stage.endMs }),
      stealth: () => readsOthers(stage, actor),
    }[strength]()
    return {
      attack: `dormant-${strength}`,
      campaign: `${stage.name}-${account}`,
      offence: 'dormant-account',
      strength,
      beginsMs: Math.floor(timeMs),
      ...{ accounts: [account], accountLabel: 'fraud', actors: [actor], actorLabel: 'fraud' },
      deeds: [deed, ...around],
      fronts: [],
    }
  })
}

/** Accounts that do next to nothing, and are not dormant. */
export function planHonestSilences(open: OpenStage): Burst[] {
  return Object.entries(silences).map(([name, plan]) => {
    const stage = open(name)
    const actor = somebody(stage)
    const came = comes(stage, actor)
    return {
      attack: name,
      campaign: stage.name,
      offence: 'dormant-account',
      ...{ accounts: [came.account], accountLabel: 'honest', actors: [actor], actorLabel: 'honest' },
      deeds: [came.deed, ...plan(stage, { ...came, actor })],
      fronts: [],
    }
  })
}

type Came = { readonly account: number; readonly actor: number; readonly timeMs: number }

const silences: Readonly<Record<string, (stage: Stage, came: Came) => Deed[]>> = {
  'one-login-in-month-five': (_stage, { account, actor, timeMs }) => [
    activity(account, actor, timeMs + 140 * dayMs, 'login'),
  ],
  'publishes-by-a-program': (stage, { account, actor, timeMs }) => {
    const habits = habitsOf(stage.random)
    const program: Pick<Member, 'account' | 'actor'> = { account, actor }
    return [40, 80, 120, 160].map((day) =>
      posts(program, timeMs + day * dayMs, article(stage.random, habits)),
    )
  },
  'renamed-once': (_stage, { account, actor, timeMs }) => [
    activity(account, actor, timeMs + 100 * dayMs, 'renamed'),
  ],
  'closed-again': (_stage, { account, actor, timeMs }) => [
    activity(account, actor, timeMs + 30 * dayMs, 'closed'),
  ],
  'answers-its-readers': (stage, { account, actor, timeMs }) => [
    ...audienceOf(stage, account, { startMs: timeMs, endMs: stage.endMs }),
    { kind: 'comment', account, actor, timeMs: Math.floor(timeMs + 50 * dayMs), text: '谢谢大家' },
  ],
}

// In the first three days, so that six months are over before the end.
function comes(stage: Stage, actor: number): { account: number; deed: Deed; timeMs: number } {
  const timeMs = Math.floor(stage.warmUpEndMs + stage.random.between(0, 3 * dayMs - 12 * hourMs))
  return { ...registration(stage, actor, timeMs), timeMs }
}

function readsOthers(stage: Stage, actor: number): Deed[] {
  const { random, world } = stage
  const span = wholeSpan(stage)
  return Array.from({ length: 60 }, () => {
    const account = random.pick([...world.accounts.ranked])
    return reads(stage, { timeMs: Math.floor(random.between(span.startMs, span.endMs)), actor, account })
  }).flat()
}
