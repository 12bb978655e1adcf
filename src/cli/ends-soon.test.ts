import { commandOf, start } from '../../test/support/child'

it('ends a process that something holds open, with the code it has', async () => {
  const child = start(commandOf('hold-open.ts'))
  await child.ended
  expect(child.process.exitCode).toBe(69)
})
