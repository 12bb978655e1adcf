import { standingPromises } from '../../test/support/standing-promises'
import { MemoryStanding } from './standing-memory'

describe('the served copy in memory', () => {
  standingPromises(() => Promise.resolve(new MemoryStanding()))
})
