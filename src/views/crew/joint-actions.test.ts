import fc from 'fast-check'
import { actFamilyCode } from '../../model/acts'
import { mix32 } from '../../model/hash'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { isSampled } from '../trace/object-sample'
import { JointActions, jointActionsDefaults } from './joint-actions'
import type { Hash64, JointActionsOptions, JointPair } from './joint-actions'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const startMs = 20_000 * dayMs
const [click, text, passage] = (['click', 'text', 'passage'] as const).map(actFamilyCode) as [
  number,
  number,
  number,
]

describe('who acts together', () => {
  it('is told when two meet on four rare objects within a minute', () => {
    //  0'   10'  20'  30'
    //  x    y    z    w     ann
    //  x    y    z    w     bob, half a minute later
    const joint = amongOthers()
    const [pair, ...more] = play(
      joint,
      'ann:x@0 bob:x@0.5 ann:y@10 bob:y@10.5 ann:z@20 bob:z@20.5 ann:w@30 bob:w@30.5',
    )
    expect(more).toEqual([])
    expect(namesOf(pair!)).toEqual(['ann', 'bob'])
    expect(pair).toMatchObject({ family: 2, tempoMs: minuteMs, count: 4 })
    expect(pair!.expected).toBeLessThan(0.03)
    expect([pair!.fromMs, pair!.toMs]).toEqual([startMs + dayMs, startMs + dayMs + 30.5 * minuteMs])
    expect(pair!.objects).toEqual(['w', 'z', 'y'].map(objectOf))
  })

  it('is told with the day as their tempo when they are hours apart', () => {
    const pairs = play(
      amongOthers(),
      'ann:x@0 ann:y@10 ann:z@20 ann:w@30 bob:z@400 bob:w@450 bob:x@500 bob:y@700',
    )
    expect(pairs.map(({ tempoMs, count }) => ({ tempoMs, count }))).toEqual([{ tempoMs: dayMs, count: 4 }])
  })

  it('is nobody who meets twice, or more than a day apart', () => {
    expect(play(amongOthers(), 'ann:x@0 bob:x@1 ann:y@10 bob:y@11')).toEqual([])
    expect(
      play(amongOthers(), 'ann:x@0 ann:y@0 ann:z@0 ann:w@0 bob:x@1450 bob:y@1450 bob:z@1450 bob:w@1450'),
    ).toEqual([])
  })

  it('is not the fans of one account, however much it publishes', () => {
    const posts = Array.from(
      { length: 20 },
      (_, post) => `ann:p${post}/star@${post} bob:p${post}/star@${post}.5`,
    )
    expect(play(amongOthers(), posts.join(' '))).toEqual([])
  })

  it('is not those who meet where everybody is', () => {
    const joint = amongOthers({ crowd: ['x', 'y', 'z', 'w'] })
    expect(
      play(joint, 'ann:x@0 bob:x@0.5 ann:y@10 bob:y@10.5 ann:z@20 bob:z@20.5 ann:w@30 bob:w@30.5'),
    ).toEqual([])
  })

  it('is not those who do things of two kinds', () => {
    const joint = amongOthers()
    play(joint, 'ann:x@0 bob:x@1 ann:y@2 bob:y@3')
    expect(play(joint, 'ann:z@4 bob:z@5 ann:w@6 bob:w@7', { family: 1 })).toEqual([])
  })

  it('is told of those who meet once in three weeks, and not of those who do so twice in a quarter', () => {
    const meetings = (everyDays: number) => {
      const joint = amongOthers({ horizonMs: jointActionsDefaults.horizonMs })
      return ['x', 'y', 'z', 'w'].flatMap((object, at) => {
        const minute = at * everyDays * 1440
        return play(joint, `ann:${object}@${minute} bob:${object}@${minute + 1}`).map(namesOf)
      })
    }
    expect(meetings(21)).toEqual([['ann', 'bob']])
    expect(meetings(46)).toEqual([])
  })

  it('is told again when they have met on twice as much, and not before', () => {
    const joint = amongOthers()
    const told = ['x', 'y', 'z', 'u', 'v', 'w', 'q', 'r', 's'].map((object, at) =>
      play(joint, `ann:${object}@${at * 10} bob:${object}@${at * 10 + 1}`).map(({ count }) => count),
    )
    expect(told).toEqual([[], [], [], [4], [], [], [], [8], []])
  })

  it('is found behind camouflage: other things that each of them does alone do not hide what they share', () => {
    const alone = Array.from({ length: 9 }, (_, at) => `ann:a${at}@${at} bob:b${at}@${at}`).join(' ')
    const shared = ['x', 'y', 'z', 'u', 'v', 'w']
      .map((object, at) => `ann:${object}@${at * 20} bob:${object}@${at * 20 + 200}`)
      .join(' ')
    const pairs = play(amongOthers(), `${alone} ${shared}`)
    expect(pairs.map(namesOf)).toEqual([['ann', 'bob']])
  })

  it('is no less surprising for being many, where nobody writes the same by chance', () => {
    //  passages of three texts, each by the same forty authors within minutes, among 400 who write alone
    const joint = amongOthers({ family: passage })
    const spun = ['x', 'y', 'z'].flatMap((text, batch) =>
      Array.from({ length: 40 }, (_, author) => `m${author}:${text}@${batch * 60 + author * 0.01}`),
    )
    expect(play(joint, spun.join(' '), { family: passage })).toHaveLength((40 * 39) / 2)
  })

  it('is asked among authors where it is about what they write, however many read', () => {
    //  ann and bob publish three texts alike; 400 others write, and 4,000 read
    const told = [0, 4_000].map((readers) => {
      const joint = amongOthers({ family: text })
      for (let reader = 0; reader < readers; reader++) {
        const timeMs = startMs + dayMs + reader
        add(joint, { who: `r${reader}`, object: `c${reader}`, timeMs, family: click })
      }
      return play(joint, 'ann:x@1 bob:x@1.5 ann:y@10 bob:y@10.5 ann:z@20 bob:z@20.5', { family: text })
    })
    expect(told.map((pairs) => pairs.map(namesOf))).toEqual([[['ann', 'bob']], [['ann', 'bob']]])
  })

  it('lets a pair in that waited when others are told', () => {
    // Three meetings are 0.07 by chance among so many pairs: too much for one, a hundredth of sixteen.
    const joint = amongOthers()
    expect(play(joint, 'cid:s@0 dan:s@1 cid:t@10 dan:t@11 cid:r@20 dan:r@21')).toEqual([])
    const crew = Array.from({ length: 8 }, (_, object) =>
      ['eve', 'fay', 'gus', 'hal', 'ida', 'joe'].map(
        (who, at) => `${who}:o${object}@${400 + object * 10 + at * 0.1}`,
      ),
    )
    const pairs = play(joint, crew.flat().join(' '))
    expect(pairs.map(namesOf)).toContainEqual(['cid', 'dan'])
  })
})

