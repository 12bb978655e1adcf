import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { newToken } from '../http/token-file'
import { loadSettings } from '../settings/load-settings'
import { checkAccess } from './access'
import type { Finding } from './finding'

const newFolder = temporaryFolders()
const nowMs = Date.parse('2026-03-01T00:00:00Z')

function findings(env: Record<string, string>): string[] {
  const found: Finding[] = []
  checkAccess(loadSettings(undefined, env, []).http, { nowMs }, (finding) => found.push(finding))
  return found.map(({ status, found: what, advice }) => `${status}: ${what}; ${advice}`)
}

it('tells an open door, tokens without an end, and those that end', () => {
  expect(findings({})).toEqual([])
  expect(findings({ ASSAY_LISTEN_HOST: '0.0.0.0' })).toEqual([
    expect.stringMatching(/^warning: who reaches this address reads without a token what an operator may/),
  ])
  expect(findings({ ASSAY_TOKEN_HASHES: 'a'.repeat(64) })).toEqual([
    expect.stringMatching(/^warning: 1 tokens without a name.*assay tokens create/),
  ])
  const file = join(newFolder(), 'tokens.json')
  const env = { ASSAY_TOKEN_FILE: file, ASSAY_LISTEN_HOST: '0.0.0.0' }
  expect(findings(env)).toEqual([expect.stringMatching(/^problem: the tokens .* cannot be read/)])
  const { entry } = newToken({ name: 'ada', role: 'analyst', expiresAt: '2026-03-05T00:00:00Z' })
  writeFileSync(file, JSON.stringify({ tokens: [entry] }))
  expect(findings(env)).toEqual([expect.stringMatching(/^warning: the tokens of ada have ended or do/)])
  writeFileSync(file, JSON.stringify({ tokens: [{ ...entry, expiresAt: '2026-06-01T00:00:00Z' }] }))
  expect(findings(env)).toEqual(['ok: 1 tokens; '])
})
