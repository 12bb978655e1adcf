import { Checkpoints } from './checkpoints'

it('stores when something happened and the time has come, and tries again what failed', async () => {
  const told: string[] = []
  const saves = new Checkpoints(0, (sentence) => told.push(sentence))
  const stored: string[] = []
  await saves.saveWhenDue(() => Promise.resolve(void stored.push('without news')))
  saves.note()
  await saves.saveWhenDue(() => Promise.reject(new Error('Redis does not answer')))
  saves.hurry()
  await saves.saveWhenDue(() => Promise.resolve(void stored.push('again')))
  saves.hurry()
  await saves.saveWhenDue(() => Promise.resolve(void stored.push('twice')))
  expect(stored).toEqual(['again'])
  expect(told).toEqual(['a checkpoint could not be stored and is tried again: Redis does not answer'])
})

it('waits until the next one is due, unless it is in a hurry', async () => {
  const saves = new Checkpoints(60_000, () => undefined)
  let stored = 0
  saves.note()
  await saves.saveWhenDue(() => Promise.resolve(void stored++))
  expect(stored).toBe(0)
  saves.hurry()
  await saves.saveWhenDue(() => Promise.resolve(void stored++))
  expect(stored).toBe(1)
})
