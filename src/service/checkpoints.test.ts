import { Checkpoints, taken } from './checkpoints'

/** A save whose end the test decides on. */
function heldSave(): {
  readonly save: (onTaken: () => void) => Promise<void>
  readonly take: () => void
  readonly end: () => void
  readonly fail: (error: Error) => void
  readonly begun: () => number
} {
  let [take, end, begun] = [(): void => undefined, (): void => undefined, 0]
  let fail: (error: Error) => void = () => undefined
  return {
    save: (onTaken) => {
      begun++
      take = onTaken
      return new Promise<void>((resolve, reject) => ([end, fail] = [resolve, reject]))
    },
    take: () => {
      take()
    },
    end: () => {
      end()
    },
    fail: (error) => {
      fail(error)
    },
    begun: () => begun,
  }
}

it('stores when something happened, and once', async () => {
  const saves = new Checkpoints(0)
  const stored: string[] = []
  await saves.saveWhenDue(() => Promise.resolve(void stored.push('without news')))
  saves.note()
  await saves.saveWhenDue(() => Promise.resolve(void stored.push('with news')))
  await saves.saveNow(() => Promise.resolve(void stored.push('twice')))
  expect(stored).toEqual(['with news'])
})

it('waits until the next one is due, unless it is to be now', async () => {
  const saves = new Checkpoints(60_000)
  let stored = 0
  const store = (): Promise<void> => {
    stored++
    return Promise.resolve()
  }
  saves.note()
  await saves.saveWhenDue(() => store())
  expect(stored).toBe(0)
  await saves.saveNow(() => store())
  expect(stored).toBe(1)
})

it('comes early for a calm moment, or late', async () => {
  jest.useFakeTimers({ now: 0 })
  try {
    let isCalm = false
    const saves = new Checkpoints(10_000, () => isCalm)
    const storedAtMs: number[] = []
    const comeBy = async (ms: number): Promise<void> => {
      jest.advanceTimersByTime(ms)
      saves.note()
      await saves.saveWhenDue(() => Promise.resolve(void storedAtMs.push(Date.now())))
      await saves.settled()
    }
    isCalm = true
    await comeBy(7_000)
    await comeBy(1_000)
    expect(storedAtMs).toEqual([8_000])
    isCalm = false
    await comeBy(19_000)
    await comeBy(1_000)
    expect(storedAtMs).toEqual([8_000, 28_000])
  } finally {
    jest.useRealTimers()
  }
})

describe('the share of the time that its owner stands still', () => {
  /** When checkpoints begin whose owner, in turn, stands still for so long; after each it is asked every second. */
  async function beginsOf(stands: readonly number[], { afterMs = 0 } = {}): Promise<number[]> {
    jest.useFakeTimers({ now: 0 })
    try {
      const saves = new Checkpoints(10_000, () => true)
      const begins: number[] = []
      while (begins.length < stands.length) {
        jest.advanceTimersByTime(1_000)
        saves.note()
        const { save, end, begun, take } = heldSave()
        await saves.saveWhenDue((onTaken) => {
          const saving = save(onTaken)
          jest.advanceTimersByTime(stands[begins.push(Date.now()) - 1]!)
          take()
          return saving
        })
        if (begun() > 0) jest.advanceTimersByTime(afterMs)
        end()
        await saves.settled()
      }
      return begins.map((ms) => ms / 1_000)
    } finally {
      jest.useRealTimers()
    }
  }

  it('is a twentieth at most, however calm it is', async () => {
    expect(await beginsOf([1_000, 1_000, 1_000, 2_000])).toEqual([8, 17, 37, 57])
  })

  it('is not used up by one that took long alone', async () => {
    expect(await beginsOf([100, 20_000, 100, 100])).toEqual([8, 16.1, 44.1, 52.2])
  })

  it('does not count what the store takes after that', async () => {
    expect(await beginsOf([0, 0, 0], { afterMs: 30_000 })).toEqual([8, 46, 84])
  })
})

it('lets its owner go on when one is taken, and begins the next when that is stored', async () => {
  const saves = new Checkpoints(0)
  const { save, take, end, begun } = heldSave()
  saves.note()
  const saving = saves.saveWhenDue(save)
  take()
  await saving
  saves.note()
  await saves.saveWhenDue(save)
  expect(begun()).toBe(1)

  let isSettled = false
  const settled = saves.settled().then(() => (isSettled = true))
  await new Promise(setImmediate)
  expect(isSettled).toBe(false)
  end()
  await settled

  const second = saves.saveNow(save)
  await new Promise(setImmediate)
  expect(begun()).toBe(2)
  end()
  await second
})

it('tells why one was not stored: whoever waits for it, or else whoever comes next', async () => {
  const full = new Error('no space left')
  const waiting = new Checkpoints(0)
  waiting.note()
  await expect(waiting.saveWhenDue(() => Promise.reject(full))).rejects.toThrow('no space left')

  const gone = new Checkpoints(0)
  const { save, take, fail } = heldSave()
  gone.note()
  const saving = gone.saveWhenDue(save)
  take()
  await saving
  fail(full)
  await gone.settled()
  await expect(gone.saveWhenDue(save)).rejects.toThrow('no space left')
})

it('has taken what is stored without a word', async () => {
  await taken(() => Promise.resolve())
  await expect(taken(() => Promise.reject(new Error('never begun')))).rejects.toThrow('never begun')
})
