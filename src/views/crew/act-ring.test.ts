import fc from 'fast-check'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { ActRing, fieldOf, families, fields, noPlace } from './act-ring'

/** An act, or what happens between two: a snapshot is taken and loaded, or what is older is forgotten. */
const deeds = fc.array(
  fc.record({
    kind: fc.constantFrom('act', 'act', 'act', 'act', 'act', 'saved', 'forgotten'),
    family: fc.nat(families - 1),
    actor: fc.nat(6),
    object: fc.nat(6),
    gapMs: fc.nat(1000),
  }),
  { maxLength: 200 },
)

interface Kept {
  readonly family: number
  readonly actor: number
  readonly object: number
  readonly timeMs: number
}

describe('a ring of acts', () => {
  it('chains and counts the acts that are live like a list, at any size and across snapshots', () => {
    fc.assert(
      fc.property(deeds, fc.integer({ min: 1, max: 40 }), (done, maxActs) => {
        let ring = new ActRing(maxActs)
        let kept: Kept[] = []
        let timeMs = 1_700_000_000_000
        for (const { kind, family, actor, object, gapMs } of done) {
          timeMs += gapMs
          if (kind === 'saved') ring = throughSnapshot(ring, new ActRing(maxActs))
          else if (kind === 'forgotten') {
            ring.forgetBefore(timeMs - 5000)
            kept = kept.filter((act) => act.timeMs >= timeMs - 5000)
          } else {
            const place = ring.push(family, actor, actor, object, object, object, 0, timeMs)
            ring.setOthers(place, 0, 0, 0, 0)
            kept = [...kept, { family, actor, object, timeMs }].slice(-maxActs)
          }
          const field = fieldOf[family]!
          expect(actsOf(ring, field, actor)).toEqual(
            timesOf(kept, (act) => act.actor === actor && fieldOf[act.family] === field),
          )
          expect(actsOn(ring, family, object)).toEqual(
            timesOf(kept, (act) => act.object === object && act.family === family),
          )
          expect([...ring.active]).toEqual(activeIn(kept))
          expect(ring.live).toBe(kept.length)
        }
      }),
      { numRuns: 100 },
    )
  })
})

function actsOf(ring: ActRing, field: number, actor: number): number[] {
  const found: number[] = []
  let place = ring.latestOf(field, actor, actor)
  for (; place !== noPlace; place = ring.previousOfActor(place)) found.push(ring.timeAt(place))
  return found
}

function actsOn(ring: ActRing, family: number, object: number): number[] {
  const found: number[] = []
  let place = ring.latestOn(family, object, object)
  for (; place !== noPlace; place = ring.previousOnObject(place)) found.push(ring.timeAt(place))
  return found
}

/** When the acts were that are asked for, latest first. */
function timesOf(kept: readonly Kept[], isAskedFor: (act: Kept) => boolean): number[] {
  return kept
    .filter(isAskedFor)
    .map(({ timeMs }) => timeMs)
    .reverse()
}

/** How many actors have a live act, by field. */
function activeIn(kept: readonly Kept[]): number[] {
  return Array.from({ length: fields }, (_, field) => {
    return new Set(kept.filter(({ family }) => fieldOf[family] === field).map(({ actor }) => actor)).size
  })
}

function throughSnapshot(ring: ActRing, into: ActRing): ActRing {
  const out = new SnapshotWriter()
  ring.save(out, 'ring')
  into.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'ring')
  return into
}