describe('the chance of meeting', () => {
  it('expects (n_a F_b + n_b F_a) / N of what is remembered', () => {
    //        x@0  y@10  z@20  w@30       n   F (others before, within a minute)
    //  ann   0.0  10.0  20.0             3   1 (cid on y)
    //  bob   0.5  10.5  20.5  30.0       4   1 + 2 + 1
    //  cid         9.9                   1   0
    const joint = new JointActions({ ...small, falseDiscoveries: 1e6 })
    const pairs = play(joint, 'ann:x@0 bob:x@0.5 cid:y@9.9 ann:y@10 bob:y@10.5 ann:z@20 bob:z@20.5 bob:w@30')
    const pair = pairs.find((told) => namesOf(told).join() === 'ann,bob')
    expect(pair).toMatchObject({ count: 3, tempoMs: minuteMs })
    expect(pair!.expected).toBeCloseTo((3 * 4 + 4 * 1) / 8, 12)
  })
})

describe('what is remembered', () => {
  it('is what an actor did within the horizon, latest first', () => {
    const joint = new JointActions(small)
    play(joint, 'ann:x@0 ann:y/star@100 bob:z@200')
    expect(joint.recentActs(actorOf('ann'))).toEqual([
      {
        family: 2,
        object: objectOf('y'),
        owner: objectOf('star').low,
        timeMs: startMs + dayMs + 100 * minuteMs,
      },
      { family: 2, object: objectOf('x'), owner: objectOf('x').low, timeMs: startMs + dayMs },
    ])
    joint.closeEpoch(startMs + dayMs + small.horizonMs + 50 * minuteMs)
    expect(joint.recentActs(actorOf('ann')).map(({ object }) => object)).toEqual([objectOf('y')])
    expect(joint.recentActs(actorOf('eve'))).toEqual([])
  })

  it('gives way to what is newer when memory is full, and that is counted', () => {
    const joint = new JointActions({ ...small, maxActs: 4 })
    play(joint, 'ann:x@0 ann:y@1 ann:z@2 bob:x@3 bob:y@4 bob:z@5')
    expect(joint.forgottenActs).toBe(2)
    expect(joint.recentActs(actorOf('ann')).map(({ object }) => object)).toEqual([objectOf('z')])
  })

  it('holds no more than its caps in a flood', () => {
    const joint = new JointActions({
      ...small,
      maxActs: 500,
      maxPairs: 100,
      meetingBits: 1024,
    })
    const byteLength = flood(joint, 1000)
    expect(flood(joint, 20_000)).toBeLessThanOrEqual(byteLength * 2)
    expect(joint.forgottenActs).toBeGreaterThan(20_000)
    expect(Math.min(...Object.values(joint.evicted))).toBeGreaterThan(0)
  })

  it('meets everybody who is remembered on the object within a day, and nobody else', () => {
    fc.assert(
      fc.property(someActs, fc.integer({ min: 2, max: 12 }), (acts, maxActs) => {
        const met: string[] = []
        const onMeeting = (earlier: number, later: number): void => {
          met.push(`${earlier} ${later}`)
        }
        addAll(new JointActions({ ...small, maxActs, onMeeting }), acts)
        const expected = acts.flatMap((act, number) =>
          acts
            .slice(Math.max(0, number - maxActs + 1), number)
            .map((before, at) => ({ before, place: at + Math.max(0, number - maxActs + 1) }))
            .filter(
              ({ before }) =>
                before.object === act.object && before.who !== act.who && act.timeMs - before.timeMs <= dayMs,
            )
            .reverse()
            .map(({ place }) => `${place % maxActs} ${number % maxActs}`),
        )
        expect(met).toEqual(expected)
      }),
    )
  })

  it('meets on a popular object only who is kept there, and within an hour', () => {
    //  minute   0      1     50      70
    //  others   0      1     200     200     from 128 on one actor in four is kept
    //           first  left  second  third
    const met: string[] = []
    const kept = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'joe']
    const [first, second, third] = kept.filter((name) => isSampled(actorOf(name).high, 2))
    const left = kept.find((name) => !isSampled(actorOf(name).high, 2))!
    const joint = new JointActions({
      ...small,
      keptPerObject: Array<number>(9).fill(64),
      onMeeting: (earlier, later) => {
        met.push(`${earlier} ${later}`)
      },
    })
    const at = (who: string, minute: number, others: number): void => {
      const { high, low } = actorOf(who)
      const object = objectOf('x')
      joint.add(2, high, low, object.high, object.low, object.low, others, startMs + minute * minuteMs)
    }
    at(first!, 0, 0)
    at(left, 1, 1)
    expect(met).toEqual(['0 1'])
    at(second!, 50, 200)
    at(third!, 70, 200)
    expect(met.slice(1)).toEqual(['0 2', '2 3'])
  })

  it('comes back from a snapshot and goes on to the same pairs', () => {
    fc.assert(
      fc.property(someActs, fc.nat(60), (acts, cut) => {
        const options = { ...small, maxActs: 40, meetingBits: 1024, falseDiscoveries: 1e4 }
        const whole = new JointActions(options)
        const first = new JointActions(options)
        addAll(whole, acts.slice(0, cut))
        addAll(first, acts.slice(0, cut))
        const second = new JointActions(options)
        second.load(new SnapshotReader(bytesOf(first)), 'j')
        const rest = acts.slice(cut)
        const endMs = (acts.at(-1)?.timeMs ?? startMs) + minuteMs
        addAll(whole, rest)
        addAll(second, rest)
        expect(second.closeEpoch(endMs)).toEqual(whole.closeEpoch(endMs))
        expect(Buffer.concat(bytesOf(second)).equals(Buffer.concat(bytesOf(whole)))).toBe(true)
      }),
    )
  })
})

