import type { Deed } from '../burst'
import { dayMs, minuteMs } from '../season'
import type { Stage } from '../stage'
import { draw, mixOf } from '../random'
import { popularAgents } from '../user-agents'
import type { BenignCase } from './benign'
import { reads } from '../doings'

const sources = mixOf([
  ['qr-code' as const, 75],
  ['search' as const, 25],
])

export const schoolClasses: BenignCase = {
  name: 'school-classes',
  summary:
    'Eight classes of 30 to 45 pupils subscribe and read as their teachers ask: one school, one address, own phones.',

  plan(stage) {
    const account = stage.takeAccount(0.4, 0.9)
    const school = stage.world.networks.add('school')
    const { startMs } = stage.spanAt(9, 8)
    const deeds = Array.from({ length: 8 }, (_, lesson) =>
      lessonOf(stage, account, school, startMs + lesson * 55 * minuteMs),
    ).flat()
    return { accounts: [account], offence: 'inflated-subscriptions', deeds }
  },
}

function lessonOf(stage: Stage, account: number, school: number, startMs: number): Deed[] {
  const { random } = stage
  const size = 30 + random.below(16)
  return Array.from({ length: size }, (_, place): Deed[] => {
    const actor = pupil(stage, school)
    const timeMs = Math.floor(startMs + random.between(0, 6 * minuteMs))
    const who = { actor, account }
    const deeds: Deed[] = [{ ...who, kind: 'subscription', timeMs, source: draw(sources, random) }]
    if (random.chance(0.85)) {
      deeds.push(
        ...reads(stage, { ...who, timeMs: timeMs + 8_000 + random.below(60_000), medianDwellMs: 90_000 }),
      )
    }
    if (random.chance(0.5)) {
      const doneMs = timeMs + 4 * minuteMs + random.below(5 * minuteMs)
      deeds.push({ ...who, kind: 'comment', timeMs: doneMs, text: `${place + 1}号已完成` })
    }
    return deeds
  }).flat()
}

// In school everybody is behind the school's line.
function pupil(stage: Stage, school: number): number {
  const { crowd } = stage.world
  const createdAtMs = Math.floor(stage.warmUpEndMs - stage.random.logNormal(400 * dayMs, 0.7))
  const agent = draw(popularAgents, stage.random)
  return crowd.add({
    createdAtMs,
    device: crowd.newDevice(),
    otherDevice: -1,
    home: school,
    work: -1,
    carrier: -1,
    agent,
  })
}
