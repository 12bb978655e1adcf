import { setTimeout as sleep } from 'node:timers/promises'
import { Interrupt } from './interrupt'

afterEach(() => {
  jest.restoreAllMocks()
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal)
})

it('asks politely first, takes what comes right after for the same press, and ends the process at the next', async () => {
  const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never)
  let asked = 0
  const interrupt = new Interrupt(() => asked++)
  expect(interrupt.isAsked).toBe(false)
  process.emit('SIGINT')
  process.emit('SIGINT')
  process.emit('SIGTERM')
  expect(interrupt.isAsked).toBe(true)
  expect(asked).toBe(1)
  expect(exit).not.toHaveBeenCalled()
  await sleep(350)
  process.emit('SIGINT')
  expect(exit).toHaveBeenCalledWith(130)
})
