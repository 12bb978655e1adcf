import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { CrewActs } from './crew-acts'
import type { CrewAct } from './crew-acts'

const minuteMs = 60_000

function actOf(minute: number): CrewAct {
  return { series: 4, timeMs: minute * minuteMs, isMadeByIt: minute % 2 === 0 }
}

function taken(acts: CrewActs, high: number, low: number): number[] {
  const minutes: number[] = []
  acts.take([[high, low]], (act) => {
    expect(act).toEqual(actOf(act.timeMs / minuteMs))
    minutes.push(act.timeMs / minuteMs)
  })
  return minutes
}

it('gives the acts of one actor once, leaves those of others, and goes on from what was saved', () => {
  const saved = new CrewActs()
  for (let minute = 0; minute < 1000; minute++) saved.add(minute % 3, 7, actOf(minute))
  expect(taken(saved, 1, 7)).toHaveLength(333)
  const out = new SnapshotWriter()
  saved.save(out)
  const acts = new CrewActs()
  acts.load(new SnapshotReader(out.parts()))
  expect(taken(acts, 1, 7)).toEqual([])
  expect(taken(acts, 0, 7).slice(0, 3)).toEqual([0, 3, 6])
  expect(taken(acts, 2, 8)).toEqual([])
  expect(taken(acts, 2, 7)).toHaveLength(333)
})

it('keeps what is of its windows, as many as it may, and counts what falls out', () => {
  const acts = new CrewActs(512)
  for (let minute = 0; minute < 500; minute++) acts.add(1, 1, actOf(minute))
  acts.forgetBefore(100 * minuteMs)
  for (let minute = 500; minute < 700; minute++) acts.add(1, 1, actOf(minute))
  expect(acts.evicted).toBe(88)
  const minutes = taken(acts, 1, 1)
  expect([minutes[0], minutes.at(-1), minutes.length]).toEqual([188, 699, 512])
})
