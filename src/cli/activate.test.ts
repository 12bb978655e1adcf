import { readFileSync } from 'node:fs'
import { temporaryFolders } from '../../test/support/temporary'
import { defaultPolicy, parsePolicy } from '../policy/policy'
import { activateInFolder, activationOf, policiesIn } from './activate'

const newFolder = temporaryFolders()
const next = parsePolicy({ version: 'next-1', oneWrongIn: 100 })
const of = (policy = next, by = 'ada') =>
  activationOf(policy, { by }, { nowMs: 1_709_481_600_000, id: 'p-1' })

it('appends the whole policy to those of the folder, and who is behind it', () => {
  const folder = newFolder()
  activateInFolder(folder, of(), defaultPolicy)
  activateInFolder(folder, of(), defaultPolicy)
  const lines = readFileSync(policiesIn(folder), 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  const record = JSON.parse(lines[0]!) as ReturnType<typeof of>
  expect(record).toMatchObject({
    kind: 'policy',
    actorId: 'ada',
    accountId: 'next-1',
    occurredAt: 1_709_481_600_000,
  })
  expect(parsePolicy(JSON.parse(record.text))).toEqual(next)
})

it('refuses a version that means something else already, there or at the beginning', () => {
  const folder = newFolder()
  activateInFolder(folder, of(), defaultPolicy)
  const other = parsePolicy({ version: 'next-1', oneWrongIn: 50 })
  expect(() => activateInFolder(folder, of(other), defaultPolicy)).toThrow(
    /version next-1 is in use and says something else of oneWrongIn/,
  )
  const unnamed = parsePolicy({ oneWrongIn: 50 })
  expect(() => activateInFolder(folder, of(unnamed), defaultPolicy)).toThrow(/version default-1 is in use/)
  expect(readFileSync(policiesIn(folder), 'utf8').split('\n')).toHaveLength(2)
})

it('takes the moment that it is told, and no other text', () => {
  const at = (text: string) => activationOf(next, { by: 'ada', at: text }, { nowMs: 0, id: 'p' }).occurredAt
  expect(at('2024-03-04T02:00:00Z')).toBe(Date.UTC(2024, 2, 4, 2))
  expect(() => at('soon')).toThrow(/--at should be a moment as ISO 8601/)
})
