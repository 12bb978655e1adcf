import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { defaultPolicy, parsePolicy } from '../policy/policy'
import type { Policy } from '../policy/policy'
import { activateInFolder, activationOf, checkPolicies, policiesIn } from './activate'

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
    /version next-1 is in use in .* of before and says something else of oneWrongIn in this one/,
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

describe('a history that somebody wrote by hand', () => {
  const other = parsePolicy({ version: 'next-1', oneWrongIn: 50 })
  const line = (policy: Policy, at: string) =>
    JSON.stringify(activationOf(policy, { by: 'ada', at }, { nowMs: 0, id: `p-${at}` }))
  const checked = (...lines: string[]) => {
    const file = join(newFolder(), 'policies.ndjson')
    writeFileSync(file, lines.map((one) => `${one}\n`).join(''))
    return checkPolicies(file, defaultPolicy)
  }
  const [nine, ten, eleven] = ['2024-03-04T09:00:00Z', '2024-03-04T10:00:00Z', '2024-03-04T11:00:00Z']

  it('is refused when one version says two things, and is told where', async () => {
    const third = parsePolicy({ version: 'next-3' })
    await expect(checked(line(next, nine), line(third, ten), line(other, eleven))).rejects.toThrow(
      /version next-1 is in use in line 1 of \S+ and says something else of oneWrongIn in line 3 of \S+; .* another version/,
    )
    const unnamed = parsePolicy({ oneWrongIn: 50 })
    await expect(checked(line(unnamed, nine))).rejects.toThrow(
      /version default-1 is in use in the policy that it is begun with .* in line 1 of/,
    )
  })

  it('may say the same twice, and may take back what it said', async () => {
    expect(await checked(line(next, nine), line(defaultPolicy, ten), line(next, eleven))).toEqual([])
  })

  it('is told what stands behind a later policy, and goes on', async () => {
    const [told, ...more] = await checked(line(next, ten), line(parsePolicy({ version: 'early-1' }), nine))
    expect(told).toMatch(/^line 2 of .* is of 2024-03-04T09:00:00.000Z and stands behind line 1 of .*T10:00/)
    expect(told).toContain('version early-1 changes nothing')
    expect(more).toEqual([])
  })

  it('leaves to the run what no policy is, and what names another version than it holds', async () => {
    const wrong = { ...(JSON.parse(line(other, ten)) as object), accountId: 'next-2' }
    expect(await checked('{"no": "policy"}', line(next, nine), JSON.stringify(wrong), 'none')).toEqual([])
  })
})

it('does not join its line with one that was cut off while it was written', () => {
  const folder = newFolder()
  writeFileSync(policiesIn(folder), JSON.stringify(of()).slice(0, 80))
  activateInFolder(folder, of(), defaultPolicy)
  const lines = readFileSync(policiesIn(folder), 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  expect(JSON.parse(lines[1]!)).toEqual(of())
})