const small = {
  maxActs: 4096,
  maxPairs: 4096,
  meetingBits: 2 ** 20,
  horizonMs: 7 * dayMs,
} satisfies Partial<JointActionsOptions>

/** A day with 400 people who do two things each, among 300 objects and what a crowd is on. */
function amongOthers({
  crowd = [],
  family = 2,
  ...options
}: Partial<JointActionsOptions> & {
  readonly crowd?: readonly string[]
  readonly family?: number
} = {}): JointActions {
  const joint = new JointActions({ ...small, ...options })
  for (let act = 0; act < 800; act++) {
    const timeMs = startMs + act * 100_000
    add(joint, { who: `p${act % 400}`, object: `h${mix32(act, 1) % 300}`, family, timeMs })
  }
  crowd.forEach((object, at) => {
    for (let act = 0; act < 60; act++) {
      add(joint, { who: `p${act * 3 + at}`, object, timeMs: startMs + dayMs - 60_000 + act * 1000 })
    }
  })
  joint.closeEpoch(startMs + dayMs)
  return joint
}

/** Plays `who:object/owner@minute` of the second day, then ends the epoch. */
function play(joint: JointActions, timeline: string, { family = 2 } = {}): JointPair[] {
  const acts = timeline.split(' ').map((act) => {
    const [, who, object, owner, minute] = /^(\w+):(\w+)(?:\/(\w+))?@([\d.]+)$/.exec(act)!
    const timeMs = startMs + dayMs + Number(minute) * minuteMs
    return { who: who!, object: object!, timeMs, family, ...(owner === undefined ? {} : { owner }) }
  })
  acts.sort((a, b) => a.timeMs - b.timeMs)
  for (const act of acts) add(joint, act)
  return joint.closeEpoch(acts.at(-1)!.timeMs + 10_000)
}

