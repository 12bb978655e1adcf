import { RecentShare } from './recent-share'

it('says nothing of a few records, and forgets what is long ago', () => {
  const share = new RecentShare()
  for (let record = 0; record < 99; record++) share.note(true)
  expect(share.share).toBe(0)
  share.note(true)
  expect(share.share).toBe(1)
  for (let record = 0; record < 100_000; record++) share.note(false)
  expect(share.share).toBeLessThan(0.001)
})
