import { CommanderError } from 'commander'
import { mkdtempSync, openSync } from 'node:fs'
import { LogFullError } from '../log/log-errors'
import { SettingsError, UnreachableError, UsageError } from '../model/errors'
import { explainError } from './explain-error'

/** What the system throws for it. */
function systemError(attempt: () => void): Error {
  try {
    attempt()
  } catch (error) {
    return error as Error
  }
  throw new Error('the attempt should have failed')
}

const noRoom = Object.assign(new Error('ENOSPC: no space left on device, write'), {
  code: 'ENOSPC',
  errno: -28,
  syscall: 'write',
})

it('gives the sentence and the exit code of a mistake', () => {
  expect(explainError(new UsageError('name it once'))).toEqual({ text: 'name it once', exitCode: 2 })
  expect(explainError(new UnreachableError('not there'))).toEqual({ text: 'not there', exitCode: 69 })
  expect(explainError(new SettingsError('no such setting'))).toEqual({
    text: 'no such setting',
    exitCode: 78,
  })
})

it('is silent on what has been said, and takes help for no mistake', () => {
  expect(explainError(new CommanderError(1, 'commander.unknownOption', 'x'))).toEqual({
    text: '',
    exitCode: 2,
  })
  expect(explainError(new CommanderError(0, 'commander.helpDisplayed', 'x'))).toEqual({
    text: '',
    exitCode: 0,
  })
})

it('says what to do where there is no room', () => {
  expect(explainError(Object.assign(noRoom, { path: 'state/x' }))).toEqual({
    text: 'state/x could not be written, there is no room left; free some space or raise the limit, then run the same command again',
    exitCode: 1,
  })
  const wrapped = new LogFullError('no room to append to x; free some space', { cause: noRoom })
  expect(explainError(wrapped).text).toBe(
    'no room to append to x; free some space; nothing that was put out is lost, and then the same command can be run again',
  )
})

it('says what to do where a place is missing or is no folder', () => {
  const missing = systemError(() => openSync('/nothing/there', 'w'))
  expect(explainError(missing)).toEqual({
    text: '/nothing/there cannot be opened, its folder is missing; create it, or name another place',
    exitCode: 69,
  })
  const under = systemError(() => mkdtempSync(`${__filename}/x`))
  expect(explainError(under).exitCode).toBe(69)
})

it('says what the system says where there is nothing better', () => {
  const strange = Object.assign(new Error('EIO: i/o error'), {
    code: 'EIO',
    errno: -5,
    syscall: 'read',
    path: 'x',
  })
  expect(explainError(strange)).toEqual({
    text: 'x could not be used (EIO: i/o error); see what the system says of it',
    exitCode: 1,
  })
})

it('shows where a bug is, and asks for a report', () => {
  const { text, exitCode } = explainError(new TypeError('x is not a function'))
  expect(exitCode).toBe(1)
  expect(text).toMatch(/^TypeError: x is not a function\n {4}at [^]*please report it with the lines above$/)
  expect(explainError('thrown by hand')).toMatchObject({ exitCode: 1 })
})
