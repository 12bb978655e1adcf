import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { verdictIdOf } from '../../model/verdict-id'
import { Overturned } from './overturned'

const hourMs = 3_600_000
const found = { mode: 'live', offence: 'inflated-clicks', subject: 'x', startMs: 10 * hourMs } as const

it('knows which series a verdict is about, and covers what was known when it was overturned', () => {
  //  10:00 found      12:00 overturned       windows from before 12:00 are covered, later ones not, for a day
  const saved = new Overturned()
  saved.advance(10 * hourMs)
  saved.remember(7, found)
  const out = new SnapshotWriter()
  saved.save(out, 'overturned')
  const overturned = new Overturned()
  overturned.load(new SnapshotReader(out.parts()), 'overturned')
  expect(overturned.covers(7, 'inflated-clicks', 11 * hourMs)).toBe(false)
  expect(overturned.overturn(verdictIdOf(found), 12 * hourMs)).toBe(7)
  expect(overturned.covers(7, 'inflated-clicks', 11 * hourMs)).toBe(true)
  expect(overturned.covers(7, 'inflated-clicks', 12 * hourMs)).toBe(false)
  expect(overturned.covers(7, 'manipulated-click-through', 11 * hourMs)).toBe(false)
  expect(overturned.covers(8, 'inflated-clicks', 11 * hourMs)).toBe(false)
  overturned.advance(38 * hourMs)
  expect(overturned.covers(7, 'inflated-clicks', 11 * hourMs)).toBe(false)
})

it.each(['v-0', '', verdictIdOf({ ...found, mode: 'shadow' })])(
  'knows nothing of the verdict "%s"',
  (verdictId) => {
    const overturned = new Overturned()
    overturned.remember(7, found)
    expect(overturned.overturn(verdictId, 12 * hourMs)).toBe(-1)
  },
)
