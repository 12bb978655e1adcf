import { Checkpoints } from './checkpoints'

it('stores when something happened, and once', async () => {
  const saves = new Checkpoints(0)
  const stored: string[] = []
  await saves.saveWhenDue(() => Promise.resolve(void stored.push('without news')))
  saves.note()
  await saves.saveWhenDue(() => Promise.resolve(void stored.push('with news')))
  saves.hurry()
  await saves.saveWhenDue(() => Promise.resolve(void stored.push('twice')))
  expect(stored).toEqual(['with news'])
})

it('waits until the next one is due, unless it is in a hurry', async () => {
  const saves = new Checkpoints(60_000)
  let stored = 0
  const store = (): Promise<void> => {
    stored++
    return Promise.resolve()
  }
  saves.note()
  await saves.saveWhenDue(() => store())
  expect(stored).toBe(0)
  saves.hurry()
  await saves.saveWhenDue(() => store())
  expect(stored).toBe(1)
})
