import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { LogPlaces } from './log-places'

//  position   0   1   2   3   4   5   6
//  time       0   0  10   –  20  20  40      grain 10, a mark at 3
function places(): LogPlaces {
  const log = new LogPlaces('accounts', 10)
  for (const timeMs of [0, 0, 10, undefined, 20, 20, 40]) {
    if (timeMs === undefined) log.pass()
    else log.note(timeMs)
  }
  return log
}

it.each([
  ['one grain', { start: 20, end: 30 }, { from: 4, to: 5 }],
  ['what begins and ends within grains', { start: 15, end: 21 }, { from: 2, to: 5 }],
  ['all', { start: 0, end: 1000 }, { from: 0, to: 6 }],
  ['an end that nothing of is there', { start: 5, end: 10 }, { from: 0, to: 1 }],
])('names the records that hold a window: %s', (_, window, { from, to }) => {
  expect(places().of(window)).toEqual([{ log: 'accounts', partition: 0, from, to }])
})

it('names none where there are none', () => {
  expect(places().of({ start: 30, end: 40 })).toEqual([])
  expect(places().of({ start: 50, end: 60 })).toEqual([])
})

it('is the same however far the log was read ahead', () => {
  const ahead = places()
  const before = ahead.of({ start: 10, end: 30 })
  ahead.pass()
  ahead.note(50)
  expect(ahead.of({ start: 10, end: 30 })).toEqual(before)
})

it('forgets what it is told to, and nothing else', () => {
  const log = places()
  log.forgetBefore(10)
  log.note(1_000_000)
  expect(log.of({ start: 0, end: 50 })).toEqual([{ log: 'accounts', partition: 0, from: 2, to: 6 }])
})

it('goes on from what was saved', () => {
  const out = new SnapshotWriter()
  places().save(out, 'places')
  const log = new LogPlaces('accounts', 10)
  const saved = new SnapshotReader(out.parts())
  // One entry a grain, however many records hold something of it.
  expect([...saved.float64('places.startsMs')]).toEqual([0, 10, 20, 40])
  log.load(saved, 'places')
  log.note(40)
  expect(log.of({ start: 0, end: 1000 })).toEqual([{ log: 'accounts', partition: 0, from: 0, to: 7 }])
})
