import { LogDamagedError, LogForgottenError, LogFullError, LogGapError, LogWriteError } from './log-errors'

it('tells what is lost of a log, and what to do', () => {
  expect(new LogGapError('events', 3, 10, 14).message).toBe(
    'log gap in events[3]: record 10 was expected, 14 came; 4 records are lost, most likely to the retention of the topic: ' +
      'restore the view from a later checkpoint, or empty its state and the logs behind it',
  )
})

it('is known by its name where only text is left of it, as in a journal', () => {
  const errors = [
    new LogFullError('no room'),
    new LogWriteError('no disk'),
    new LogDamagedError('0.log', 40, 'a record is damaged', 'put it back'),
    new LogForgottenError('events', 7),
    new LogGapError('events', 0, 1, 2),
  ]
  expect(errors.map((error) => String(error).split(':')[0])).toEqual([
    'LogFullError',
    'LogWriteError',
    'LogDamagedError',
    'LogForgottenError',
    'LogGapError',
  ])
})
