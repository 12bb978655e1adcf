import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { Measures } from './measures'

it('is taken back when it was saved before the first epoch had closed', () => {
  const out = new SnapshotWriter()
  new Measures(10_000).save(out)
  const measures = new Measures(10_000)
  measures.load(new SnapshotReader(out.parts()), Number.NEGATIVE_INFINITY)
  expect(measures.accounts.size).toBe(0)
})
