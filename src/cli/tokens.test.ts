import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { accessOf } from '../http/access'
import { tokensCommand } from './tokens'

const newFolder = temporaryFolders()

/** What a command prints. */
function run(...args: string[]): string {
  let printed = ''
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const command = tokensCommand()
    for (const one of command.commands) one.exitOverride()
    command.parse(args, { from: 'user' })
    return printed
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
  }
}

it('makes tokens that a service knows until they are revoked, and keeps none of them', () => {
  const file = join(newFolder(), 'tokens.json')
  const ada = run('create', 'ada', '--role', 'analyst', '--file', file).trim()
  const wall = run('create', 'wall', '--role', 'viewer', '--file', file).trim()
  const callerOf = (token: string) =>
    accessOf({ tokens: [], tokenFile: file })(`Bearer ${token}`, { role: 'viewer' })
  expect(callerOf(ada)).toEqual({ name: 'ada', role: 'analyst', hasToken: true })
  expect(callerOf(wall)).toMatchObject({ name: 'wall', role: 'viewer' })
  // The secret itself may have a "_" in it.
  const secrets = [ada, wall].map((token) => token.split('_').slice(2).join('_'))
  for (const secret of secrets) expect(readFileSync(file, 'utf8')).not.toContain(secret)
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(run('list', '--file', file)).toMatch(/ada +analyst .*holds\n.*wall +viewer/)

  run('revoke', 'ada', '--file', file)
  expect(() => callerOf(ada)).toThrow(/not known/)
  expect(callerOf(wall)).toMatchObject({ name: 'wall' })
  expect(() => run('revoke', 'ada', '--file', file)).toThrow(/holds no token of this name/)
})

it.each([
  ['create', 'ada\u001b[2J', '--role', 'analyst'],
  ['create', 'ada', '--role', 'king'],
  ['create', 'ada'],
  ['create', 'ada', '--role', 'viewer', '--days', '0'],
])('refuses %s %j %s %s', (...args) => {
  expect(() => run(...args, '--file', join(newFolder(), 'tokens.json'))).toThrow()
})