interface TestAct {
  readonly who: string
  readonly object: string
  readonly owner?: string
  readonly family?: number
  readonly timeMs: number
}

function add(joint: JointActions, { who, object, owner = object, family = 2, timeMs }: TestAct): void {
  const actor = actorOf(who)
  const target = objectOf(object)
  joint.add(family, actor.high, actor.low, target.high, target.low, objectOf(owner).low, 0, timeMs)
}

function addAll(joint: JointActions, acts: readonly TestAct[]): void {
  for (const act of acts) add(joint, act)
}

function flood(joint: JointActions, acts: number): number {
  for (let act = 0; act < acts; act++) {
    const timeMs = startMs + joint.forgottenActs + act
    add(joint, { who: `p${mix32(act, 1) % 3000}`, object: `h${mix32(act, 2) % 500}`, timeMs })
    if (act % 100 === 0) joint.closeEpoch(timeMs)
  }
  return joint.byteLength
}

const someActs = fc
  .array(
    fc.record({
      who: fc.constantFrom('ann', 'bob', 'cid', 'dan'),
      object: fc.constantFrom('x', 'y', 'z', 'u', 'v'),
      timeMs: fc.integer({ min: startMs, max: startMs + 2 * dayMs }),
    }),
    { maxLength: 60 },
  )
  .map((acts) => acts.sort((a, b) => a.timeMs - b.timeMs))

function bytesOf(joint: JointActions): Uint8Array[] {
  const out = new SnapshotWriter()
  joint.save(out, 'j')
  return out.parts().map((part) => part.slice())
}

function namesOf({ a, b }: JointPair): string[] {
  const names = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'joe']
  return [a, b].map((hash) => names.find((name) => actorOf(name).high === hash.high) ?? 'somebody').sort()
}

function actorOf(name: string): Hash64 {
  return hashOf(name, 1)
}

function objectOf(name: string): Hash64 {
  return hashOf(name, 2)
}

function hashOf(name: string, salt: number): Hash64 {
  let high = salt
  for (const letter of name) high = mix32(high, letter.charCodeAt(0))
  return { high, low: mix32(high, salt) }
}
