import { lineOf, verdictOf } from '../../test/support/standing-promises'
import { StandingUnreachableError } from './standing'
import { StandingFeed } from './standing-feed'
import { MemoryStanding } from './standing-memory'

const records = Array.from({ length: 5 }, (_, number) => lineOf(verdictOf({ verdictId: `v-${number}` })))
const logOf = (count: number, start = 0) => ({
  start,
  end: count,
  read: (from: number) => Promise.resolve(records.slice(from, from + 2)),
})

it('hands over a log batch by batch and stops at its end', async () => {
  const standing = new MemoryStanding()
  const feed = new StandingFeed(standing, 'verdicts', logOf(5))
  //  0 1 | 2 3 | 4
  expect([await feed.step(), await feed.step(), await feed.step(), await feed.step()]).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect([feed.position, feed.lag, standing.stats.applied]).toEqual([5, 0, 5])
})

it('goes on where the copy stands, not at the beginning', async () => {
  const standing = new MemoryStanding()
  await standing.apply({ log: 'verdicts', from: 0, records: records.slice(0, 4) })
  const feed = new StandingFeed(standing, 'verdicts', logOf(5))
  await feed.step()
  expect(standing.stats.applied).toBe(5)
})

it('waits for a copy that does not answer, without an error', async () => {
  const standing = new MemoryStanding()
  const asked = jest.spyOn(standing, 'positionOf').mockRejectedValueOnce(new StandingUnreachableError('away'))
  const feed = new StandingFeed(standing, 'verdicts', logOf(5))
  expect([await feed.step(), feed.problem, feed.lag]).toEqual([false, 'away', 5])
  expect([await feed.step(), feed.problem, feed.lag]).toEqual([true, undefined, 3])
  expect(asked).toHaveBeenCalledTimes(2)
})

it('begins where a log begins that lost its first records', async () => {
  const standing = new MemoryStanding()
  const feed = new StandingFeed(standing, 'verdicts', logOf(5, 3))
  while (await feed.step());
  expect([feed.position, standing.stats.applied]).toEqual([5, 2])
})

it('does not take the copy of a longer log for that of its own', async () => {
  const standing = new MemoryStanding()
  await standing.apply({ log: 'verdicts', from: 0, records })
  const feed = new StandingFeed(standing, 'verdicts', logOf(2))
  expect([await feed.step(), feed.problem]).toEqual([false, expect.stringMatching('it ends at 2')])
})
