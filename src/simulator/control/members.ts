import { profile, subjectId } from '../accounts'
import type { Deed, Strength } from '../burst'
import type { Random } from '../random'
import { draw } from '../random'
import { dayMs, hourMs, minuteMs } from '../season'
import type { Stage } from '../stage'
import { accountName } from '../texts'
import { farmPhoneAgent, popularAgents } from '../user-agents'
import type { Occasion } from '../writing/articles'
import { habitsOf } from '../writing/articles'

/** A public account, and the actor by whom it is run. */
export interface Member {
  readonly account: number
  readonly actor: number
  readonly profile: string
  readonly habits: Occasion
}

/**
 * How an operator goes to work. Blatant: a phone and an identity for several accounts, one or two lines, all registered
 * within an hour. Moderate: a phone for three, an identity for two, every second at the same line, registered over
 * hours. Stealth: everything of its own, and registered long ago.
 */
interface Equipment {
  readonly accountsPerActor: number
  readonly accountsPerDevice: number
  readonly accountsPerSubject: number
  readonly sharedLines: number
  readonly sharedLineShare: number
  readonly lineKind: 'hosting' | 'home'
}

const equipment: Readonly<Record<Strength, Equipment>> = {
  blatant: {
    accountsPerActor: 5,
    accountsPerDevice: 10,
    accountsPerSubject: 5,
    sharedLines: 2,
    sharedLineShare: 1,
    lineKind: 'hosting',
  },
  moderate: {
    accountsPerActor: 1,
    accountsPerDevice: 3,
    accountsPerSubject: 2,
    sharedLines: 2,
    sharedLineShare: 0.5,
    lineKind: 'home',
  },
  stealth: {
    accountsPerActor: 1,
    accountsPerDevice: 1,
    accountsPerSubject: 1,
    sharedLines: 0,
    sharedLineShare: 0,
    lineKind: 'home',
  },
}

/** So many accounts under one operator, with devices, lines and identities as his care allows. */
export function equip(stage: Stage, strength: Strength, size: number): Member[] {
  const { random, world } = stage
  const means = equipment[strength]
  const lines = Array.from({ length: means.sharedLines }, () => world.networks.add(means.lineKind))
  const members: Member[] = []
  let device = -1
  let actor = -1
  let subject = ''
  for (let place = 0; place < size; place++) {
    const isOwnLine = lines.length === 0 || !random.chance(means.sharedLineShare)
    if (place % means.accountsPerDevice === 0) device = world.crowd.newDevice()
    if (place % means.accountsPerSubject === 0) subject = subjectId(random)
    if (place % means.accountsPerActor === 0) {
      actor = world.crowd.add({
        createdAtMs: Math.floor(joinedMs(stage, strength)),
        device,
        otherDevice: -1,
        home: isOwnLine ? stage.people.home() : random.pick(lines),
        work: -1,
        carrier: isOwnLine ? stage.people.carrier() : -1,
        agent: strength === 'blatant' ? farmPhoneAgent : draw(popularAgents, random),
      })
    }
    members.push({
      account: stage.newAccount(),
      actor,
      profile: profile(random, { subject, name: accountName(random) }),
      habits: habitsOf(random),
    })
  }
  return members
}

/** How the accounts came to be, as far as the records show it, and that somebody logs in to them. */
export function comings(stage: Stage, strength: Strength, members: readonly Member[]): Deed[] {
  const { random } = stage
  const { startMs } = stage.world.options
  const firstMs = startMs + random.between(0, 0.4) * (stage.warmUpEndMs - startMs)
  return members.flatMap((member): Deed[] => {
    const logins = logInDays(stage, member)
    if (strength === 'stealth') return logins
    const spanMs = strength === 'blatant' ? 50 * minuteMs : 0.6 * (stage.warmUpEndMs - startMs)
    return [registers(member, firstMs + random.between(0, spanMs)), ...logins]
  })
}

export function registers({ account, actor, profile: said }: Member, timeMs: number): Deed {
  return {
    kind: 'account',
    timeMs: Math.floor(timeMs),
    actor,
    account,
    activity: 'registered',
    profile: said,
  }
}

export function closes({ account, actor }: Member, timeMs: number): Deed {
  return { kind: 'account', timeMs: Math.floor(timeMs), actor, account, activity: 'closed', profile: '' }
}

// About once a day, from the end of the warm-up on.
function logInDays(stage: Stage, { account, actor, profile: said }: Member): Deed[] {
  const { random } = stage
  const deeds: Deed[] = []
  let timeMs = stage.warmUpEndMs + random.exponential(0.5 * dayMs)
  for (; timeMs < stage.endMs; timeMs += random.exponential(dayMs)) {
    deeds.push({
      kind: 'account',
      timeMs: Math.floor(timeMs),
      actor,
      account,
      activity: 'login',
      profile: deeds.length === 0 || random.chance(0.3) ? said : '',
    })
  }
  return deeds
}

function joinedMs(stage: Stage, strength: Strength): number {
  const { random, world } = stage
  const { startMs } = world.options
  if (strength === 'blatant') return startMs - random.between(0, 3) * hourMs
  const medianDays = strength === 'moderate' ? 120 : 700
  return startMs - dayMs - Math.min(random.logNormal(medianDays, 0.8), 4_000) * dayMs
}

export function membersOf(members: readonly Member[]): { accounts: number[]; actors: number[] } {
  return {
    accounts: members.map(({ account }) => account),
    actors: [...new Set(members.map(({ actor }) => actor))],
  }
}

export function pickOther<T>(list: readonly T[], one: T, random: Random): T {
  let other = random.pick(list)
  while (other === one && list.length > 1) other = random.pick(list)
  return other
}
